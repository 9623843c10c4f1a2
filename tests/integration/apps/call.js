// SPDX-License-Identifier: Apache-2.0
// A gRPC client that makes calls of every kind at ADDRESS and prints what came of them as JSON.
// call.js ADDRESS [CALL ...]; over TLS where AUTHORITY names a file of who is believed.
'use strict';

const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const { service } = require('./greeter.js');

const [address, ...wanted] = process.argv.slice(2);
const Client = grpc.makeGenericClientConstructor(service, 'greeter');
const { AUTHORITY } = process.env;
const client = new Client(address,
  AUTHORITY ? grpc.credentials.createSsl(fs.readFileSync(AUTHORITY))
    : grpc.credentials.createInsecure(),
  { 'grpc.max_receive_message_length': 16 << 20 });

const outcome = (why) => (why
  ? { code: why.code, details: why.details, reason: why.metadata && why.metadata.get('reason')[0] }
  : { code: 0 });
const unary = (name, asked, options = {}) => new Promise((told) => {
  let trailers = {};
  const call = client[name](asked, new grpc.Metadata(), options, (why, answer) => {
    // The status comes after the answer, and with it the trailers.
    setImmediate(() => told({ ...outcome(why), answer, trailers }));
  });
  call.on('status', (status) => { trailers = status.metadata.getMap(); });
});
const stream = (call) => new Promise((told) => {
  const got = [];
  call.on('data', (one) => got.push(one));
  call.on('error', (why) => told({ ...outcome(why), got: got.length }));
  call.on('end', () => told({ code: 0, got: got.length, last: got.at(-1) }));
});

const calls = {
  greet: () => unary('greet', { said: 'hello' }),
  large: async () => {
    const said = 'x'.repeat(4 << 20);
    const { code, answer } = await unary('greet', { said });
    return { code, whole: answer !== undefined && answer.said === said };
  },
  fail: () => unary('fail', { code: grpc.status.FAILED_PRECONDITION }),
  late: () => unary('sleep', { ms: 5000 }, { deadline: Date.now() + 300 }),
  count: () => stream(client.count({ to: 1000 })),
  sum: () => new Promise((told) => {
    const call = client.sum((why, answer) => told({ ...outcome(why), answer }));
    for (let number = 1; number <= 1000; number += 1) call.write({ number });
    call.end();
  }),
  echo: () => {
    // Each message waits for the one before: both ways must be open at once.
    const call = client.echo();
    let sent = 0;
    const next = () => { if (sent < 100) call.write({ number: sent += 1 }); else call.end(); };
    call.on('data', next);
    next();
    return stream(call);
  },
  cancel: () => {
    const call = client.echo();
    call.on('data', () => call.cancel());
    call.write({ number: 1 });
    return stream(call);
  },
  many: async () => {
    const all = await Promise.all(Array.from({ length: 300 }, () => unary('greet', { said: 'x' })));
    return { codes: [...new Set(all.map((each) => each.code))],
      by: [...new Set(all.filter((each) => each.answer).map((each) => each.answer.by))].sort() };
  },
};

(async () => {
  const told = {};
  for (const name of wanted.length > 0 ? wanted : Object.keys(calls)) told[name] = await calls[name]();
  console.log(JSON.stringify(told));
  client.close();
})();
