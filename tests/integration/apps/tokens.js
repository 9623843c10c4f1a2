// SPDX-License-Identifier: Apache-2.0
// `tokens.js FILE USER...`: an issuer of tokens with a key of each kind. Writes its JWK set to FILE and
// prints, as JSON, tokens of each user by each key, one that is over, and one of another issuer.
'use strict';

const fs = require('node:fs');

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
const [file, ...users] = process.argv.slice(2);

async function main() {
  const {SignJWT, exportJWK, generateKeyPair} = await import('jose');
  const keys = [];
  const told = {tokens: {}};
  const sign = (user, alg, kid, key, end) =>
      new SignJWT({}).setProtectedHeader({alg, kid}).setSubject(user).setIssuer('https://id.example')
          .setIssuedAt().setExpirationTime(end).sign(key);
  for (const user of users) told.tokens[user] = {};
  for (const alg of ALGORITHMS) {
    const {publicKey, privateKey} = await generateKeyPair(alg, {extractable: true});
    keys.push({...await exportJWK(publicKey), kid: `key-${alg}`, alg, use: 'sig'});
    for (const user of users)
      told.tokens[user][alg] = await sign(user, alg, `key-${alg}`, privateKey, '1h');
    if (alg === 'ES256') told.expired = await sign(users[0], alg, 'key-ES256', privateKey, '-1h');
  }
  const {privateKey} = await generateKeyPair('ES256');
  told.forged = await sign(users[0], 'ES256', 'key-ES256', privateKey, '1h');
  told.foreign = await sign(users[0], 'ES256', 'another-key', privateKey, '1h');
  fs.writeFileSync(file, JSON.stringify({keys}));
  console.log(JSON.stringify(told));
}

main();
