import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { readEscalation } from '../../src/policy/load.js';
import { day, hour } from '../../src/workflows/contract.js';
import { onCallWorkflowId } from '../../src/workflows/on-call-contract.js';
import { startOnCallWorker } from './on-call-worker.js';
import { buildTestApi, clientWithoutServer, config, eventually, signalsOf, startTemporal } from './service.js';

const escalation = readEscalation(
  'e.yaml',
  `contacts:
  ana: { phone: "+15550000001" }
  ben: { phone: "+15550000002" }
  cleo: { whatsapp: "+15550000003" }
schedules:
  data: { timezone: Europe/Berlin, rotation: { contacts: [ana], every: 1w, start: "2026-01-05T09:00" } }
  ops: { timezone: UTC, rotation: { contacts: [ana], every: 1w, start: "2026-01-05T09:00" } }
policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
`,
);
let app: FastifyInstance;
let client: Client;
let stopWorker: () => Promise<void>;
before(async () => {
  const temporal = await startTemporal();
  ({ client } = temporal);
  stopWorker = await startOnCallWorker(temporal);
  app = await buildTestApi(client, { escalation });
});

const authorization = `Bearer ${config.apiToken}`;
async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  payload?: object | string,
  headers = { authorization },
) {
  const answer = await app.inject({
    method,
    url,
    headers: { ...headers, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}
const iso = (at: number) => new Date(at).toISOString();
const inHours = (hours: number) => iso(Date.now() + hours * hour);
const fields = (from: number, to: number, more: object = {}) => ({
  contact: 'ben',
  from: inHours(from),
  to: inHours(to),
  ...more,
});
const overridesOf = async (schedule: string) =>
  (await ask('GET', `/schedules/${schedule}/overrides`)).body.overrides as { id: string }[];

describe('overrides of a schedule', () => {
  test('are made, listed, counted by GET /on-call, and ended', async () => {
    const body = fields(0, 8, { by: 'lead' });
    const made = await ask('POST', '/schedules/data/overrides', body);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id, ...rest } = made.body;
    assert.deepEqual(rest, { schedule: 'data', contact: 'ben', from: body.from, to: body.to });
    assert.deepEqual(await overridesOf('data'), [{ ...made.body, by: 'lead' }]);
    assert.deepEqual(await overridesOf('ops'), []);
    const { data, ops } = (await ask('GET', '/on-call')).body.schedules;
    assert.deepEqual(data, { now: 'ben', until: body.to, next: 'ana', override: true });
    assert.equal(ops.override, false);

    assert.deepEqual(await ask('DELETE', `/schedules/ops/overrides/${id}`), {
      status: 404,
      body: {
        statusCode: 404,
        code: 'UNKNOWN_OVERRIDE',
        error: 'Not Found',
        message: 'The schedule has no such override.',
      },
    });
    assert.deepEqual(await ask('DELETE', `/schedules/data/overrides/${id}`), { status: 204, body: null });
    assert.equal((await ask('DELETE', `/schedules/data/overrides/${id}`)).status, 204);
    assert.deepEqual(await overridesOf('data'), []);
    assert.equal((await ask('GET', '/on-call')).body.schedules.data.now, 'ana');

    const texts = await eventually(
      async () => (await signalsOf(client, 'pager:ana')).map(({ payload }) => (payload as { text: string }).text),
      (found) => found.length === 2,
    );
    assert.match(texts[0] ?? '', /^ben is on call \(data\) from \w{3} \d\d:\d\d to \w{3} \d\d:\d\d in your place\.$/);
    assert.match(texts[1] ?? '', /^ben is no longer on call/);
    assert.equal((await signalsOf(client, 'pager:ben')).length, 2);
  });

  test('cannot overlap', async () => {
    const first = await ask('POST', '/schedules/data/overrides', fields(24, 48));
    const second = await ask('POST', '/schedules/data/overrides', fields(30, 72, { contact: 'ana' }));
    assert.deepEqual([second.status, second.body.code], [400, 'BAD_FROM']);
    assert.match(second.body.message, new RegExp(`^from and to overlap the override ${first.body.id} \\(ben from`));
    const both = await Promise.all([0, 1].map(() => ask('POST', '/schedules/ops/overrides', fields(1, 2))));
    assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 400]);
  });

  test('that are wrong are refused by the field, and make nothing', async () => {
    const made = await overridesOf('data');
    for (const [more, code, message] of [
      [{ contact: 'zoe' }, 'BAD_CONTACT', /ana, ben, cleo/],
      [{ contact: 'cleo' }, 'BAD_CONTACT', /address for sms/],
      [{ contact: 7 }, 'BAD_REQUEST', /contact must be string/],
      [{ from: '2026-12-24T18:00:00' }, 'BAD_FROM', /a time with its offset/],
      [{ from: inHours(-1) }, 'BAD_FROM', /past/],
      [{ from: undefined }, 'BAD_REQUEST', /'from'/],
      [{ to: inHours(-2) }, 'BAD_TO', /after from/],
      [{ to: iso(Date.now() + 95 * day) }, 'BAD_TO', /90 days/],
      [{ by: '+15550000001' }, 'BAD_BY', /phone number/],
    ] as const) {
      const { status, body } = await ask('POST', '/schedules/data/overrides', { ...fields(100, 101), ...more });
      assert.deepEqual([status, body.code], [400, code], JSON.stringify(more));
      assert.match(body.message, message);
    }
    assert.equal((await ask('POST', '/schedules/data/overrides', '{"contact":')).status, 400);
    assert.equal((await ask('POST', '/schedules/data/overrides')).status, 400);
    assert.deepEqual(await overridesOf('data'), made);
  });

  test('of an unknown schedule, and unknown ones, are 404', async () => {
    const unknown = await ask('POST', '/schedules/nothing/overrides', fields(1, 2));
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'UNKNOWN_SCHEDULE']);
    assert.match(unknown.body.message, /known are: data, ops\./);
    assert.equal((await ask('GET', '/schedules/constructor/overrides')).status, 404);
    for (const id of [randomUUID(), 'x', '%00'])
      assert.equal((await ask('DELETE', `/schedules/data/overrides/${id}`)).status, 404, id);
  });

  test('need the token', async () => {
    for (const [method, url] of [
      ['GET', '/schedules/data/overrides'],
      ['POST', '/schedules/data/overrides'],
      ['DELETE', `/schedules/data/overrides/${randomUUID()}`],
    ] as const)
      assert.equal((await ask(method, url, undefined, { authorization: 'Bearer wrong' })).status, 401);
  });

  test('are still known after the workflow was read by nobody: no worker runs', async () => {
    await stopWorker();
    assert.equal((await overridesOf('data')).length, 1);
    const { schedules, problem } = (await ask('GET', `/on-call?at=${inHours(30)}`)).body;
    assert.deepEqual([schedules.data.now, schedules.data.override, problem], ['ben', true, undefined]);
    const noWorker = await buildTestApi(client, { escalation, temporalTimeouts: { readTimeoutMs: 1_500 } });
    const made = await noWorker.inject({
      method: 'POST',
      url: '/schedules/data/overrides',
      headers: { authorization },
      payload: fields(60, 61),
    });
    assert.deepEqual([made.statusCode, made.json().code], [503, 'TEMPORAL_UNAVAILABLE']);
    const { status } = await client.workflow.getHandle(onCallWorkflowId).describe();
    assert.equal(status.name, 'RUNNING');
  });
});

test('while Temporal does not answer, GET /on-call goes by the file and says so, and nothing can be made', async () => {
  const offline = await buildTestApi(clientWithoutServer(), {
    escalation,
    temporalTimeouts: { readyTimeoutMs: 300, readTimeoutMs: 300 },
  });
  const answer = await offline.inject({ url: '/on-call', headers: { authorization } });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.json().schedules.data.now, 'ana');
  assert.match(answer.json().problem, /could not be read: this is by the escalation file alone/);
  for (const method of ['GET', 'POST', 'DELETE'] as const) {
    const url = `/schedules/data/overrides${method === 'DELETE' ? `/${randomUUID()}` : ''}`;
    const refused = await offline.inject({
      method,
      url,
      headers: { authorization },
      ...(method === 'POST' && { payload: fields(1, 2) }),
    });
    assert.deepEqual([refused.statusCode, refused.json().code], [503, 'TEMPORAL_UNAVAILABLE'], method);
  }
});
