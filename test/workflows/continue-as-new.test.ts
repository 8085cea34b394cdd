/**
 * A run continues as new only after a workflow task with few inputs: one that has just replayed brings many, and another refusal by the server
 * would cost the next replay (docs/decisions, 39).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { startTemporal } from '../api/service.js';
import { counted, counting } from '../helpers/counting-workflow.js';
import { until } from '../helpers/until.js';

const taskQueue = 'counting';

test('a long run that has got many signals at once processes them, and continues as new a moment later', async () => {
  const { client, nativeConnection: connection } = await startTemporal();
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../helpers/counting-workflow.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const first = await client.workflow.start(counting, { workflowId: 'counting', taskQueue });
  for (let n = 0; n < 12; n += 1) await first.signal(counted, 1);
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, namespace: client.options.namespace });
  await worker.runUntil(async () => {
    const latest = client.workflow.getHandle('counting');
    await until('the next run', async () => (await latest.describe()).runId !== first.firstExecutionRunId);
  });
  const { events = [] } = await client.workflow.getHandle('counting', first.firstExecutionRunId).fetchHistory();
  const kinds = (events ?? []).flatMap((event) => {
    if (event.workflowTaskCompletedEventAttributes) return ['workflow task'];
    if (event.timerFiredEventAttributes) return ['timer'];
    return event.workflowExecutionContinuedAsNewEventAttributes ? ['continued as new'] : [];
  });
  assert.deepEqual(kinds, ['workflow task', 'timer', 'workflow task', 'continued as new']);
});
