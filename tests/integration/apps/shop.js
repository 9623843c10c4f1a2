// SPDX-License-Identifier: Apache-2.0
// A shop whose carts live in the memory of one process: on another one, the cart is empty.
'use strict';

const express = require('express');
const session = require('express-session');

const shop = express();
shop.use(session({secret: 'a secret of the shop', resave: false, saveUninitialized: true}));
shop.use(express.json());
shop.use(express.urlencoded({extended: false}));

shop.get('/cart', (request, response) => {
  response.json({items: request.session.items || [], process: process.pid});
});

shop.post('/cart', (request, response) => {
  request.session.items = [...(request.session.items || []), request.body.item];
  response.status(201).json({items: request.session.items, process: process.pid});
});

shop.post('/login', (request, response) => {
  request.session.regenerate(() => {
    request.session.name = request.body.name;
    response.redirect(303, '/me');
  });
});

shop.get('/me', (request, response) => response.send(`I am ${request.session.name}`));

shop.get('/slow', (request, response) => {
  response.write('begun;');
  setTimeout(() => response.end('ended'), 100);
});

shop.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
