import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPagingActivities } from '../../src/activities/paging.js';
import type { PagerMessage } from '../../src/workflows/activity-contract.js';
import type { PageSignal } from '../../src/workflows/contract.js';

test('pages whose worker was frozen are not handed over before their incident was asked once more', async (t) => {
  const connection = Connection.lazy({ address: '127.0.0.1:9' });
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
  const activity = new MockActivityEnvironment({ attempt: 1, currentAttemptScheduledTimestampMs: Date.now() - 15_000 });
  await assert.rejects(
    activity.run((input: { messages: PagerMessage[] }) => paging.tellPagers(input), { messages }),
    (error) => error instanceof ApplicationFailure && error.type === 'late' && !error.nonRetryable,
  );
});
