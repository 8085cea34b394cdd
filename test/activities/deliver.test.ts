import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { createIntakeActivities } from '../../src/activities/deliver.js';
import { createPace } from '../../src/activities/pace.js';
import {
  intakeType,
  type DeliverInput,
  type DeliveryReport,
  type IntakeEntry,
} from '../../src/workflows/intake-contract.js';
import { taskQueues, type TableauEvent } from '../../src/workflows/contract.js';
import { assertHas, clientWithoutServer, escalation, eventually, signalsOf, startTemporal } from '../api/service.js';

const { default: policy } = escalation.policies;
const logger = pino({ level: 'silent' });
let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const event = (luid: string, type: string): TableauEvent => ({
  type,
  item: { kind: 'workbook', luid, name: `Item ${luid}`, site: 'site' },
  createdAt: Date.now(),
  receivedAt: Date.now(),
});
const idOf = (luid: string): string => `refresh:site:${luid}`;
const failure = (luid: string, name = 'default'): IntakeEntry => ({
  what: 'failure',
  incident: idOf(luid),
  event: event(luid, 'WorkbookRefreshFailed'),
  policy: name,
  summary: `Workbook refresh failed: ${luid}`,
});
const success = (luid: string): IntakeEntry => ({
  what: 'end',
  incident: idOf(luid),
  event: event(luid, 'WorkbookRefreshSucceeded'),
});
const answer = (luid: string): IntakeEntry => ({
  what: 'answer',
  incident: idOf(luid),
  answer: { answerId: `api:${luid}`, verb: 'acknowledge', by: 'script' },
});

/** One attempt. It goes on where an earlier one ended, whose heartbeat had these details. */
async function deliver(entries: IntakeEntry[], { to = client, heartbeat, startedAt = Date.now() }: Attempt = {}) {
  assert.ok(policy);
  const input: DeliverInput = {
    entries,
    policies: { default: policy },
    settings: { lingerMs: 3_600_000, forgetMs: 604_800_000 },
    searchAttributes: true,
    startedAt,
  };
  const environment = new MockActivityEnvironment({ heartbeatDetails: heartbeat });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heartbeats.push(structuredClone(details)));
  const activities = createIntakeActivities({
    client: to,
    pace: createPace(),
    publicUrl: 'https://pager.example',
    logger,
  });
  const report: DeliveryReport = await environment.run((given: DeliverInput) => activities.deliver(given), input);
  return { report, heartbeats };
}
interface Attempt {
  to?: Client;
  heartbeat?: object;
  startedAt?: number;
}

const received = async (luid: string): Promise<string[]> =>
  (await signalsOf(client, `incident:${idOf(luid)}`)).map(({ name }) => name);

test('a failure starts its incident as a webhook alone does, and what ends it or answers for it joins', async () => {
  const { report } = await deliver([failure('a'), answer('a'), success('a')]);
  assert.deepEqual(report, { waiting: [], failed: [], hasEarlierBatch: false });
  assert.deepEqual(await received('a'), ['event', 'answer', 'event']);
  const described = await client.workflow.getHandle(`incident:${idOf('a')}`).describe();
  assert.equal(await described.staticSummary(), 'Workbook refresh failed: a');
  assert.equal(described.taskQueue, taskQueues.incidents);
  assertHas(described.memo, { incident: { id: idOf('a'), state: 'triggered', policy: 'default' } });
  assert.deepEqual(described.searchAttributes['IncidentState'], ['triggered']);
});

test('a failure of a burst says that its data source is to be labelled', async () => {
  const labelled = failure('labelled');
  assert.ok(labelled.what === 'failure');
  await deliver([{ ...labelled, labels: { who: true } }, failure('unlabelled')]);
  const labelsOf = async (luid: string) => JSON.stringify(await signalsOf(client, `incident:${idOf(luid)}`));
  assert.match(await labelsOf('labelled'), /"labels":\{"who":true\}/);
  assert.doesNotMatch(await labelsOf('unlabelled'), /"labels"/);
});

test('what needs an incident that does not run waits, and the report has whether an earlier batch may start it', async () => {
  const entries = [success('b'), failure('c'), answer('b')];
  assert.deepEqual((await deliver(entries)).report, { waiting: [0, 2], failed: [], hasEarlierBatch: false });

  const start = (memo: Record<string, unknown>) =>
    client.workflow.start(intakeType, {
      workflowId: `intake:${Object.keys(memo).length}`,
      taskQueue: 'nobody',
      args: [],
      memo,
    });
  // Of this one all failures are delivered.
  await start({ intake: { waiting: 3 } });
  const startedAt = Date.now();
  await start({});
  const isVisible = () => client.workflow.count(`WorkflowType = "${intakeType}"`);
  await eventually(isVisible, ({ count }) => count === 2);
  const reports = await Promise.all(
    [startedAt - 1, Date.now()].map(async (at) => (await deliver([success('b')], { startedAt: at })).report),
  );
  assert.deepEqual(
    reports.map(({ hasEarlierBatch }) => hasEarlierBatch),
    [false, true],
  );
});

test('an entry that cannot be delivered does not stop the others', async () => {
  const { report } = await deliver([failure('d', 'gone'), failure('e')]);
  assert.deepEqual(report.failed, [{ index: 0, why: 'The batch has no policy gone.', permanent: true }]);
  assert.deepEqual(await received('e'), ['event']);
});

test('while Temporal is unavailable every entry is to be tried again', { timeout: 60_000 }, async () => {
  const { report } = await deliver([failure('f')], { to: clientWithoutServer() });
  assert.equal(report.failed.length, 1);
  assertHas(report.failed[0], { index: 0, permanent: false });
});

test('a call that hangs is a failure of its entry, before the heartbeat timeout', { timeout: 60_000 }, async (t) => {
  const server = createServer((socket) => void socket.unref()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  const connection = Connection.lazy({ address: `127.0.0.1:${bound.port}`, interceptors: [] });
  t.after(() => connection.close());
  const began = Date.now();
  const { report } = await deliver([failure('j')], { to: new Client({ connection }) });
  assertHas(report.failed[0], { index: 0, permanent: false });
  assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
});

test('a further attempt goes on after the entries that the last one had tried', async () => {
  const { heartbeats } = await deliver([success('g'), failure('h'), failure('i')]);
  // The first comes before the tries.
  assertHas(heartbeats[2], { next: 2, waiting: [0] });
  const { report } = await deliver([success('g'), failure('h'), failure('i')], {
    heartbeat: { ...(heartbeats[2] as object) },
  });
  assert.deepEqual(report.waiting, [0]);
  assert.deepEqual([await received('h'), await received('i')], [['event'], ['event', 'event']]);
});
