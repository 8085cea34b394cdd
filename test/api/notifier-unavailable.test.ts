import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findBinary } from '../../src/temporal/binaries.js';
import { startTestServer } from '../helpers/test-server.js';
import { assertHas, clientWithoutServer, eventually, failure, buildTestApp, signalsOf } from './service.js';

describe('while Temporal is unavailable', () => {
  test('a webhook is answered 503 in time, with Retry-After', async () => {
    const { app: withoutTemporal } = await buildTestApp(clientWithoutServer(), {
      temporalTimeouts: { webhookTimeoutMs: 200, backgroundTimeoutMs: 5_000 },
    });
    const began = Date.now();
    const answer = await withoutTemporal.inject({
      method: 'POST',
      url: '/notifier/current-secret-0001',
      payload: failure(),
    });
    assert.equal(answer.statusCode, 503);
    assert.ok(Date.now() - began < 4_000, `${Date.now() - began} ms`);
    assert.match(String(answer.headers['retry-after']), /^\d+$/);
    assertHas(answer.json(), { code: 'TEMPORAL_UNAVAILABLE' });
  });

  test('the signal continues in the background and arrives when Temporal is available again', async (t) => {
    const port = await freePort();
    const connection = Connection.lazy({ address: `127.0.0.1:${port}`, interceptors: [] });
    t.after(() => connection.close());
    const { app: early, log: earlyLog } = await buildTestApp(new Client({ connection }), {
      temporalTimeouts: { webhookTimeoutMs: 100 },
      searchAttributes: async () => false,
    });
    const event = failure();
    const answer = await early.inject({ method: 'POST', url: '/notifier/current-secret-0001', payload: event });
    assert.equal(answer.statusCode, 503);

    const path = await findBinary('temporal', process.env);
    const started = await startTestServer(() =>
      TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path }, port } }),
    );
    t.after(() => started.teardown());
    const signals = await eventually(
      () => signalsOf(started.client, `incident:refresh:${event.site_luid}:${event.resource_luid}`).catch(() => []),
      ({ length }) => length > 0,
    );
    assert.equal(signals.length, 1);
    await eventually(
      async () => earlyLog(),
      (lines) => lines.includes('Temporal accepted the signal in the background'),
    );
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
