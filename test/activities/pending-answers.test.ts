import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import proto from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import { createMayBeAnswered } from '../../src/activities/pending-answers.js';
import { incidentType, incidentWorkflowId, pagerId, pagerType } from '../../src/workflows/contract.js';
import { startTemporal } from '../api/service.js';

const { Command } = proto.temporal.api.command.v1;
type Command = proto.temporal.api.command.v1.ICommand;

// No worker runs here: what is said to a workflow stays unheard until the test does its task.
let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const namespace = 'default';
const taskQueueOf = (workflowId: string) => `of ${workflowId}`;

async function started(type: string, workflowId: string): Promise<string> {
  await client.workflow.start(type, { workflowId, taskQueue: taskQueueOf(workflowId) });
  return workflowId;
}
const incident = () => started(incidentType, incidentWorkflowId(randomUUID()));
const pagerOf = (contact: string) => started(pagerType, pagerId(contact));

/** The server takes no poll without a deadline. */
const inTime = <T>(poll: () => Promise<T>): Promise<T> => client.connection.withDeadline(Date.now() + 10_000, poll);

/** Does the task of a workflow, as a worker would. */
async function does(workflowId: string, ...commands: Command[]): Promise<void> {
  const { workflowService } = client;
  const taskQueue = { name: taskQueueOf(workflowId) };
  const { taskToken } = await inTime(() => workflowService.pollWorkflowTaskQueue({ namespace, taskQueue }));
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
}
const asks = (activity: string, workflowId: string, activityId = '1'): Command =>
  Command.fromObject({
    commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK',
    scheduleActivityTaskCommandAttributes: {
      activityId,
      activityType: { name: activity },
      taskQueue: { name: taskQueueOf(workflowId) },
      scheduleToCloseTimeout: { seconds: 60 },
    },
  });
const givesUp = (scheduledEventId: unknown): Command =>
  Command.fromObject({
    commandType: 'COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK',
    requestCancelActivityTaskCommandAttributes: { scheduledEventId },
  });

const nobody = { contact: 'nobody', activityId: '1' };
const isUnheard = (listen: { pagers?: string[]; incidents?: string[] }, asking = nobody) =>
  createMayBeAnswered(client)({ pagers: [], incidents: [], ...listen }, asking);

test('nothing is unheard by workflows that do not exist', async () => {
  assert.equal(await isUnheard({ pagers: [pagerId('nobody')], incidents: [incidentWorkflowId('none')] }), false);
});

test('what a pager has not heard may be an answer, until its task is done', async () => {
  const [idle, busy] = [await pagerOf('ana'), await pagerOf('ben')];
  await does(idle);
  assert.equal(await isUnheard({ pagers: [idle] }), false);
  assert.equal(await isUnheard({ pagers: [idle, busy] }), true);
  await client.workflow.getHandle(busy).terminate();
  assert.equal(await isUnheard({ pagers: [idle, busy] }), false, 'one that is over hears nothing');
});

test('so may what an incident has not heard, or is telling its pagers', async () => {
  const [deaf, asking, telling] = [await incident(), await incident(), await incident()];
  assert.equal(await isUnheard({ incidents: [deaf] }), true);
  await does(deaf);
  await does(asking, asks('lookUp', asking));
  assert.equal(await isUnheard({ incidents: [deaf, asking] }), false);
  await does(telling, asks('tellPagers', telling));
  assert.equal(await isUnheard({ incidents: [deaf, asking, telling] }), true);
});

test('so may what the pager that sends has not heard, or has heard and told its worker, which cannot know', async () => {
  const lead = await pagerOf('lead');
  const asking = { contact: 'lead', activityId: 'mine' };
  assert.equal(await isUnheard({}, asking), true);
  await does(lead, asks('send', lead, 'other'), asks('send', lead, 'mine'));
  // Both begin: one that does not run yet is cancelled at once.
  const { workflowService } = client;
  const begun = { namespace, taskQueue: { name: taskQueueOf(lead) } };
  await inTime(() => workflowService.pollActivityTaskQueue(begun));
  await inTime(() => workflowService.pollActivityTaskQueue(begun));
  assert.equal(await isUnheard({}, asking), false);
  const { history } = await workflowService.getWorkflowExecutionHistory({ namespace, execution: { workflowId: lead } });
  const scheduled = (history?.events ?? []).flatMap(({ eventId, activityTaskScheduledEventAttributes: about }) =>
    about?.activityId ? [[about.activityId, eventId] as const] : [],
  );
  for (const [activityId, scheduledEventId] of scheduled) {
    await client.workflow.getHandle(lead).signal('withdraw');
    await does(lead, givesUp(scheduledEventId));
    assert.equal(await isUnheard({}, asking), activityId === 'mine', `after ${activityId} was given up`);
  }
  assert.equal(scheduled.length, 2);
});
