import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { alarmsOf } from '../../src/api/health/workflow-alarms.js';
import { cached } from '../../src/api/cached.js';
import { hour, incidentType, incidentWorkflowId, taskQueues } from '../../src/workflows/contract.js';
import { pagerId, pagerType } from '../../src/workflows/pager-contract.js';
import { intakeType, intakeWorkflowId } from '../../src/workflows/intake-contract.js';
import { onCallType, onCallWorkflowId } from '../../src/workflows/on-call-contract.js';
import { clientWithoutServer, escalation, eventually, buildTestApp, buildTestApi, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;
let now = Date.now();

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client, { clock: () => now }));
});

/** A run as a pager leaves it. No worker is needed to read its memo. */
const pager = (contact: string, alarms: unknown) =>
  client.workflow.start(pagerType, {
    workflowId: pagerId(contact),
    taskQueue: 'without-workers',
    args: [],
    memo: { pager: { contact, alarms } },
  });
const home = async (accept: string, server = app) => await server.inject({ url: '/', headers: { accept } });
const alarms = async () => (await home('application/json')).json().alarms;

describe('the alarms of the pagers at GET /', () => {
  before(async () => {
    await pager('ana', [
      { code: 'twilio-20003', since: '2026-11-24T02:00:00.000Z' },
      { code: 'sms-limit', since: '2026-11-24T03:00:00.000Z' },
    ]);
    await pager('lead', [
      { code: 'call-limit', since: '2026-11-24T03:30:00.000Z' },
      { code: 'sms-limit', since: '2026-11-24T03:20:00.000Z' },
      { code: 'contact-stopped', since: '2026-11-24T04:00:00.000Z', channel: 'sms' },
      { code: 'contact-refused', since: '2026-11-24T04:00:00.000Z', channel: 'call' },
      { code: 'contact-refused', since: '2026-11-24T05:00:00.000Z', channel: 'sms' },
    ]);
    await pager('stranger', [
      { code: 'contact-stopped', since: '2026-11-24T01:00:00.000Z', channel: 'sms' },
      { code: 'contact-refused', since: '2026-11-24T01:00:00.000Z', channel: 'whatsapp' },
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
      () => alarmsOf(client, true, escalation, Date.now()),
      (found) => found.length === 4 && found[0]?.contacts === 2 && found[1]?.contacts === 2,
    );
    now += 60_000;
  });

  test('each code is one alarm with its start and its number of contacts, the oldest first', async () => {
    assert.deepEqual(await alarms(), [
      {
        code: 'twilio-20003',
        message: 'Twilio refuses messages or calls: see https://www.twilio.com/docs/api/errors/20003.',
        since: '2026-11-24T01:00:00.000Z',
        contacts: 2,
      },
      {
        code: 'hourly-limit',
        message: 'A contact has reached an hourly limit: pages to them are held. The log names contact and limit.',
        since: '2026-11-24T03:00:00.000Z',
        contacts: 2,
      },
      {
        code: 'contact-stopped',
        message:
          'A contact of an escalation policy has replied STOP and is not paged by that channel. Ask them to reply START, or ' +
          'page somebody else; the log names contact and channel.',
        since: '2026-11-24T04:00:00.000Z',
        contacts: 1,
      },
      {
        code: 'contact-refused',
        message:
          'Twilio refuses the number of a contact of an escalation policy. Correct it in the escalation file, or page by ' +
          'another channel; the log names contact, channel and code.',
        since: '2026-11-24T05:00:00.000Z',
        contacts: 1,
      },
    ]);
    const page = await home('text/html');
    assert.match(
      page.body,
      /errors\/20003\.<\/span>\s*<code>twilio-20003<\/code>\s*<br \/><small>since <time datetime="2026-11-24T01:00:00.000Z"[^>]*>Tue 24 Nov, 01:00<\/time> · 2 contacts</,
    );
    assert.doesNotMatch(page.body, /carla|ana|lead/, 'a stranger sees codes and counts alone');
  });

  test('a contact of an override that a script made counts as one of the policies', async () => {
    const page = ['schedule/data'];
    const { default: usual } = escalation.policies;
    assert.ok(usual);
    const rotations = [{ contacts: ['ana'], every: { days: 7 }, start: '2026-01-05T09:00' }];
    const withSchedule = {
      ...escalation,
      contacts: { ...escalation.contacts, stranger: { phone: '+15550000009' } },
      schedules: { data: { timezone: 'UTC', rotations, overrides: [] } },
      policies: { ...escalation.policies, default: { ...usual, steps: [{ page, by: 'sms' as const, waitMs: 1 }] } },
    };
    const stopped = async () =>
      (await alarmsOf(client, true, withSchedule, Date.now())).find(({ code }) => code === 'contact-stopped')?.contacts;
    assert.equal(await stopped(), 1);
    const [from, to] = [0, hour].map((ms) => new Date(Date.now() + ms).toISOString());
    await client.workflow.start(onCallType, {
      workflowId: onCallWorkflowId,
      taskQueue: 'without-workers',
      memo: { overrides: [{ id: 'a', schedule: 'data', contact: 'stranger', from, to, by: 'api' }] },
    });
    assert.equal(await stopped(), 2);
    await client.workflow.getHandle(onCallWorkflowId).terminate();
    assert.equal(await stopped(), 1, 'who terminates the workflow ends the overrides');
  });

  test('a pager that incidents cannot signal is one alarm, however many incidents say so', async () => {
    const incidents = [
      [{ contact: 'ben', since: '2026-11-24T04:10:00.000Z' }],
      [
        { contact: 'ben', since: '2026-11-24T04:00:00.000Z' },
        { contact: 'dora', since: '2026-11-24T04:20:00.000Z' },
      ],
      [],
      ['a word', { contact: 'emil', since: 'yesterday' }],
    ];
    const handles = await Promise.all(
      incidents.map((unreachable, index) =>
        client.workflow.start(incidentType, {
          workflowId: incidentWorkflowId(`refresh:site:unreachable-${index}`),
          taskQueue: 'without-workers',
          memo: { unreachable, labelsRefused: index === 0 ? '2026-11-24T05:00:00.000Z' : null },
        }),
      ),
    );
    const found = await eventually(
      () => alarmsOf(client, true, escalation, Date.now()),
      (all) =>
        all.some(({ contacts, code }) => code === 'pager-unreachable' && contacts === 2) &&
        all.some(({ code }) => code === 'labels-refused'),
    );
    assert.deepEqual(found[0], {
      code: 'pager-unreachable',
      message: 'Temporal does not let a pager be signalled: its contact is not paged. The log names the contact.',
      since: '2026-11-24T04:00:00.000Z',
      contacts: 2,
      concerns: [{ contact: 'ben' }, { contact: 'dora' }],
    });
    assert.deepEqual(
      found.filter(({ code }) => code === 'labels-refused').map(({ since }) => since),
      ['2026-11-24T05:00:00.000Z'],
    );
    for (const handle of handles) await handle.terminate();
    await eventually(
      () => alarmsOf(client, true, escalation, Date.now()),
      (all) => !all.some(({ code }) => code === 'pager-unreachable' || code === 'labels-refused'),
    );
  });

  test('they contain no contact and no phone number', async () => {
    for (const accept of ['application/json', 'text/html'])
      assert.doesNotMatch((await home(accept)).body, /\b(ana|carla|odd|stranger)\b|5550000|(sms|call|messages)-limit/);
  });

  test('they are read from Temporal every few seconds at most', async () => {
    const earlier = await alarms();
    await client.workflow.getHandle(pagerId('carla')).terminate();
    await eventually(
      () => alarmsOf(client, true, escalation, Date.now()),
      (found) => found[0]?.contacts === 1,
    );
    assert.deepEqual(await alarms(), earlier);
    now += 3_000;
    assert.equal((await alarms())[0].contacts, 1);
  });

  test('a batch of a burst that is not delivered within a minute, or not at all, is an alarm', async () => {
    const start = (name: string, memo: Record<string, unknown> = {}) =>
      client.workflow.start(intakeType, {
        workflowId: intakeWorkflowId(name),
        taskQueue: 'without-workers',
        args: [],
        memo,
      });
    const found = async (time: number) =>
      (await alarmsOf(client, true, escalation, time)).filter(({ code }) => /^intake|^event/.test(code));
    const waiting = await start('waiting', { intake: { waiting: 2 } });
    const delivering = await start('delivering');
    const { startTime } = await delivering.describe();
    const later = Date.now() + 61_000;
    const [stalled] = await eventually(
      () => found(later),
      (all) => all.length > 0,
    );
    assert.deepEqual([stalled?.code, stalled?.since], ['intake-stalled', startTime.toISOString()]);
    assert.deepEqual(await found(Date.now() + 30_000), []);
    await waiting.terminate();
    await delivering.terminate();
    const ended = await eventually(
      () => found(Date.now()),
      (all) => all.length > 0,
    );
    assert.deepEqual(
      ended.map(({ code }) => code),
      ['event-undeliverable'],
    );
    // After a day it is history; that the other one has ended is visible a moment later.
    await eventually(
      () => found(Date.now() + 25 * hour),
      (all) => all.length === 0,
    );
  });
});

test('an api process without workers raises an alarm when no worker polls the task queue', async () => {
  let ahead = 0;
  const apart = await buildTestApi(client, { clock: () => Date.now() + ahead });
  const codes = async (): Promise<string[]> =>
    (await home('application/json', apart)).json().alarms.map(({ code }: { code: string }) => code);
  assert.equal((await codes())[0], 'no-workers');
  // Polls as a worker does.
  const stopped = new AbortController();
  const poll = client.connection.withAbortSignal(stopped.signal, () =>
    client.connection.withDeadline(Date.now() + 60_000, () =>
      client.workflowService.pollWorkflowTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: taskQueues.incidents },
        identity: 'a worker',
      }),
    ),
  );
  await eventually(codes, (found) => !found.includes('no-workers'));
  ahead = 5 * 60_000;
  assert.equal((await codes())[0], 'no-workers', 'the last worker polled minutes ago');
  stopped.abort();
  await assert.rejects(poll, /cancel/i);
});

test('cached shares one request among its callers and keeps the result until it expires', async () => {
  let requests = 0;
  let time = 0;
  const read = cached(
    async () => ++requests,
    3_000,
    () => time,
  );
  assert.deepEqual(await Promise.all([read(), read(), read()]), [1, 1, 1]);
  time = 2_999;
  assert.equal(await read(), 1);
  time = 3_000;
  assert.deepEqual(await Promise.all([read(), read()]), [2, 2]);
});

test('that Temporal is unavailable is cached as well, and read again after it expires', async () => {
  let clock = 0;
  const { app: withoutTemporal } = await buildTestApp(clientWithoutServer(), {
    temporalTimeouts: { readyTimeoutMs: 200 },
    clock: () => clock,
  });
  const codes = async () =>
    (await home('application/json', withoutTemporal)).json().alarms.map(({ code }: { code: string }) => code);
  assert.deepEqual(await codes(), ['temporal-unavailable']);
  const began = Date.now();
  for (let i = 0; i < 20; i++) assert.deepEqual(await codes(), ['temporal-unavailable']);
  assert.ok(Date.now() - began < 2_000, 'each of them waited for Temporal');
  clock += 3_000;
  assert.deepEqual(await codes(), ['temporal-unavailable']);
});
