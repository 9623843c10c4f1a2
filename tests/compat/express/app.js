// SPDX-License-Identifier: Apache-2.0
// Express with express-session; its store by CLIENT: connect-redis on node-redis or on ioredis,
// or connect-valkey on Valkey GLIDE.
'use strict';
const express = require('express');
const session = require('express-session');
const {gate, versions} = require('../gate.js');

const host = '127.0.0.1';
const port = Number(process.env.STORE_PORT);
const ttl = Number(process.env.LIFETIME);

const CLIENTS = {
  'node-redis': async () => {
    const {RedisStore} = require('connect-redis');
    const client = require('redis').createClient({socket: {host, port}});
    client.on('error', () => {});
    await client.connect();
    return {store: new RedisStore({client, ttl}), command: (word) => client.sendCommand([word]),
            about: versions('express-session', 'connect-redis', 'redis')};
  },
  'ioredis': async () => {
    const {RedisStore} = require('connect-redis-8');
    const client = new (require('ioredis').Redis)({host, port});
    return {store: new RedisStore({client, ttl}), command: (word) => client.call(word),
            about: versions('express-session', 'connect-redis-8', 'ioredis')};
  },
  'glide': async () => {
    const {ValkeyStore} = require('connect-valkey');
    const {GlideClient} = require('@valkey/valkey-glide');
    const client = await GlideClient.createClient({addresses: [{host, port}]});
    return {store: new ValkeyStore({client, ttl}), command: (word) => client.customCommand([word]),
            about: versions('express-session', 'connect-valkey', '@valkey/valkey-glide')};
  },
};

(async () => {
  const {store, command, about} = await CLIENTS[process.env.CLIENT]();
  const app = express();
  app.get('/about', (request, response) => response.send(about));
  app.get('/all', (request, response, next) => store.all((failed, all) =>
      failed ? next(failed) : response.json(all.map((each) => each.items || []))));
  app.get('/command', async (request, response) => response.send(
      await command(request.query.word).then(() => 'OK', (failed) => failed.message)));
  app.use(session({store, secret: 'of the test', resave: false, saveUninitialized: false}));
  app.get('/items', (request, response) => response.json(request.session.items || []));
  app.get('/me', (request, response) => response.send(request.session.user || 'nobody'));
  app.get('/add', async (request, response) => {
    await gate(request.query.gate);
    request.session.items = [...(request.session.items || []), request.query.item];
    response.json(request.session.items);
  });
  app.get('/login', (request, response, next) => {
    const {items} = request.session;
    request.session.regenerate((failed) => {
      if (failed) return next(failed);
      Object.assign(request.session, {items, user: request.query.name});
      response.send('in');
    });
  });
  app.get('/logout', (request, response, next) => request.session.destroy((failed) =>
      failed ? next(failed) : response.send('out')));
  app.listen(Number(process.env.PORT), host);
})();
