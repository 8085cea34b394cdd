import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { alarmsOfWebhooks } from '../../src/api/health/webhook-alarms.js';
import { readEscalation } from '../../src/policy/load.js';
import { hour } from '../../src/workflows/contract.js';
import { webhookType, webhookWorkflowId, type WebhookMemo } from '../../src/workflows/webhook-contract.js';
import { eventually, startTemporal } from './service.js';

let client: Client;
before(async () => ({ client } = await startTemporal()));

const now = Date.parse('2026-11-30T06:00:00Z');
const since = (hours: number) => new Date(now - hours * hour).toISOString();
const escalation = readEscalation(
  'e.yaml',
  `contacts: { ana: { phone: "+15550000001" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
webhooks: { team: { url: $WEBHOOK_A }, ops: { url: $WEBHOOK_A }, calm: { url: $WEBHOOK_A } }
`,
);

/** A run as the workflow of an endpoint leaves it. */
const endpoint = (name: string, alarms: WebhookMemo['alarms']) =>
  client.workflow.start(webhookType, {
    workflowId: webhookWorkflowId(name),
    taskQueue: 'without-workers',
    args: [],
    memo: { webhook: { alarms, dropped: 0 } },
  });

test('each code is one alarm with its start and how many endpoints it concerns, of those that the file has', async () => {
  await endpoint('team', [
    { code: 'webhook-failing', since: since(2) },
    { code: 'webhook-dropped', since: since(30) },
  ]);
  await endpoint('ops', [
    { code: 'webhook-failing', since: since(3) },
    { code: 'webhook-dropped', since: since(1) },
  ]);
  await endpoint('calm', []);
  await endpoint('removed', [{ code: 'webhook-gone', since: since(1) }]);
  const found = await eventually(
    () => alarmsOfWebhooks(client, escalation, now),
    (all) => all.length === 2 && all[0]?.message.startsWith('2') === true,
  );
  assert.deepEqual(
    found.map(({ code, since: at }) => [code, at]),
    [
      ['webhook-failing', since(3)],
      // The other one is of the day before yesterday.
      ['webhook-dropped', since(1)],
    ],
  );
  assert.match(found[1]?.message ?? '', /^1 outgoing webhook did not get changes/);
  assert.doesNotMatch(JSON.stringify(found), /team|ops/);
  const { webhooks: _none, ...without } = escalation;
  assert.deepEqual(await alarmsOfWebhooks(client, without, now), []);
});
