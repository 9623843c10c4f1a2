// SPDX-License-Identifier: Apache-2.0
// Saves a session again and again through ioredis, which connects again by itself, until a line
// comes: then prints which of its values was acknowledged last.
'use strict';

const Redis = require('ioredis');

const client = new Redis(Number(process.argv[2]), { maxRetriesPerRequest: 100 });
client.on('error', () => {}); // it connects again
let isOver = false;
process.stdin.once('data', () => { isOver = true; });

async function save() {
  let count = 0;
  while (!isOver) {
    count += 1;
    await client.set('sess:node', String(count), 'EX', 600);
  }
  await client.quit();
  process.stdin.destroy();
  console.log(count);
}

save();
