// SPDX-License-Identifier: Apache-2.0
// A request that is to wait says so by a connection to `port`, and goes on at its first byte.
'use strict';
const net = require('node:net');

exports.gate = (port) => new Promise((go, fail) => {
  if (!port) return go();
  const waiting = net.connect(Number(port), '127.0.0.1');
  waiting.once('data', () => { waiting.end(); go(); });
  waiting.once('error', fail);
});

exports.versions = (...names) => names.map((name) => {
  const folder = require('node:path').join(__dirname, 'node_modules', name, 'package.json');
  const {name: called, version} = JSON.parse(require('node:fs').readFileSync(folder));
  return `${called} ${version}`;
}).join(', ');
