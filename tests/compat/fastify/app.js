// SPDX-License-Identifier: Apache-2.0
// Fastify with @fastify/session, kept by connect-redis on node-redis.
'use strict';
const {RedisStore} = require('connect-redis');
const {gate, versions} = require('../gate.js');

(async () => {
  const client = require('redis').createClient(
      {socket: {host: '127.0.0.1', port: Number(process.env.STORE_PORT)}});
  client.on('error', () => {});
  await client.connect();
  const store = new RedisStore({client, ttl: Number(process.env.LIFETIME)});

  const app = require('fastify')();
  app.get('/about', async () => versions('@fastify/session', 'connect-redis', 'redis'));
  app.get('/command', async (request) => client.sendCommand([request.query.word])
      .then(() => 'OK', (why) => why.message));
  app.get('/all', async () => (await store.all()).map((each) => each.items || []));
  app.register(async (shop) => {
    shop.register(require('@fastify/cookie'));
    shop.register(require('@fastify/session'), {
      store, secret: 'of the test, of at least 32 characters', cookie: {secure: false},
      saveUninitialized: false});
    shop.get('/items', async (request) => request.session.items || []);
    shop.get('/me', async (request) => request.session.user || 'nobody');
    shop.get('/add', async (request) => {
      await gate(request.query.gate);
      request.session.items = [...(request.session.items || []), request.query.item];
      return request.session.items;
    });
    shop.get('/login', async (request) => {
      await request.session.regenerate(['items']);
      request.session.user = request.query.name;
      return 'in';
    });
    shop.get('/logout', async (request) => {
      await request.session.destroy();
      return 'out';
    });
  });
  await app.listen({port: Number(process.env.PORT), host: '127.0.0.1'});
})();
