// SPDX-License-Identifier: Apache-2.0
// A shop with a cart. All that any Express application with connect-redis does; nothing knows of Hawser.
'use strict';
const express = require('express');
const session = require('express-session');
const {RedisStore} = require('connect-redis');
const {createClient} = require('redis');

const client = createClient({url: `redis://127.0.0.1:${process.env.SESSIONS_PORT || 6379}`});
client.on('error', (why) => console.error(`sessions: ${why.message}`));  // it connects again by itself
client.connect();

const escape = (text) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);

const page = (items) => `<!doctype html><title>Shop</title>
<h1>Your cart</h1>
<ul>${items.map((each) => `<li>${escape(each)}</li>`).join('')}</ul>
<form method="post"><input name="item" autofocus><button>Add</button></form>
<p>Served by process ${process.pid}.`;

const shop = express();
shop.use(session({
  store: new RedisStore({client}),
  secret: process.env.SECRET || 'of the example',
  resave: false,
  saveUninitialized: false,
}));
shop.use(express.urlencoded({extended: false}));
shop.get('/', (request, response) => response.send(page(request.session.items || [])));
shop.post('/', (request, response) => {
  request.session.items = [...(request.session.items || []), String(request.body.item).slice(0, 80)];
  response.redirect(303, '/');
});
shop.listen(Number(process.env.PORT), '127.0.0.1');
