import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import proto from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, mapToPayloads } from '@temporalio/common';
import { retryActivityId } from '../../src/workflows/activity-contract.js';
import { createMayBeAnswered } from '../../src/activities/pending-answers.js';
import { incidentType, incidentWorkflowId } from '../../src/workflows/contract.js';
import { pagerId, pagerType } from '../../src/workflows/pager-contract.js';
import { startTemporal } from '../api/service.js';

const { Command } = proto.temporal.api.command.v1;
type Command = proto.temporal.api.command.v1.ICommand;

// No worker runs here: a signal stays unprocessed until the test completes the workflow task.
let client: Client;
let namespace = '';
before(async () => {
  ({ client } = await startTemporal());
  ({ namespace } = client.options);
});

const taskQueueOf = (workflowId: string) => `of ${workflowId}`;

async function started(type: string, workflowId: string): Promise<string> {
  await client.workflow.start(type, { workflowId, taskQueue: taskQueueOf(workflowId) });
  return workflowId;
}
const incident = () => started(incidentType, incidentWorkflowId(randomUUID()));
const pagerOf = (contact: string) => started(pagerType, pagerId(contact));

/** The server takes no poll without a deadline. */
const withDeadline = <T>(poll: () => Promise<T>): Promise<T> =>
  client.connection.withDeadline(Date.now() + 10_000, poll);

/** Completes the workflow task of a workflow, as a worker would. */
async function completeTask(workflowId: string, ...commands: Command[]): Promise<void> {
  const { workflowService } = client;
  const taskQueue = { name: taskQueueOf(workflowId) };
  const { taskToken } = await withDeadline(() => workflowService.pollWorkflowTaskQueue({ namespace, taskQueue }));
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
}
const scheduleActivity = (activity: string, workflowId: string, activityId = '1'): Command =>
  Command.fromObject({
    commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK',
    scheduleActivityTaskCommandAttributes: {
      activityId,
      activityType: { name: activity },
      taskQueue: { name: taskQueueOf(workflowId) },
      scheduleToCloseTimeout: { seconds: 60 },
    },
  });
const memo = (fields: Record<string, unknown>): Command =>
  Command.fromObject({
    commandType: 'COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES',
    modifyWorkflowPropertiesCommandAttributes: {
      upsertedMemo: { fields: mapToPayloads(defaultPayloadConverter, fields) },
    },
  });
const requestCancel = (scheduledEventId: unknown): Command =>
  Command.fromObject({
    commandType: 'COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK',
    requestCancelActivityTaskCommandAttributes: { scheduledEventId },
  });

const nobody = { contact: 'nobody', activityId: '1' };
const isPending = (sources: { pagers?: string[]; incidents?: string[] }, sender = nobody) =>
  createMayBeAnswered(client)({ pagers: [], incidents: [], ...sources }, sender);

test('no answer is pending in workflows that do not exist', async () => {
  assert.equal(await isPending({ pagers: [pagerId('nobody')], incidents: [incidentWorkflowId('none')] }), false);
});

test('a signal that a pager has not processed may be an answer, until its workflow task completes', async () => {
  const [idle, busy] = [await pagerOf('ana'), await pagerOf('ben')];
  await completeTask(idle);
  assert.equal(await isPending({ pagers: [idle] }), false);
  assert.equal(await isPending({ pagers: [idle, busy] }), true);
  await client.workflow.getHandle(busy).terminate();
  assert.equal(await isPending({ pagers: [idle, busy] }), false, 'a closed workflow processes nothing');
});

test('so may answers that a pager is taking to incidents: to any, unless its memo names them', async () => {
  const [few, many] = [await pagerOf('few'), await pagerOf('many')];
  await completeTask(few, scheduleActivity('answerIncidents', few));
  assert.equal(await isPending({ pagers: [few], incidents: ['incident:any'] }), true);
  const own = { contact: 'few', activityId: 'mine' };
  assert.equal(await isPending({ incidents: ['incident:any'] }, own), true, 'also the own answers of whoever is paged');
  await completeTask(
    many,
    scheduleActivity('answerIncidents', many),
    memo({ pager: { answering: { 'incident:': ['one'] } } }),
  );
  assert.equal(await isPending({ pagers: [many], incidents: ['incident:one'] }), true);
  assert.equal(await isPending({ pagers: [many], incidents: ['incident:other'] }), false);
});

test('so may a signal that an incident has not processed, or a withdrawal that it is sending to its pagers', async () => {
  const [unprocessed, sender, signalling] = [await incident(), await incident(), await incident()];
  assert.equal(await isPending({ incidents: [unprocessed] }), true);
  await completeTask(unprocessed);
  await completeTask(sender, scheduleActivity('lookUp', sender));
  assert.equal(await isPending({ incidents: [unprocessed, sender] }), false);
  await completeTask(signalling, scheduleActivity('signalPagers', signalling));
  assert.equal(await isPending({ incidents: [unprocessed, sender, signalling] }), true);
});

test('an incident that tries again to signal a pager may have an answer for that contact alone', async () => {
  const retrying = await incident();
  await completeTask(retrying, scheduleActivity('retryPager', retrying, retryActivityId('retry-pager-7', 'ben')));
  const send = { activityId: '1' };
  assert.equal(await isPending({ incidents: [retrying] }, { contact: 'ben', ...send }), true);
  assert.equal(await isPending({ incidents: [retrying] }, { contact: 'ana', ...send }), false);
});

test('so may a signal that the sending pager has not processed, or a cancellation that the worker has not received yet', async () => {
  const lead = await pagerOf('lead');
  const sender = { contact: 'lead', activityId: 'mine' };
  assert.equal(await isPending({}, sender), true);
  await completeTask(lead, scheduleActivity('send', lead, 'other'), scheduleActivity('send', lead, 'mine'));
  // Both begin: one that does not run yet is cancelled at once.
  const { workflowService } = client;
  const begun = { namespace, taskQueue: { name: taskQueueOf(lead) } };
  await withDeadline(() => workflowService.pollActivityTaskQueue(begun));
  await withDeadline(() => workflowService.pollActivityTaskQueue(begun));
  assert.equal(await isPending({}, sender), false);
  const { history } = await workflowService.getWorkflowExecutionHistory({ namespace, execution: { workflowId: lead } });
  const scheduled = (history?.events ?? []).flatMap(({ eventId, activityTaskScheduledEventAttributes: about }) =>
    about?.activityId ? [[about.activityId, eventId] as const] : [],
  );
  for (const [activityId, scheduledEventId] of scheduled) {
    await client.workflow.getHandle(lead).signal('withdraw');
    await completeTask(lead, requestCancel(scheduledEventId));
    assert.equal(await isPending({}, sender), activityId === 'mine', `after ${activityId} was given up`);
  }
  assert.equal(scheduled.length, 2);
});
