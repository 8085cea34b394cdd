import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { createAnswerActivities, updatesAtOnce } from '../../src/activities/answer-incidents.js';
import { incidentType, incidentWorkflowId, type AnswerSignal } from '../../src/workflows/contract.js';
import { startTemporal } from '../api/service.js';

// The updates that incidents respond to are in test/workflows/scenarios.test.ts. Here no worker runs.
let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const answerTo = (incident: string): { incident: string; answer: AnswerSignal } => ({
  incident,
  answer: { answerId: `to ${incident}`, verb: 'acknowledge', by: 'ana', contact: 'ana' },
});

async function begun(): Promise<string> {
  const id = randomUUID();
  await client.workflow.start(incidentType, { workflowId: incidentWorkflowId(id), taskQueue: `of ${id}` });
  return id;
}

test('an incident that does not run, or never did, takes no answer', async () => {
  const over = await begun();
  await client.workflow.getHandle(incidentWorkflowId(over)).terminate();
  const answers = [answerTo(over), answerTo('none')];
  const { outcomes, failed } = await createAnswerActivities(client).answerIncidents({ answers });
  assert.deepEqual(outcomes, { [`to ${over}`]: null, 'to none': null });
  assert.deepEqual(failed, {});
});

test('incidents that do not respond are named after five seconds, and keep none of the others waiting', async () => {
  const silent = await Promise.all(Array.from({ length: updatesAtOnce - 1 }, begun));
  const answers = [...silent.map(answerTo), ...Array.from({ length: 40 }, (_, n) => answerTo(`none-${n}`))];
  const began = Date.now();
  const { outcomes, failed } = await createAnswerActivities(client).answerIncidents({ answers });
  assert.ok(Date.now() - began >= 4_500, 'they got their time');
  assert.deepEqual(Object.keys(failed).toSorted(), silent.map((id) => `to ${id}`).toSorted());
  assert.ok(Object.values(failed).every((why) => why.length > 0));
  assert.equal(Object.keys(outcomes).length, 40);
});

test('those that had no turn are named nowhere', async () => {
  const silent = await Promise.all(Array.from({ length: updatesAtOnce }, begun));
  const answers = [...silent.map(answerTo), answerTo('late')];
  const { outcomes, failed } = await createAnswerActivities(client).answerIncidents({ answers });
  assert.equal(Object.keys(failed).length, updatesAtOnce);
  assert.deepEqual(outcomes, {});
});
