// SPDX-License-Identifier: Apache-2.0
// chat.js URL CLIENTS MESSAGES COOKIE: each client sends texts, binaries and a large message, checks
// every echo, pings, and ends with `bye`. Prints one JSON object of what the clients saw.
'use strict';

const WebSocket = require('ws');

const [url, clients, messages, cookie] = process.argv.slice(2);

function talk(at) {
  return new Promise((resolve, reject) => {
    const headers = cookie ? {Cookie: cookie} : {};
    const socket = new WebSocket(url, ['chat'], {headers});
    const sent = [];
    const seen = {process: '', protocol: '', pongs: 0, echoes: 0, setCookie: []};
    for (let i = 0; i < Number(messages); ++i) {
      sent.push(i % 3 ? `client ${at} says ${i}` : Buffer.alloc(i * 50 + 1, i));
    }
    sent.push(Buffer.alloc(1 << 20, at));
    socket.on('upgrade', (response) => { seen.setCookie = response.headers['set-cookie'] || []; });
    socket.on('open', () => { seen.protocol = socket.protocol; socket.ping(); });
    socket.on('pong', () => { ++seen.pongs; });
    socket.on('message', (data) => {
      if (!seen.process) {
        seen.process = String(data);
        sent.forEach((each) => socket.send(each));
        return;
      }
      if (Buffer.compare(data, Buffer.from(sent[seen.echoes])) !== 0) {
        reject(new Error(`client ${at}: echo ${seen.echoes} is another`));
      }
      if (++seen.echoes === sent.length) socket.send('bye');
    });
    socket.on('close', (code, reason) => resolve({...seen, code, reason: String(reason)}));
    socket.on('error', reject);
  });
}

Promise.all(Array.from({length: Number(clients)}, (_, at) => talk(at)))
  .then((seen) => console.log(JSON.stringify(seen)))
  .catch((why) => { console.error(String(why)); process.exit(1); });
