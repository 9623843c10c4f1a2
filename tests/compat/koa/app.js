// SPDX-License-Identifier: Apache-2.0
// Koa with koa-generic-session and koa-redis, which brings an ioredis of its own.
'use strict';
const Koa = require('koa');
const session = require('koa-generic-session');
const redisStore = require('koa-redis');
const {gate, versions} = require('../gate.js');

const store = redisStore({host: '127.0.0.1', port: Number(process.env.STORE_PORT)});
const app = new Koa();
app.keys = ['of the test'];

const PAGES = {
  '/items': (page) => { page.body = page.session.items || []; },
  '/me': (page) => { page.body = page.session.user || 'nobody'; },
  '/add': async (page) => {
    const items = page.session.items || [];
    await gate(page.query.gate);
    page.body = page.session.items = [...items, page.query.item];
  },
  '/login': async (page) => {
    const {items} = page.session;
    await page.regenerateSession();
    Object.assign(page.session, {items, user: page.query.name});
    page.body = 'in';
  },
  '/logout': (page) => {
    page.session = null;
    page.body = 'out';
  },
};

app.use(async (page, next) => {
  if (page.path === '/about') {
    page.body = versions('koa-generic-session', 'koa-redis', 'koa-redis/node_modules/ioredis');
  } else if (page.path === '/command') {
    page.body = await store.client.call(page.query.word).then(() => 'OK', (why) => why.message);
  } else {
    await next();
  }
});
app.use(session({store, ttl: Number(process.env.LIFETIME) * 1000}));
app.use((page) => PAGES[page.path](page));
app.listen(Number(process.env.PORT), '127.0.0.1');
