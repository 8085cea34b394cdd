import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { readEscalation } from '../../src/policy/load.js';
import { buildTestApp, config, escalation, startTemporal } from './service.js';

const { schedules } = readEscalation(
  'e.yaml',
  `contacts: { ana: { phone: "+15550000001" }, ben: { phone: "+15550000002" } }
schedules:
  data:
    timezone: Europe/Berlin
    rotation: { contacts: [ana, ben], every: 1w, start: "2026-11-23T09:00" }
    overrides: [{ contact: ben, from: "2026-11-25T18:00", to: "2026-11-26T09:00" }]
policies: { default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] } }
`,
);
let app: FastifyInstance;
before(async () => {
  ({ app } = await buildTestApp((await startTemporal()).client, {
    escalation: { ...escalation, ...(schedules && { schedules }) },
    clock: () => Date.parse('2026-11-24T12:00Z'),
  }));
});

const get = async (url: string, headers = { authorization: `Bearer ${config.apiToken}` }) => {
  const answer = await app.inject({ url, headers });
  return { status: answer.statusCode, body: answer.json() };
};

describe('GET /on-call', () => {
  test('says who is on call now, until when, and who is next', async () => {
    assert.deepEqual(await get('/on-call'), {
      status: 200,
      body: {
        schedules: { data: { now: 'ana', until: '2026-11-25T17:00:00.000Z', next: 'ben', override: false } },
      },
    });
  });

  test('says it of another time, with any offset', async () => {
    for (const at of ['2026-11-25T20:00:00Z', '2026-11-25T21:00:00%2B01:00', '2026-11-25T21:00+01:00'])
      assert.deepEqual((await get(`/on-call?at=${at}`)).body.schedules.data, {
        now: 'ben',
        until: '2026-11-26T08:00:00.000Z',
        next: 'ana',
        override: true,
      });
    assert.deepEqual((await get('/on-call?at=2020-01-01T00:00Z')).body.schedules.data.now, null);
  });

  test('refuses a time without offset, and one that is none, by the name of the field', async () => {
    for (const at of ['2026-11-25T20:00:00', 'tomorrow', '2026-13-45T00:00Z', ''])
      assert.deepEqual(await get(`/on-call?at=${at}`), {
        status: 400,
        body: {
          statusCode: 400,
          code: 'BAD_AT',
          error: 'Bad Request',
          message: 'at must be a time with its offset, such as 2026-12-24T18:00:00Z.',
        },
      });
  });

  test('needs the token', async () =>
    assert.equal((await get('/on-call', { authorization: 'Bearer wrong' })).status, 401));
});
