import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { announcePromises } from '../../src/temporal/freshness.js';
import { freshnessWorkflowId } from '../../src/workflows/freshness-contract.js';
import { buildTestApi, config, eventually, startTemporal } from './service.js';

let app: FastifyInstance;
let client: Client;
before(async () => {
  ({ client } = await startTemporal());
  app = await buildTestApi(client, { temporalTimeouts: { readTimeoutMs: 3_000 } });
});

const authorization = `Bearer ${config.apiToken}`;
async function ask(query = '', headers: Record<string, string> = { authorization }) {
  const answer = await app.inject({ url: `/freshness${query}`, headers });
  return { status: answer.statusCode, body: answer.json() };
}

test('GET /freshness needs the token', async () => {
  assert.equal((await ask('', {})).status, 401);
  assert.equal((await ask('', { authorization: 'Bearer another' })).status, 401);
});

test('GET /freshness refuses a state and a limit that it does not have', async () => {
  for (const query of ['?state=early', '?limit=0', '?limit=20001', '?limit=many'])
    assert.equal((await ask(query)).status, 400, query);
});

test('GET /freshness takes a limit and a state', async () => {
  for (const query of ['?limit=1', '?limit=20000&state=late', '?state=all'])
    assert.deepEqual(await ask(query), { status: 200, body: { sites: [] } }, query);
});

test('GET /freshness has no site while nothing is promised, and is 503 where no worker can say what is', async () => {
  assert.deepEqual(await ask(), { status: 200, body: { sites: [] } });
  await announcePromises(client, '', 'one');
  const handle = client.workflow.getHandle(freshnessWorkflowId(''));
  const answer = await eventually(
    () => ask(),
    ({ status }) => status !== 200,
  );
  assert.equal(answer.status, 503);
  await handle.terminate();
  await eventually(
    () => ask(),
    ({ status }) => status === 200,
  );
});
