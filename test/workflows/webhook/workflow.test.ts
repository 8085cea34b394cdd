/** The workflow of an endpoint on a real server: over several runs, on its own task queue, to its end. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { fixedEscalation } from '../../../src/policy/escalation-source.js';
import { readEscalation } from '../../../src/policy/load.js';
import { followWebhooks } from '../../../src/service/follow-webhooks.js';
import { loadWorkflowBundle } from '../../../src/service/workflow-bundle.js';
import { findBinary } from '../../../src/temporal/binaries.js';
import { announceEndpoint, signalChanges } from '../../../src/temporal/webhooks.js';
import { taskQueues } from '../../../src/workflows/contract.js';
import {
  changeId,
  webhookWorkflowId,
  type IncidentChange,
  type PostActivities,
  type WebhookMemo,
} from '../../../src/workflows/webhook-contract.js';
import { installTestRuntime } from '../../helpers/test-runtime.js';
import { startTestServer } from '../../helpers/test-server.js';
import { until } from '../../helpers/until.js';
import { change } from '../../outgoing/changes.js';

let environment: TestWorkflowEnvironment;
let client: Client;
let stopWorkers: () => Promise<void>;
/** What each endpoint got, post by post. */
const posts: Record<string, IncidentChange[][]> = {};

const postChanges: PostActivities['postChanges'] = async ({ endpoint, changes }) => {
  if (endpoint === 'gone') return { posted: [], failed: { how: 'gone' }, pauseMs: 0 };
  (posts[endpoint] ??= []).push(changes);
  await pause(300);
  return { posted: changes.map(changeId), pauseMs: 0 };
};

before(async () => {
  installTestRuntime();
  const path = await findBinary('temporal', process.env);
  environment = await startTestServer(() =>
    TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path } } }),
  );
  ({ client } = environment);
  const { nativeConnection: connection } = environment;
  const workers = await Promise.all([
    Worker.create({
      connection,
      taskQueue: taskQueues.incidents,
      workflowBundle: await loadWorkflowBundle(new DefaultLogger('ERROR')),
    }),
    Worker.create({ connection, taskQueue: taskQueues.webhooks, activities: { postChanges } }),
  ]);
  const runs = workers.map((worker) => worker.run());
  stopWorkers = async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
  };
});
after(async () => {
  await stopWorkers?.();
  await environment?.teardown();
});

const handleOf = (endpoint: string) => client.workflow.getHandle(webhookWorkflowId(endpoint));
const describeOf = (endpoint: string) => handleOf(endpoint).describe();
const signal = (endpoint: string, changes: IncidentChange[]) =>
  signalChanges(client, endpoint, { version: '1', changes });

test('a storm of 1,000 incidents reaches a slow endpoint whole and in order, over several runs', async () => {
  const incidents = 1_000;
  const recovered = 100;
  const runs = new Set<string>();
  const sources = Array.from({ length: incidents }, (_, n) => `incident-${n}`);
  for (let from = 0; from < incidents; from += 50) {
    const some = sources.slice(from, from + 50);
    await Promise.all(some.map((source) => signal('slow', [change('triggered', {}, 1, source)])));
    runs.add((await describeOf('slow')).runId);
  }
  const some = sources.slice(-recovered);
  await Promise.all(some.map((source) => signal('slow', [change('recovered', {}, 2, source)])));
  const taken = () => posts['slow']?.flat() ?? [];
  await until('the last change', () => taken().length >= incidents + recovered);
  await until('another run', async () => runs.add((await describeOf('slow')).runId).size >= 2);
  assert.equal(new Set(taken().map(changeId)).size, incidents + recovered);
  for (const source of some)
    assert.deepEqual(
      taken().flatMap((one) => (one.source === source ? [one.n] : [])),
      [1, 2],
    );
  assert.ok(Math.max(...(posts['slow'] ?? []).map(({ length }) => length)) === 50);
});

test('its alarms are in the memo of the next run', async () => {
  const alarms = async () => ((await describeOf('gone')).memo?.['webhook'] as WebhookMemo | undefined)?.alarms;
  await signal('gone', [change()]);
  await until('the alarm', async () => (await alarms())?.some(({ code }) => code === 'webhook-gone'));
  const shown = await alarms();
  const { runId } = await describeOf('gone');
  await until('the next run', async () => {
    await Promise.all(Array.from({ length: 40 }, () => announceEndpoint(client, 'gone', '1')));
    return (await describeOf('gone')).runId !== runId;
  });
  assert.deepEqual(await alarms(), shown);
});

describe('a worker that starts', () => {
  const file = `contacts: { ana: { phone: "+15550000001" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
webhooks: { kept: { url: https://example.com } }
`;

  test('ends the workflows of endpoints that the file has no more, and no other', async (t) => {
    await Promise.all([signal('kept', [change()]), signal('removed', [change()])]);
    await until('both posts', () => posts['kept'] && posts['removed']);
    const following = followWebhooks({
      client,
      escalation: fixedEscalation(readEscalation('e.yaml', file)),
      variables: {},
      logger: pino({ level: 'silent' }),
    });
    t.after(() => following.close());
    await until('its end', async () => (await describeOf('removed')).status.name === 'COMPLETED');
    assert.equal((await describeOf('kept')).status.name, 'RUNNING');
  });
});
