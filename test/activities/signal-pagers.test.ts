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
const isStaleAttempt = (error: unknown) =>
  error instanceof ApplicationFailure && error.type === 'stale-attempt' && error.nonRetryable !== true;

/** One attempt of the activity that signals a page. It was scheduled, or its step was due, so many milliseconds ago. */
function signalPage(
  client: Client,
  ago: { scheduled: number; due?: number },
  { attempt = 1, to = 'ana', paged }: { attempt?: number; to?: string; paged?: string[] } = {},
): Promise<void> {
  const paging = createPagingActivities({ client, settings });
  const messages: PagerMessage[] = [{ contact: to, signal: 'page', payload }];
  return new MockActivityEnvironment({
    attempt,
    scheduledTimestampMs: Date.now() - ago.scheduled,
  }).run((input: Parameters<typeof paging.signalPagers>[0]) => paging.signalPagers(input), {
    messages,
    dueAt: ago.due === undefined ? null : Date.now() - ago.due,
    ...(paged ? { paged } : {}),
  });
}

test('a stale attempt, whose worker was frozen, fails instead of signalling its pages, so that the incident decides again', async (t) => {
  const connection = Connection.lazy({ address: '127.0.0.1:9', interceptors: [] });
  t.after(() => connection.close());
  const nobody = new Client({ connection });
  await assert.rejects(signalPage(nobody, { scheduled: 15_000 }), isStaleAttempt);
  await assert.rejects(signalPage(nobody, { scheduled: 0, due: 15_000 }), isStaleAttempt);
  const isAnythingElse = (error: unknown) => !isStaleAttempt(error);
  await assert.rejects(signalPage(nobody, { scheduled: 0, due: 100 }), isAnythingElse);
  await assert.rejects(signalPage(nobody, { scheduled: 0 }), isAnythingElse);
  await assert.rejects(signalPage(nobody, { scheduled: 9_000, due: 9_000 }, { attempt: 2 }), isAnythingElse);
});

// No worker runs here: signals stay unprocessed.
let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

test('a page names the other contacts who may have answered, and says when it is of the first step', async () => {
  await signalPage(client, { scheduled: 100 }, { to: 'lead' });
  await signalPage(client, { scheduled: 100 }, { to: 'lead', paged: ['ana', 'lead'] });
  await signalPage(client, { scheduled: 4_000 }, { attempt: 2, to: 'lead', paged: ['lead'] });
  const [first, ...later] = await signalsOf(client, pagerId('lead'));
  assertHas(first, { name: 'page', payload: { others: [], isFirstStep: true } });
  assert.equal(later.length, 2);
  assertHas(later[0], { name: 'page', payload: { others: ['ana'] } });
  assertHas(later[1], { name: 'page', payload: { others: [] } });
});
