import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { alarmsOf, cached } from '../../src/api/alarms.js';
import { pagerId, pagerType, taskQueues } from '../../src/workflows/contract.js';
import { clientWithoutServer, eventually, buildTestApp, buildTestApi, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;
let now = Date.now();

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client, { clock: () => now }));
});

/** A run as the pager leaves it: no worker is needed to read it. */
const pager = (contact: string, alarms: unknown) =>
  client.workflow.start(pagerType, {
    workflowId: pagerId(contact),
    taskQueue: 'nobody-works-here',
    args: [],
    memo: { pager: { contact, alarms } },
  });
const home = async (accept: string, house = app) => await house.inject({ url: '/', headers: { accept } });
const alarms = async () => (await home('application/json')).json().alarms;

describe('the alarms of the pagers', () => {
  before(async () => {
    await pager('ana', [
      { code: 'twilio-20003', since: '2026-11-24T02:00:00.000Z' },
      { code: 'sms-limit', since: '2026-11-24T03:00:00.000Z' },
    ]);
    await pager('carla', [{ code: 'twilio-20003', since: '2026-11-24T01:00:00.000Z' }]);
    await pager('calm', []);
    await pager('odd', [
      'a word',
      { code: 'ana +15550000001', since: '2026-11-24T01:00:00.000Z' },
      { code: '15550000001', since: '2026-11-24T01:00:00.000Z' },
      { code: 'fine', since: 'yesterday' },
    ]);
    await pager('ended', [{ code: 'twilio-21606', since: '2026-11-24T01:00:00.000Z' }]);
    await client.workflow.getHandle(pagerId('ended')).terminate();
    await eventually(
      () => alarmsOf(client, true),
      (found) => found.length === 2 && found[0]?.contacts === 2,
    );
    now += 60_000;
  });

  test('are each shown once, since when and for how many contacts, the oldest first', async () => {
    assert.deepEqual(await alarms(), [
      {
        code: 'twilio-20003',
        message: 'Twilio refuses messages or calls: see https://www.twilio.com/docs/api/errors/20003.',
        since: '2026-11-24T01:00:00.000Z',
        contacts: 2,
      },
      {
        code: 'sms-limit',
        message: 'The hourly limit of messages to one person is reached: SMS are held.',
        since: '2026-11-24T03:00:00.000Z',
        contacts: 1,
      },
    ]);
    const page = await home('text/html');
    assert.match(
      page.body,
      /errors\/20003\. <code>twilio-20003<\/code><br><small>since 2026-11-24 01:00 UTC, 2 contacts</,
    );
    assert.match(page.body, /since 2026-11-24 03:00 UTC, 1 contact</);
  });

  test('name no person and no number', async () => {
    for (const accept of ['application/json', 'text/html'])
      assert.doesNotMatch((await home(accept)).body, /\b(ana|carla|odd)\b|5550000/);
  });

  test('are asked of Temporal every few seconds at most', async () => {
    const earlier = await alarms();
    await client.workflow.getHandle(pagerId('carla')).terminate();
    await eventually(
      () => alarmsOf(client, true),
      (found) => found[0]?.contacts === 1,
    );
    assert.deepEqual(await alarms(), earlier);
    now += 3_000;
    assert.equal((await alarms())[0].contacts, 1);
  });
});

test('an api without workers of its own says when no worker asks for work any more', async () => {
  let ahead = 0;
  const apart = await buildTestApi(client, { clock: () => Date.now() + ahead });
  const codes = async (): Promise<string[]> =>
    (await home('application/json', apart)).json().alarms.map(({ code }: { code: string }) => code);
  assert.equal((await codes())[0], 'no-workers');
  // As a worker does.
  const gone = new AbortController();
  const asks = client.connection.withAbortSignal(gone.signal, () =>
    client.connection.withDeadline(Date.now() + 60_000, () =>
      client.workflowService.pollWorkflowTaskQueue({
        namespace: 'default',
        taskQueue: { name: taskQueues.incidents },
        identity: 'a worker',
      }),
    ),
  );
  await eventually(codes, (found) => !found.includes('no-workers'));
  ahead = 5 * 60_000;
  assert.equal((await codes())[0], 'no-workers', 'the last one asked minutes ago');
  gone.abort();
  await assert.rejects(asks, /cancel/i);
});

test('one question at a time, and one answer for as long as it is good', async () => {
  let asked = 0;
  let time = 0;
  const ask = cached(
    async () => ++asked,
    3_000,
    () => time,
  );
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [1, 1, 1]);
  time = 2_999;
  assert.equal(await ask(), 1);
  time = 3_000;
  assert.deepEqual(await Promise.all([ask(), ask()]), [2, 2]);
});

test('that Temporal is away is cached as well, and forgotten in time', async () => {
  let clock = 0;
  const { app: lonely } = await buildTestApp(clientWithoutServer(), {
    temporalTimeouts: { readyTimeoutMs: 200 },
    clock: () => clock,
  });
  const codes = async () =>
    (await home('application/json', lonely)).json().alarms.map(({ code }: { code: string }) => code);
  assert.deepEqual(await codes(), ['temporal-unavailable']);
  const began = Date.now();
  for (let i = 0; i < 20; i++) assert.deepEqual(await codes(), ['temporal-unavailable']);
  assert.ok(Date.now() - began < 2_000, 'each of them waited for Temporal');
  clock += 3_000;
  assert.deepEqual(await codes(), ['temporal-unavailable']);
});
