// SPDX-License-Identifier: Apache-2.0
// `mcp_client.js URL CLIENTS CALLS`: so many MCP clients at once, each with a conversation of so many
// calls. Prints what each was told, as JSON.
'use strict';

const {Client} = require('@modelcontextprotocol/sdk/client/index.js');
const {StreamableHTTPClientTransport} =
    require('@modelcontextprotocol/sdk/client/streamableHttp.js');

const [url, clients, calls] = process.argv.slice(2);

async function converse() {
  const client = new Client({name: 'caller', version: '1.0.0'});
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  const told = [];
  for (let n = 0; n < Number(calls); ++n) {
    const answer = await client.callTool({name: 'count'});
    told.push(answer.content[0].text);
  }
  await transport.terminateSession();
  await client.close();
  return told;
}

Promise.all(Array.from({length: Number(clients)}, converse))
    .then((all) => console.log(JSON.stringify(all)));
