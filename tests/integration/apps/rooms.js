// SPDX-License-Identifier: Apache-2.0
// socket.io beside express-session, in one process: polling and WebSockets, and who is logged in.
'use strict';

const http = require('http');
const express = require('express');
const session = require('express-session');
const {Server} = require('socket.io');

const app = express();
const sessions = session({secret: 'a test', resave: false, saveUninitialized: true});
app.use(sessions);
app.use(express.urlencoded({extended: false}));
app.get('/me', (request, response) => {
  response.json({name: request.session.name || '', process: process.pid});
});
app.post('/login', (request, response, next) => {
  request.session.regenerate((why) => {
    if (why) return next(why);
    request.session.name = request.body.name;
    request.session.save((failed) => failed ? next(failed) : response.json({process: process.pid}));
  });
});

const server = http.createServer(app);
const io = new Server(server);
io.engine.use(sessions);
io.on('connection', (socket) => {
  let count = 0;
  socket.on('add', (answer) => {
    const {name} = socket.request.session;
    answer({count: ++count, name: name || '', process: process.pid});
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
