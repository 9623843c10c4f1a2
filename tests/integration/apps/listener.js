// SPDX-License-Identifier: Apache-2.0
// Listens to channels and to expiry as applications do, by the library that LIBRARY names, and
// prints what it has heard, in JSON.
'use strict';

const url = `redis://127.0.0.1:${process.env.PORT}`;
const EXPIRED = '__keyevent@0__:expired';
const heard = [];
let wake = () => {};
const hear = (...words) => { heard.push(words); wake(); };
const until = async (count) => {
  while (heard.length < count) await new Promise((resolve) => { wake = resolve; });
};

const clients = {
  'node-redis': async () => {
    const { createClient } = require('redis');
    const [listens, works] = [createClient({ url }), createClient({ url })];
    await Promise.all([listens.connect(), works.connect()]);
    await works.configSet('notify-keyspace-events', 'Egx');
    await listens.subscribe('news', (text, channel) => hear('message', channel, text));
    await listens.subscribe(EXPIRED, (text, channel) => hear('message', channel, text));
    await listens.pSubscribe('room:*', (text, channel) => hear('pattern', channel, text));
    return {
      set: (key, ms) => works.set(key, 'v', { PX: ms }),
      exists: (key) => works.exists(key),
      publish: (channel, text) => works.publish(channel, text),
      leave: () => listens.unsubscribe('news'),
      numsub: async () => (await works.pubSubNumSub('news')).news,
      events: async () => (await works.configGet('notify-keyspace-events'))['notify-keyspace-events'],
      end: () => Promise.all([listens.quit(), works.quit()]),
    };
  },
  ioredis: async () => {
    const Redis = require('ioredis');
    const [listens, works] = [new Redis(url), new Redis(url)];
    await works.config('SET', 'notify-keyspace-events', 'Egx');
    listens.on('message', (channel, text) => hear('message', channel, text));
    listens.on('pmessage', (_, channel, text) => hear('pattern', channel, text));
    await listens.subscribe('news', EXPIRED);
    await listens.psubscribe('room:*');
    return {
      set: (key, ms) => works.set(key, 'v', 'PX', ms),
      exists: (key) => works.exists(key),
      publish: (channel, text) => works.publish(channel, text),
      leave: () => listens.unsubscribe('news'),
      numsub: async () => Number((await works.pubsub('NUMSUB', 'news'))[1]),
      events: async () => (await works.config('GET', 'notify-keyspace-events'))[1],
      end: () => Promise.all([listens.quit(), works.quit()]),
    };
  },
};

(async () => {
  const client = await clients[process.env.LIBRARY]();
  const told = [await client.publish('news', 'one'), await client.publish('room:5', 'two'),
    await client.publish('nobody', 'x')];
  await until(2);
  await client.set('soon', 300);
  await until(3);
  const left = await client.exists('soon');
  await client.leave();
  told.push(await client.publish('news', 'three'));
  const [subscribers, events] = [await client.numsub(), await client.events()];
  await client.end();
  console.log(JSON.stringify({ heard, told, left, subscribers, events }));
})().catch((error) => { console.error(error); process.exit(1); });
