// SPDX-License-Identifier: Apache-2.0
// A shop whose sessions lie where STORE_PORT leads, by connect-redis on CLIENT: any process serves
// them. `/slow` has read its session when it says so, and saves it once `/go` was asked for.
'use strict';

const express = require('express');
const session = require('express-session');
const {RedisStore} = require('connect-redis');

const port = Number(process.env.STORE_PORT);
const password = process.env.STORE_PASSWORD;

async function connect() {
  if (process.env.CLIENT === 'ioredis') {
    const {Redis} = require('ioredis');
    return new Redis({port, host: '127.0.0.1', password});
  }
  const {createClient} = require('redis');
  const client = createClient({socket: {port, host: '127.0.0.1'}, password});
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function main() {
  const store = new RedisStore({client: await connect(), ttl: 600});
  const shop = express();
  const waiting = [];
  shop.get('/go', (request, response) => {
    for (const each of waiting.splice(0)) each();
    response.send('gone');
  });
  shop.get('/all', (request, response) => {
    store.all((failed, all) => store.length((none, count) =>
        response.json({failed: failed || none, count, carts: all.map((one) => one.items || [])})));
  });
  shop.use(session({store, secret: 'a secret of the shop', resave: false, saveUninitialized: false}));
  shop.get('/cart', (request, response) => response.json(request.session.items || []));
  shop.get('/add/:item', (request, response) => {
    request.session.items = [...(request.session.items || []), request.params.item];
    response.json(request.session.items);
  });
  shop.get('/slow', (request, response) => {
    request.session.items = [...(request.session.items || []), 'slow'];
    waiting.push(() => response.send('saved'));
    process.stdout.write('read\n');
  });
  shop.get('/login', (request, response) => request.session.regenerate((failed) => {
    request.session.name = 'ann';
    response.status(failed ? 500 : 200).send('in');
  }));
  shop.get('/me', (request, response) => response.send(request.session.name || 'nobody'));
  shop.get('/logout', (request, response) => request.session.destroy((failed) =>
      response.status(failed ? 500 : 200).send('out')));
  shop.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
}

main();
