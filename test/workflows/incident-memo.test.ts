/** The memo of a real incident workflow, on a server that asks for continue-as-new early: it is whole in each run, with and without a worker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { loadWorkflowBundle } from '../../src/service/workflow-bundle.js';
import { findBinary } from '../../src/temporal/binaries.js';
import { signalFailure } from '../../src/temporal/incidents.js';
import { readIncident } from '../../src/temporal/read-incident.js';
import type { PagingActivities } from '../../src/workflows/activity-contract.js';
import { incidentWorkflowId, taskQueues, type TableauEvent } from '../../src/workflows/contract.js';
import { answerSignal, failedSignal, sentSignal } from '../../src/workflows/messages.js';
import { policy } from '../helpers/incident.js';
import { installTestRuntime } from '../helpers/test-runtime.js';
import { startTestServer } from '../helpers/test-server.js';
import { until } from '../helpers/until.js';

const id = 'refresh:site:sales';
const settings = { lingerMs: 3_600_000, forgetMs: 604_800_000 };
const failures = 230;
/** So many of them come before somebody takes it. */
const untaken = 25;

test('all of the newest entries and pages are in the memo, whichever run wrote them', async (t) => {
  installTestRuntime();
  const path = await findBinary('temporal', process.env);
  const extraArgs = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40'];
  const environment = await startTestServer(() =>
    TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path }, extraArgs } }),
  );
  t.after(() => environment.teardown());
  const { client, nativeConnection: connection } = environment;
  const handle = client.workflow.getHandle(incidentWorkflowId(id));
  const paged: string[] = [];
  const activities: PagingActivities = {
    async signalPagers({ messages, lookUp }) {
      for (const message of messages) if (message.signal === 'page') paged.push(message.payload.pageId);
      return {
        unreached: [],
        ...(lookUp && { lookedUp: { learnt: { project: 'Finance', problems: [] }, pending: [] } }),
      };
    },
    retryPager: async () => ({ unreached: [] }),
  };
  const workflowBundle = await loadWorkflowBundle(new DefaultLogger('ERROR'));
  const worker = await Worker.create({ connection, taskQueue: taskQueues.incidents, workflowBundle, activities });

  const began = Date.now();
  const fails = (n: number): Promise<void> => {
    const createdAt = began - 30_000 + n;
    const item = { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' } as const;
    const event: TableauEvent = { type: 'WorkbookRefreshFailed', item, createdAt, receivedAt: Date.now() };
    const failure = { incident: id, event, policy, summary: 'Sales' };
    return signalFailure(client, failure, { settings, searchAttributes: false }, 'https://pager.example');
  };
  const runs = new Set<string>();
  await worker.runUntil(async () => {
    await fails(0);
    const pageId = await until('the page', async () => paged[0]);
    await handle.signal(sentSignal, { pageId, at: Date.now() });
    // An answer that comes before ends the look-up.
    await until('the detail', async () => (await readIncident(client, id))?.detail?.project === 'Finance');
    const { runId } = await handle.describe();
    for (let n = 1; n < untaken; n += 1) await fails(n);
    await until('the next run', async () => (await handle.describe()).runId !== runId);
    await handle.signal(failedSignal, { pageId, code: '63024' });
    const secondPageId = await until('the page of the next step', async () => paged[1]);
    await handle.signal(sentSignal, { pageId: secondPageId, at: Date.now() });
    await handle.signal(answerSignal, { answerId: 'a', verb: 'acknowledge', by: 'Paula Personmark' });
    for (let n = untaken; n < failures; n += 1) {
      await fails(n);
      if (n % 10 === 0) runs.add((await handle.describe()).runId);
    }
    await until('the last failure', async () => (await readIncident(client, id))?.failures === failures);
  });

  assert.ok(runs.size >= 3, `${runs.size} runs`);
  const view = await readIncident(client, id);
  assert.deepEqual([view?.state, view?.acknowledgedBy, view?.detail?.project], ['acknowledged', 'api', 'Finance']);
  assert.deepEqual(
    view?.pagesSent.map(({ n, contact, status }) => [n, contact, status]),
    [
      [1, 'ana', 'failed'],
      [2, 'ana', 'sent'],
    ],
  );
  assert.deepEqual([view?.pages, view?.step, view?.round], [2, 2, 1]);
  assert.equal(view?.timeline.length, 200);
  assert.deepEqual([...new Set(view.timeline.map(({ type }) => type))], ['failed']);
  const { memo = {} } = await handle.describe();
  // Besides the failures: two pages were sent, one was not delivered, and somebody took it.
  const last = failures + 4;
  const numbers = Object.keys(memo)
    .filter((key) => /^t\d+$/.test(key))
    .map((key) => Number(key.slice(1)));
  assert.deepEqual([Math.min(...numbers), Math.max(...numbers), numbers.length], [last - 199, last, 200]);
});
