// SPDX-License-Identifier: Apache-2.0
// An MCP server over streamable HTTP: a conversation lives in the memory of one process, which knows it by
// the id that it gave in `Mcp-Session-Id`.
'use strict';

const {randomUUID} = require('node:crypto');
const express = require('express');
const {McpServer} = require('@modelcontextprotocol/sdk/server/mcp.js');
const {StreamableHTTPServerTransport} =
    require('@modelcontextprotocol/sdk/server/streamableHttp.js');

const conversations = new Map();

function makeServer() {
  let count = 0;
  const server = new McpServer({name: 'counter', version: '1.0.0'});
  server.registerTool('count', {description: 'Counts the calls of this conversation.'},
                      async () => ({content: [{type: 'text', text: `${++count} ${process.pid}`}]}));
  return server;
}

async function begin() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => conversations.set(id, transport),
  });
  transport.onclose = () => conversations.delete(transport.sessionId);
  await makeServer().connect(transport);
  return transport;
}

const app = express();
app.use(express.json());
app.all('/mcp', async (request, response) => {
  const id = request.get('Mcp-Session-Id');
  const transport = id === undefined ? await begin() : conversations.get(id);
  if (transport === undefined) return response.status(404).json({error: 'no such session'});
  return transport.handleRequest(request, response, request.body);
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
