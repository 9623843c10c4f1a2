// SPDX-License-Identifier: Apache-2.0
// farewell.js URL CLIENTS: so many clients connect, say nothing, and wait until they are told to go.
// Prints `open` when all stand; at the end one JSON array of the codes that they heard.
'use strict';

const WebSocket = require('ws');

const [url, clients] = process.argv.slice(2);
const sockets = Array.from({length: Number(clients)}, () => new WebSocket(url, ['chat']));
const heard = (socket, event) => new Promise((resolve, reject) => {
  socket.on(event, resolve);
  socket.on('error', reject);
});

const codes = sockets.map((socket) => heard(socket, 'close'));
Promise.all(sockets.map((socket) => heard(socket, 'message')))
  .then(() => console.log('open'))
  .then(() => Promise.all(codes))
  .then((all) => console.log(JSON.stringify(all)))
  .catch((why) => { console.error(String(why)); process.exit(1); });
