import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPagingActivities } from '../../src/activities/signal-pagers.js';
import type { PagerMessage } from '../../src/workflows/activity-contract.js';
import { pagerId, type PageSignal } from '../../src/workflows/contract.js';
import { assertHas, signalsOf, startTemporal } from '../api/service.js';

const settings = { windowMs: 0, callWindowMs: 0, messagesPerHour: 20, callsPerHour: 6 };
const incident = 'refresh:site:sales';
const payload: PageSignal = {
  incident,
  pageId: 'episode.1',
  channel: 'sms',
  facts: { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: 0 },
  waitMs: 300_000,
};
const isLate = (error: unknown) =>
  error instanceof ApplicationFailure && error.type === 'stale-attempt' && error.nonRetryable !== true;

/** One try of handing a page over, which was asked for, or due, so many milliseconds ago. */
function handOver(
  client: Client,
  ago: { asked: number; due?: number },
  { attempt = 1, to = 'ana', paged }: { attempt?: number; to?: string; paged?: string[] } = {},
): Promise<void> {
  const paging = createPagingActivities({ client, settings });
  const messages: PagerMessage[] = [{ contact: to, signal: 'page', payload }];
  return new MockActivityEnvironment({
    attempt,
    scheduledTimestampMs: Date.now() - ago.asked,
  }).run((input: Parameters<typeof paging.signalPagers>[0]) => paging.signalPagers(input), {
    messages,
    dueAt: ago.due === undefined ? null : Date.now() - ago.due,
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

test('a page says who else may have answered, but for the first step, which waits for nobody', async () => {
  await handOver(client, { asked: 100 }, { to: 'lead' });
  await handOver(client, { asked: 100 }, { to: 'lead', paged: ['ana', 'lead'] });
  await handOver(client, { asked: 4_000 }, { attempt: 2, to: 'lead', paged: ['lead'] });
  const [first, ...later] = await signalsOf(client, pagerId('lead'));
  assert.ok(first && !JSON.stringify(first).includes('others'));
  assert.equal(later.length, 2);
  assertHas(later[0], { name: 'page', payload: { others: ['ana'] } });
  assertHas(later[1], { name: 'page', payload: { others: [] } });
});
