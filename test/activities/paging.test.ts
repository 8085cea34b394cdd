import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPagingActivities } from '../../src/activities/paging.js';
import type { PagerMessage } from '../../src/workflows/activity-contract.js';
import {
  incidentType,
  incidentWorkflowId,
  pagerId,
  pagerType,
  taskQueues,
  type PageSignal,
} from '../../src/workflows/contract.js';
import { assertHas, signalsOf, startTemporal } from '../api/house.js';

const settings = { window: 0, callWindow: 0, messagesPerHour: 20, callsPerHour: 6 };
const incident = 'refresh:site:sales';
const payload: PageSignal = {
  incident,
  pageId: 'episode.1',
  channel: 'sms',
  facts: { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: 0 },
  wait: 300_000,
};
const isLate = (error: unknown) =>
  error instanceof ApplicationFailure && error.type === 'late' && error.nonRetryable !== true;

/** One try of handing a page over, which was asked for, or due, so many milliseconds ago. */
function handOver(
  client: Client,
  ago: { asked: number; due?: number },
  { attempt = 1, to = 'ana', paged }: { attempt?: number; to?: string; paged?: string[] } = {},
): Promise<void> {
  const paging = createPagingActivities({ client, settings });
  const messages: PagerMessage[] = [{ contact: to, signal: 'page', payload }];
  const workflowExecution = { workflowId: incidentWorkflowId(incident), runId: 'run' };
  return new MockActivityEnvironment({
    attempt,
    workflowExecution,
    scheduledTimestampMs: Date.now() - ago.asked,
  }).run((input: Parameters<typeof paging.tellPagers>[0]) => paging.tellPagers(input), {
    messages,
    due: ago.due === undefined ? null : Date.now() - ago.due,
    ...(paged ? { paged } : {}),
  });
}

test('pages whose worker was frozen are not handed over before their incident was asked once more', async (t) => {
  const connection = Connection.lazy({ address: '127.0.0.1:9', interceptors: [] });
  t.after(() => connection.close());
  const nobody = new Client({ connection });
  await assert.rejects(handOver(nobody, { asked: 15_000 }), isLate);
  await assert.rejects(handOver(nobody, { asked: 0, due: 15_000 }), isLate);
  const isAnythingElse = (error: unknown) => !isLate(error);
  await assert.rejects(handOver(nobody, { asked: 0, due: 100 }), isAnythingElse);
  await assert.rejects(handOver(nobody, { asked: 0 }), isAnythingElse);
  await assert.rejects(handOver(nobody, { asked: 9_000, due: 9_000 }, { attempt: 2 }), isAnythingElse);
});

// No worker runs here: what is said to a workflow stays unheard.
let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});
const pagesOf = async (contact: string) => (await signalsOf(client, pagerId(contact))).length;
const unheard = (type: string, workflowId: string, taskQueue: string) =>
  client.workflow.start(type, { workflowId, taskQueue, args: [{}] });

test('a late page waits while somebody who was paged before has said what their pager has not heard', async () => {
  const late = { asked: 4_000 };
  const again = { attempt: 2, to: 'lead' };
  await unheard(pagerType, pagerId('ana'), taskQueues.pagers);
  await assert.rejects(handOver(client, late, { ...again, paged: ['ana'] }), isLate);
  await handOver(client, { asked: 100 }, { ...again, paged: ['ana'] });
  assert.equal(await pagesOf('lead'), 1, 'one that is not late goes at once');
  await handOver(client, late, { ...again, paged: [] });
  assert.equal(await pagesOf('lead'), 2, 'and so does one that nobody was paged before');
  await assert.rejects(handOver(client, late, { ...again, attempt: 14, paged: ['ana'] }), isLate);
  await handOver(client, late, { ...again, attempt: 15, paged: ['ana'] });
  assert.equal(await pagesOf('lead'), 3, 'nobody is waited for longer than this');
  const [page] = await signalsOf(client, pagerId('lead'));
  assertHas(page, { name: 'page', payload: { others: ['ana'] } });
  const [, alone] = await signalsOf(client, pagerId('lead'));
  assertHas(alone, { name: 'page', payload: { others: [] } });
});

test('a late page waits while its incident has not heard what a pager has told it', async () => {
  const late = { asked: 4_000 };
  const again = { attempt: 3, to: 'olga', paged: ['nobody'] };
  const { workflowId } = await unheard(incidentType, incidentWorkflowId(incident), taskQueues.incidents);
  await assert.rejects(handOver(client, late, again), isLate);
  await client.workflow.getHandle(workflowId).terminate();
  await handOver(client, late, again);
  assert.equal(await pagesOf('olga'), 1);
});
