// SPDX-License-Identifier: Apache-2.0
// Says its name first, then whatever it is told, text or binary; `bye` ends with code 4001. Writes a
// line with code and reason when a client has ended.
'use strict';

const {WebSocketServer} = require('ws');

const server = new WebSocketServer({
  port: Number(process.env.PORT), host: '127.0.0.1',
  perMessageDeflate: process.env.DEFLATE === '1',
  handleProtocols: (offered) => offered.has('chat') ? 'chat' : false,
});
server.on('listening', () => console.log('ready'));
server.on('connection', (socket) => {
  socket.send(String(process.pid));
  socket.on('close', (code, reason) => console.log(`${code} ${reason}`));
  socket.on('message', (data, isBinary) => {
    if (String(data) === 'bye') socket.close(4001, 'as asked');
    else socket.send(data, {binary: isBinary});
  });
});
