import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { pagerId, pagerType } from '../../src/workflows/pager-contract.js';
import { buildTestApp, byTwilio, sidFor, startTemporal } from './service.js';

test('one query at a time asks a pager for the outcomes of keys, however many callers wait', async () => {
  const { client } = await startTemporal();
  let [underWay, most, queries] = [0, 0, 0];
  const counted = new Client({
    connection: client.connection,
    namespace: client.options.namespace,
    interceptors: {
      workflow: [
        {
          async query(input, next) {
            queries += 1;
            underWay += 1;
            most = Math.max(most, underWay);
            return next(input).finally(() => (underWay -= 1));
          },
        },
      ],
    },
  });
  // No worker runs: what was pressed is recorded, and its outcome is not known.
  await client.workflow.start(pagerType, { workflowId: pagerId('ana'), taskQueue: 'without-workers', args: [] });
  const { app } = await buildTestApp(counted, { temporalTimeouts: { outcomeTimeoutMs: 1_500 } });
  const replies = await Promise.all(
    ['1', '2', '3', '4'].map((call) =>
      app.inject(
        byTwilio(`/twilio/call?contact=ana&attempt=at-${call}`, [
          ['CallSid', sidFor('CA', call)],
          ['Digits', '1'],
        ]),
      ),
    ),
  );
  for (const { body } of replies) assert.match(body, /Recorded/);
  assert.equal(most, 1);
  assert.ok(queries > 0);
});
