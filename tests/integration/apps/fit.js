// SPDX-License-Identifier: Apache-2.0
// A gRPC server of the health protocol (grpc.health.v1): serving, and after SIGUSR2 no more, and so on.
// Of services it knows `shop.Cart`, and the server as a whole.
'use strict';

const grpc = require('@grpc/grpc-js');

const SERVING = 1;
const NOT_SERVING = 2;
let status = SERVING;
process.on('SIGUSR2', () => { status = status === SERVING ? NOT_SERVING : SERVING; });

// HealthCheckRequest has one field, `service`; HealthCheckResponse has one, `status`.
const service = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (name) => Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]),
    requestDeserialize: (bytes) => bytes.subarray(2).toString(),
    responseSerialize: (value) => Buffer.from([0x08, value]),
    responseDeserialize: (bytes) => bytes[1],
  },
};

const server = new grpc.Server();
server.addService(service, {
  check: (call, done) => {
    if (['', 'shop.Cart'].includes(call.request)) return done(null, status);
    return done({ code: grpc.status.NOT_FOUND, details: 'unknown service' });
  },
});
server.bindAsync(`127.0.0.1:${process.env.PORT}`, grpc.ServerCredentials.createInsecure(), (why) => {
  if (why) throw why;
  console.log('ready');
});
