// SPDX-License-Identifier: Apache-2.0
// rooms_client.js URL CLIENTS CALLS TRANSPORTS LOGIN: socket.io clients, each from an address of its
// own; with LOGIN they log in first and carry their cookies. Prints what each was told, as JSON.
'use strict';

const http = require('http');
const {io} = require('socket.io-client');

const [url, clients, calls, transports, login] = process.argv.slice(2);

class Visitor {
  constructor(at) {
    this.name = `user-${at}`;
    this.agent = new http.Agent({localAddress: `127.0.1.${at + 1}`, keepAlive: true});
    this.jar = new Map();
  }

  get cookie() { return [...this.jar].map((pair) => pair.join('=')).join('; '); }

  ask(method, path, body) {
    return new Promise((resolve, reject) => {
      const headers = {Cookie: this.cookie};
      if (body) headers['Content-Type'] = 'application/x-www-form-urlencoded';
      const asked = http.request(url + path, {method, headers, agent: this.agent}, (answer) => {
        for (const each of answer.headers['set-cookie'] || []) {
          const [name, value] = each.split(';')[0].split('=');
          this.jar.set(name, value);
        }
        let text = '';
        answer.on('data', (part) => { text += part; });
        answer.on('end', () => resolve(JSON.parse(text)));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  async logIn() {
    const before = await this.ask('GET', '/me');
    const id = this.jar.get('connect.sid');
    const during = await this.ask('POST', '/login', `name=${this.name}`);
    if (this.jar.get('connect.sid') === id) throw new Error('the id stayed');
    const after = await this.ask('GET', '/me');
    return [before, during, after];
  }

  async talk() {
    const told = login ? await this.logIn() : [];
    const options = {transports: transports.split(','), agent: this.agent, forceNew: true,
                     reconnection: false, timeout: 10000};
    if (login) options.extraHeaders = {Cookie: this.cookie};
    const socket = io(url, options);
    await new Promise((resolve, reject) => {
      socket.on('connect', resolve);
      socket.on('connect_error', reject);
    });
    const lost = new Promise((_, reject) => socket.on('disconnect', (why) => reject(new Error(why))));
    for (let i = 0; i < Number(calls); ++i) {
      told.push(await Promise.race([lost, socket.timeout(10000).emitWithAck('add')]));
    }
    lost.catch(() => {});
    const carrier = socket.io.engine.transport.name;
    socket.close();
    this.agent.destroy();
    return {name: this.name, carrier, told};
  }
}

Promise.all(Array.from({length: Number(clients)}, (_, at) => new Visitor(at).talk()))
  .then((told) => { console.log(JSON.stringify(told)); process.exit(0); })
  .catch((why) => { console.error(String(why)); process.exit(1); });
