// SPDX-License-Identifier: Apache-2.0
// farewell.js URL CLIENTS: so many clients connect, say nothing, and wait until they are told to go.
// Prints `open` when all stand; at the end one JSON array of what they heard, `CODE REASON`.
'use strict';

const WebSocket = require('ws');

const [url, clients] = process.argv.slice(2);
const sockets = Array.from({length: Number(clients)}, () => new WebSocket(url, ['chat']));
const farewells = sockets.map((socket) => new Promise((resolve, reject) => {
  socket.on('close', (code, reason) => resolve(`${code} ${reason}`));
  socket.on('error', reject);
}));
Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('message', resolve))))
  .then(() => console.log('open'))
  .then(() => Promise.all(farewells))
  .then((all) => console.log(JSON.stringify(all)))
  .catch((why) => { console.error(String(why)); process.exit(1); });
