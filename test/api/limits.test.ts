import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { until } from '../helpers/until.js';
import { assertHas, byTwilio, config, failure, buildTestApp, sidFor, startTemporal } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const bearer = { authorization: `Bearer ${config.apiToken}` };
const text = byTwilio('/twilio/message', [
  ['MessageSid', sidFor('SM', '1')],
  ['From', '+15550000001'],
  ['Body', 'ACK'],
]);
const notifier = (secret: string): InjectOptions => ({
  method: 'POST',
  url: `/notifier/${secret}`,
  payload: failure(),
});
const forgery = { ...text, headers: { ...text.headers, 'x-twilio-signature': `${'A'.repeat(27)}=` } };
const statuses = async (app: FastifyInstance, request: InjectOptions, times: number) => {
  const seen: number[] = [];
  for (let i = 0; i < times; i++) seen.push((await app.inject(request)).statusCode);
  return seen;
};

describe('a client without the right credential', () => {
  const endpoints: [string, InjectOptions, InjectOptions, number][] = [
    ['Tableau', notifier('wrong-secret-0000'), notifier('current-secret-0001'), 401],
    ['Twilio', forgery, text, 403],
    ['scripts', { url: '/incidents' }, { url: '/incidents', headers: bearer }, 401],
  ];
  for (const [endpoint, wrong, right, status] of endpoints) {
    test(`is refused at the endpoint for ${endpoint}, then limited with 429; a client with it is accepted from the same address`, async () => {
      const { app } = await buildTestApp(client, { rates: { refused: 5 } });
      assert.deepEqual(await statuses(app, wrong, 7), [...Array<number>(5).fill(status), 429, 429]);
      const answer = await app.inject(wrong);
      assertHas(answer.json(), { statusCode: 429, code: 'TOO_MANY_REQUESTS', error: 'Too Many Requests' });
      assert.ok(Number(answer.headers['retry-after']) > 0);
      assert.deepEqual(await statuses(app, right, 10), Array<number>(10).fill(200));
      // Other addresses and the other endpoints are not limited.
      const elsewhere = await app.inject({ ...wrong, remoteAddress: '192.0.2.1' });
      assert.equal(elsewhere.statusCode, status);
      for (const [, other, , refusal] of endpoints.filter(([name]) => name !== endpoint))
        assert.equal((await app.inject(other)).statusCode, refusal);
    });
  }

  test('is limited only after a thousand requests in a minute', async () => {
    const { app } = await buildTestApp(client);
    for (const [, wrong, , status] of endpoints)
      assert.deepEqual(new Set(await statuses(app, wrong, 1_000)), new Set([status]));
  });
});

test('GET / and the reads have rate limits of their own; health checks and answers have none', async () => {
  const { app } = await buildTestApp(client, { rates: { home: 2, reads: 2 } });
  const json = { accept: 'application/json' };
  assert.deepEqual(await statuses(app, { url: '/', headers: json }, 3), [200, 200, 429]);
  assert.deepEqual(await statuses(app, { url: '/incidents/none', headers: bearer }, 3), [404, 404, 429]);
  for (const url of ['/healthz', '/readyz'])
    assert.deepEqual(new Set(await statuses(app, { url }, 20)), new Set([200]));
  const answer = { method: 'POST' as const, url: '/incidents/none/acknowledge', headers: bearer };
  assert.deepEqual(new Set(await statuses(app, answer, 5)), new Set([404]));
});

describe('the address of a client', () => {
  const wrong = notifier('wrong-secret-0000');
  const from = (forwarded: string, remoteAddress = '127.0.0.1') => ({
    ...wrong,
    remoteAddress,
    headers: { 'x-forwarded-for': forwarded },
  });
  const behindProxies = async (trustedProxies?: number | string[]) => {
    const { app } = await buildTestApp(client, {
      rates: { refused: 1 },
      config: { ...config, ...(trustedProxies !== undefined && { trustedProxies }) },
    });
    return async (forwarded: string, remoteAddress?: string) =>
      (await app.inject(from(forwarded, remoteAddress))).statusCode;
  };

  test('is the address that connects: X-Forwarded-For is ignored without trusted proxies', async () => {
    const statusFor = await behindProxies();
    assert.deepEqual([await statusFor('192.0.2.1'), await statusFor('192.0.2.2')], [401, 429]);
  });

  test('is the last address in X-Forwarded-For that is not a trusted proxy', async () => {
    for (const proxies of [1, ['loopback', '10.0.0.0/8']]) {
      const statusFor = await behindProxies(proxies);
      assert.deepEqual(
        [await statusFor('192.0.2.1'), await statusFor('192.0.2.2'), await statusFor('192.0.2.1')],
        [401, 401, 429],
      );
      assert.equal(await statusFor('198.51.100.7, 192.0.2.2'), 429);
    }
    const statusFor = await behindProxies(['10.0.0.0/8']);
    assert.deepEqual(
      [await statusFor('192.0.2.1', '192.0.2.9'), await statusFor('192.0.2.2', '192.0.2.9')],
      [401, 429],
    );
  });

  test('counts an IPv6 /64 network as one client, and may be malformed', async () => {
    const statusFor = await behindProxies(1);
    assert.deepEqual(
      [await statusFor('2001:db8::1'), await statusFor('2001:db8::2'), await statusFor('2001:db8:0:1::1')],
      [401, 429, 401],
    );
    for (const odd of ['', ',', 'unknown', 'x'.repeat(5_000), 'fe80::1%eth0', '::ffff:192.0.2.55', '[::1]:80'])
      assert.ok([401, 429].includes(await statusFor(odd)), odd.slice(0, 20));
  });
});

test('under pressure, reads are 503 with Retry-After; webhooks, replies, answers and health checks are served', async () => {
  const { app } = await buildTestApp(client, { pressureLimits: { maxHeapUsedBytes: 1, sampleIntervalMs: 10 } });
  await until('pressure', async () => (await app.inject({ url: '/readyz' })).json().underPressure === true);
  for (const url of ['/', '/incidents', '/incidents/none']) {
    const answer = await app.inject({ url, headers: bearer });
    assertHas(answer.json(), { statusCode: 503, code: 'UNDER_PRESSURE', error: 'Service Unavailable' });
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  const served: [InjectOptions, number][] = [
    [notifier('current-secret-0001'), 200],
    [text, 200],
    [{ method: 'POST', url: '/incidents/none/acknowledge', headers: bearer }, 404],
    [{ url: '/healthz' }, 200],
    [{ url: '/readyz' }, 200],
  ];
  for (const [request, status] of served) assert.equal((await app.inject(request)).statusCode, status);
  const { app: idle } = await buildTestApp(client);
  assert.equal((await idle.inject({ url: '/readyz' })).json().underPressure, false);
});
