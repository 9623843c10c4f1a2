// SPDX-License-Identifier: Apache-2.0
// A gRPC server of every kind of call, with JSON for messages: what stands behind a pool of HTTP/2.
// It says in each answer who it is and how many calls it had.
'use strict';

const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');

const serialize = (value) => Buffer.from(JSON.stringify(value));
const deserialize = (bytes) => JSON.parse(bytes.toString());
const method = (path, asksInStream, answersInStream) => ({
  path: `/greeter/${path}`,
  requestStream: asksInStream,
  responseStream: answersInStream,
  requestSerialize: serialize,
  requestDeserialize: deserialize,
  responseSerialize: serialize,
  responseDeserialize: deserialize,
});
const service = {
  greet: method('greet', false, false),
  fail: method('fail', false, false),
  sleep: method('sleep', false, false),
  count: method('count', false, true),
  sum: method('sum', true, false),
  echo: method('echo', true, true),
};
module.exports = { service };

if (require.main === module) {
  const name = process.env.NAME || 'greeter';
  let calls = 0;
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 16 << 20 });
  server.addService(service, {
    greet: (call, done) => {
      calls += 1;
      const trailers = new grpc.Metadata();
      trailers.set('served-by', name);
      done(null, { by: name, calls, said: call.request.said, agent: call.metadata.get('user-agent')[0] },
        trailers);
    },
    fail: (call, done) => {
      const metadata = new grpc.Metadata();
      metadata.set('reason', 'asked-for');
      done({ code: call.request.code, details: 'as you wish', metadata });
    },
    sleep: (call, done) => setTimeout(() => done(null, {}), call.request.ms),
    count: (call) => {
      for (let at = 0; at < call.request.to; at += 1) call.write({ at });
      call.end();
    },
    sum: (call, done) => {
      let sum = 0;
      call.on('data', (one) => { sum += one.number; });
      call.on('end', () => done(null, { sum }));
    },
    echo: (call) => {
      call.on('data', (one) => call.write(one));
      call.on('end', () => call.end());
    },
  });
  // Over TLS where both files are named.
  const { CERTIFICATE, KEY, PORT } = process.env;
  const how = CERTIFICATE ? grpc.ServerCredentials.createSsl(null, [{
    cert_chain: fs.readFileSync(CERTIFICATE), private_key: fs.readFileSync(KEY),
  }]) : grpc.ServerCredentials.createInsecure();
  server.bindAsync(`127.0.0.1:${PORT}`, how, (why) => {
    if (why) throw why;
    console.log('ready');
  });
}
