// SPDX-License-Identifier: Apache-2.0
// Requests of one session that cross, through Express, express-session and connect-redis: what one
// has read is old when it saves. CONNECTIONS: `one` for reads and saves, `split` between them, or a
// `pool` that takes them in turn. Prints what became of ROUNDS rounds, as JSON.
'use strict';

const http = require('node:http');
const express = require('express');
const session = require('express-session');
const {RedisStore} = require('connect-redis');
const {createClient} = require('redis');

const storePort = Number(process.env.STORE_PORT);
const rounds = Number(process.env.ROUNDS);
const told = {refused: 0};

async function connect() {
  const client = createClient({socket: {port: storePort, host: '127.0.0.1'}});
  client.on('error', () => {});
  return client.connect();
}

// Whatever connection it takes for each command, connect-redis sees one client.
async function clientOf(connections) {
  const all = await Promise.all(Array.from({length: connections === 'pool' ? 3 : 2}, connect));
  let turn = 0;
  const reading = () => connections === 'pool' ? all[turn++ % 3] : all[0];
  const saving = () => connections === 'pool' ? all[turn++ % 3] : all[connections === 'one' ? 0 : 1];
  return {
    get: (key) => reading().get(key),
    set: (...words) => saving().set(...words).catch((why) => {
      if (!String(why).includes('CONFLICT')) throw why;
      told.refused += 1;
    }),
    expire: (...words) => saving().expire(...words),
    del: (...words) => saving().del(...words),
    scanIterator: () => { throw new Error('nobody lists'); },
    quit: () => Promise.all(all.map((each) => each.quit())),
  };
}

function ask(port, path, cookie) {
  return new Promise((done, failed) => http.get(
      {port, path, host: '127.0.0.1', agent, headers: cookie ? {cookie} : {}}, (response) => {
        let text = '';
        response.on('data', (some) => { text += some; });
        response.on('end', () => done({text, cookie: (response.headers['set-cookie'] || [''])[0].split(';')[0]}));
      }).on('error', failed));
}
const agent = new http.Agent({keepAlive: true});

async function main() {
  const client = await clientOf(process.env.CONNECTIONS);
  const shop = express();
  const waiting = [];
  shop.use(session({store: new RedisStore({client, ttl: 600}), secret: 'a secret of the shop',
                    resave: false, saveUninitialized: false, cookie: {maxAge: 600000}}));
  shop.get('/begin', (request, response) => {
    request.session.cart = [];
    request.session.name = 'ann';
    response.send('begun');
  });
  // Both have read before one of them goes on.
  shop.get('/add/:item', (request, response) => {
    waiting.push(() => {
      request.session.cart = [...request.session.cart, request.params.item];
      response.send('added');
    });
    if (waiting.length === 2) for (const each of waiting.splice(0)) each();
  });
  let slow = null;
  let hasRead = () => {};
  shop.get('/slow', (request, response) => {
    slow = () => {
      request.session.cart = ['slow'];
      response.send('saved');
    };
    hasRead();
  });
  shop.get('/logout', (request, response) => request.session.destroy(() => response.send('out')));
  shop.get('/cart', (request, response) => response.json(request.session.cart || []));
  shop.get('/me', (request, response) => response.send(request.session.name || 'nobody'));
  const server = shop.listen(0, '127.0.0.1');
  await new Promise((done) => server.on('listening', done));
  const {port} = server.address();

  if (process.env.WHAT === 'logout') {
    told.undone = 0;
    for (let round = 0; round < rounds; ++round) {
      const {cookie} = await ask(port, '/begin');
      const read = new Promise((done) => { hasRead = done; });
      const saved = ask(port, '/slow', cookie);
      await read;
      await ask(port, '/logout', cookie);
      if (round % 2) await ask(port, '/me', cookie);  // the browser's next request
      slow();
      await saved;
      if ((await ask(port, '/me', cookie)).text !== 'nobody') told.undone += 1;
    }
  } else {
    const {cookie} = await ask(port, '/begin');
    for (let round = 0; round < rounds; ++round)
      await Promise.all([ask(port, `/add/a${round}`, cookie), ask(port, `/add/b${round}`, cookie)]);
    const cart = JSON.parse((await ask(port, '/cart', cookie)).text);
    told.items = cart.length;
    told.different = new Set(cart).size;
  }
  console.log(JSON.stringify(told));
  server.close();
  agent.destroy();
  await client.quit();
}

main();
