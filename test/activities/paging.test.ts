import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPagingActivities } from '../../src/activities/paging.js';
import type { PagerMessage } from '../../src/workflows/activity-contract.js';
import type { PageSignal } from '../../src/workflows/contract.js';

test('pages whose worker was frozen are not handed over before their incident was asked once more', async (t) => {
  const connection = Connection.lazy({ address: '127.0.0.1:9', interceptors: [] });
  t.after(() => connection.close());
  const settings = { window: 0, callWindow: 0, messagesPerHour: 20, callsPerHour: 6 };
  const paging = createPagingActivities({ client: new Client({ connection }), settings });
  const payload: PageSignal = {
    incident: 'refresh:site:sales',
    pageId: 'episode.1',
    channel: 'sms',
    facts: { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: 0 },
    wait: 300_000,
  };
  const messages: PagerMessage[] = [{ contact: 'ana', signal: 'page', payload }];
  const late = (error: unknown) => error instanceof ApplicationFailure && error.type === 'late' && !error.nonRetryable;
  const handed = (ago: { asked: number; due: number | null }, attempt = 1) =>
    new MockActivityEnvironment({ attempt, currentAttemptScheduledTimestampMs: Date.now() - ago.asked }).run(
      (input: Parameters<typeof paging.tellPagers>[0]) => paging.tellPagers(input),
      { messages, due: ago.due === null ? null : Date.now() - ago.due },
    );
  await assert.rejects(handed({ asked: 15_000, due: null }), late);
  await assert.rejects(handed({ asked: 0, due: 15_000 }), late);
  const inTime = (error: unknown) => !late(error);
  await assert.rejects(handed({ asked: 0, due: 100 }), inTime);
  await assert.rejects(handed({ asked: 0, due: null }), inTime);
  await assert.rejects(handed({ asked: 9_000, due: 9_000 }, 2), inTime);
});
