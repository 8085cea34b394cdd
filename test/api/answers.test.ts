import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { before, describe, test } from 'node:test';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { incidentWorkflowId, taskQueues } from '../../src/workflows/contract.js';
import {
  assertHas,
  byTwilio,
  closeLater,
  config,
  eventually,
  failure,
  buildTestApp,
  sidFor,
  signalsOf,
  startTemporal,
} from './service.js';

let client: Client;
let app: FastifyInstance;
let log: () => string;

before(async () => {
  const environment = await startTemporal();
  ({ client } = environment);
  ({ app, log } = await buildTestApp(client, { temporalTimeouts: { outcomeTimeoutMs: 3000 } }));
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('stand-in.ts', import.meta.url)),
  });
  for (const taskQueue of [taskQueues.incidents, taskQueues.pagers]) {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      namespace: client.options.namespace,
      taskQueue,
      workflowBundle,
    });
    const run = worker.run();
    closeLater(async () => {
      worker.shutdown();
      await run;
    });
  }
});
async function open(): Promise<string> {
  const taken = await app.inject({ method: 'POST', url: '/notifier/current-secret-0001', payload: failure() });
  assert.equal(taken.statusCode, 200, log());
  return taken.json().incident;
}
async function answer(id: string, verb: string, body?: object | string, type = 'application/json') {
  const reply = await app.inject({
    method: 'POST',
    url: `/incidents/${encodeURIComponent(id)}/${verb}`,
    headers: { authorization: `Bearer ${config.apiToken}`, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: reply.statusCode, body: reply.json() };
}
const answersOf = async (id: string) =>
  (await signalsOf(client, incidentWorkflowId(id)))
    .filter(({ name }) => name === 'answer')
    .map(({ payload }) => payload);

describe('a script', () => {
  test('acknowledges an incident, receives its state, and may repeat the request', async () => {
    const id = await open();
    assertHas(await answer(id, 'acknowledge', { by: 'night-job' }), {
      status: 200,
      body: { id, state: 'acknowledged', acknowledgedBy: 'night-job', detail: { project: 'Finance' } },
    });
    assertHas(await answer(id, 'acknowledge', { by: 'somebody-else' }), {
      status: 200,
      body: { state: 'acknowledged', acknowledgedBy: 'night-job' },
    });
    assertHas((await answersOf(id))[0], { verb: 'acknowledge', by: 'night-job' });
    const seen = await app.inject({ url: `/incidents/${id}`, headers: { authorization: `Bearer ${config.apiToken}` } });
    assertHas(seen.json(), { id, timeline: [{ at: '2026-11-15T17:14:45.000Z', type: 'failed', text: 'It failed' }] });
  });

  test('resolves an incident, may repeat it, and cannot acknowledge it afterwards', async () => {
    const id = await open();
    assertHas(await answer(id, 'resolve', {}), { status: 200, body: { state: 'resolved' } });
    assertHas(await answer(id, 'resolve', {}), { status: 200, body: { state: 'resolved' } });
    assertHas(await answer(id, 'acknowledge', {}), { status: 409, body: { code: 'INCIDENT_OVER', error: 'Conflict' } });
  });

  test('receives 409 when the workflow of the incident has ended', async () => {
    const id = await open();
    await client.workflow.getHandle(incidentWorkflowId(id)).terminate();
    assertHas(await answer(id, 'resolve'), { status: 409, body: { code: 'INCIDENT_OVER' } });
  });

  test('receives 202 "recorded" when the outcome is not known in time', async () => {
    const { app: shortTimeout } = await buildTestApp(client, { temporalTimeouts: { outcomeTimeoutMs: 300 } });
    const id = await open();
    const reply = await shortTimeout.inject({
      method: 'POST',
      url: `/incidents/${id}/acknowledge`,
      headers: { authorization: `Bearer ${config.apiToken}` },
      payload: { by: 'without-outcome' },
    });
    assert.deepEqual([reply.statusCode, reply.json()], [202, { status: 'recorded' }]);
    assert.equal((await answersOf(id)).length, 1);
  });

  test('may leave out "by" and the body', async () => {
    for (const [body, type] of [[undefined], [''], ['{}'], ['', 'application/json; charset=utf-8']] as const) {
      const id = await open();
      assertHas(await answer(id, 'acknowledge', body, type), { status: 200, body: { acknowledgedBy: 'api' } });
    }
  });

  test('receives 400 and the reason for an invalid body, and no answer is signalled', async () => {
    const id = await open();
    const table: [object | string, number, RegExp][] = [
      [{ by: '' }, 400, /by must have/],
      [{ by: '  ' }, 400, /by must have/],
      [{ by: 'x'.repeat(65) }, 400, /by must have/],
      [{ by: 'a\nb' }, 400, /control characters/],
      [{ by: '+1 555 000-0001' }, 400, /phone number/],
      [{ by: 'ana 15550000001' }, 400, /phone number/],
      [{ by: 7 }, 400, /by must be string/],
      [[], 400, /must be object/],
      ['{', 400, /JSON/],
      ['"x"', 400, /must be object/],
      ['null', 400, /must be object/],
    ];
    for (const [body, status, message] of table) {
      const response = await answer(id, 'acknowledge', body);
      assert.equal(response.status, status, JSON.stringify(body));
      assert.match(response.body.message, message);
    }
    assertHas(await answer(id, 'acknowledge', 'by=x', 'application/x-www-form-urlencoded'), {
      status: 415,
      body: { statusCode: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
    assert.deepEqual(await answersOf(id), []);
    assertHas(await answer(id, 'acknowledge', { by: 'x'.repeat(64), more: 'is tolerated' }), { status: 200 });
  });
});

describe('a script snoozes', () => {
  for (const [duration, milliseconds] of [
    [undefined, 3_600_000],
    ['1m', 60_000],
    ['30m', 1_800_000],
    ['2h30m', 9_000_000],
    [' 90s ', 90_000],
    ['24h', 86_400_000],
    ['1d', 86_400_000],
  ] as const)
    test(`for ${duration ?? 'an hour, when the body has no duration'}, and may repeat it`, async () => {
      const id = await open();
      for (const body of [{ by: 'night-job', ...(duration && { duration }) }, { ...(duration && { duration }) }])
        assertHas(await answer(id, 'snooze', body), {
          status: 200,
          body: { id, state: 'snoozed', next: { at: new Date(milliseconds).toISOString() } },
        });
      const [first, second] = await answersOf(id);
      assertHas(first, { verb: 'snooze', by: 'night-job', durationMs: milliseconds });
      assertHas(second, { verb: 'snooze', by: 'api', durationMs: milliseconds });
    });

  test('and receives 400 and the reason for an invalid duration, and no answer is signalled', async () => {
    const id = await open();
    for (const duration of ['', '59s', '24h1s', '2d', '0m', '1 h', '1H', 'soon', '-1h', '1.5h', '9'.repeat(400) + 'h'])
      assertHas(await answer(id, 'snooze', { duration }), {
        status: 400,
        body: {
          code: 'BAD_DURATION',
          message: 'duration must be a time from 1m to 24h, such as 30m, 1h or 2h30m.',
        },
      });
    for (const duration of [60, null, ['1h']]) {
      const response = await answer(id, 'snooze', { duration });
      assert.equal(response.status, 400);
      assert.match(response.body.message, /duration must be string/);
    }
    assertHas(await answer(id, 'snooze', { by: '+15550000001' }), { status: 400, body: { code: 'BAD_BY' } });
    assert.deepEqual(await answersOf(id), []);
    assertHas(await answer(id, 'snooze', { more: 'is tolerated' }), { status: 200 });
  });

  test('an incident that is over, unknown or slow: the same statuses as for the other verbs', async () => {
    const id = await open();
    await answer(id, 'resolve');
    assertHas(await answer(id, 'snooze'), { status: 409, body: { code: 'INCIDENT_OVER' } });
    await client.workflow.getHandle(incidentWorkflowId(id)).terminate();
    assertHas(await answer(id, 'snooze'), { status: 409, body: { code: 'INCIDENT_OVER' } });
    assertHas(await answer('refresh:-:nobody', 'snooze'), { status: 404, body: { code: 'UNKNOWN_INCIDENT' } });
    const { app: shortTimeout } = await buildTestApp(client, { temporalTimeouts: { outcomeTimeoutMs: 300 } });
    const reply = await shortTimeout.inject({
      method: 'POST',
      url: `/incidents/${await open()}/snooze`,
      headers: { authorization: `Bearer ${config.apiToken}` },
      payload: { by: 'without-outcome' },
    });
    assert.deepEqual([reply.statusCode, reply.json()], [202, { status: 'recorded' }]);
  });
});

test('the outcome of a key is spoken to the caller', async () => {
  const path = '/twilio/call?contact=ana&attempt=at-1';
  const reply = await app.inject(
    byTwilio(path, [
      ['CallSid', sidFor('CA', '1')],
      ['Digits', '1'],
    ]),
  );
  assert.match(reply.body, /<Say[^>]*>Sales is yours\.<\/Say>/);
  assert.doesNotMatch(reply.body, /Redirect/);
});

test('an item whose incident ended and which failed again is one row, read from the open run', async () => {
  const event = failure();
  const post = (more: object = {}) =>
    app.inject({ method: 'POST', url: '/notifier/current-secret-0001', payload: { ...event, ...more } });
  const id = (await post()).json().incident;
  const handle = client.workflow.getHandle(incidentWorkflowId(id));
  await handle.signal('event', { event: { type: 'WorkbookDeleted' } });
  await handle.result();
  await post();
  const rows = await eventually(
    async () => {
      const answered = await app.inject({
        url: '/incidents?limit=1000',
        headers: { authorization: `Bearer ${config.apiToken}` },
      });
      return answered.json().incidents.filter((row: { id: string }) => row.id === id);
    },
    (found) => found.length === 1 && found[0].state === 'triggered',
  );
  assert.equal(rows.length, 1);
});
