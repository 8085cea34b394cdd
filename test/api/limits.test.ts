import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { until } from '../helpers/until.js';
import { assertHas, byTwilio, config, failure, buildTestApp, startTemporal } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const bearer = { authorization: `Bearer ${config.apiToken}` };
const text = byTwilio('/twilio/message', [
  ['MessageSid', 'SM1'],
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

describe('who comes without the right credential', () => {
  const doors: [string, InjectOptions, InjectOptions, number][] = [
    ['Tableau', notifier('wrong-secret-0000'), notifier('current-secret-0001'), 401],
    ['Twilio', forgery, text, 403],
    ['scripts', { url: '/incidents' }, { url: '/incidents', headers: bearer }, 401],
  ];
  for (const [door, wrong, right, status] of doors) {
    test(`is refused at the door of ${door}, and after many times told to wait; who has it is let in from the same address`, async () => {
      const { app } = await buildTestApp(client, { rates: { refused: 5 } });
      assert.deepEqual(await statuses(app, wrong, 7), [...Array<number>(5).fill(status), 429, 429]);
      const answer = await app.inject(wrong);
      assertHas(answer.json(), { statusCode: 429, code: 'TOO_MANY_REQUESTS', error: 'Too Many Requests' });
      assert.ok(Number(answer.headers['retry-after']) > 0);
      assert.deepEqual(await statuses(app, right, 10), Array<number>(10).fill(200));
      // Elsewhere, and at the other doors, nothing is held against anybody.
      const elsewhere = await app.inject({ ...wrong, remoteAddress: '192.0.2.1' });
      assert.equal(elsewhere.statusCode, status);
      for (const [, other, , refusal] of doors.filter(([name]) => name !== door))
        assert.equal((await app.inject(other)).statusCode, refusal);
    });
  }

  test('may try a thousand times in a minute before that', async () => {
    const { app } = await buildTestApp(client);
    for (const [, wrong, , status] of doors)
      assert.deepEqual(new Set(await statuses(app, wrong, 1_000)), new Set([status]));
  });
});

test('the page and the reads have limits of their own; health and answers have none', async () => {
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
  const house = async (trustedProxies?: number | string[]) => {
    const { app } = await buildTestApp(client, {
      rates: { refused: 1 },
      config: { ...config, ...(trustedProxies !== undefined && { trustedProxies }) },
    });
    return async (forwarded: string, remoteAddress?: string) =>
      (await app.inject(from(forwarded, remoteAddress))).statusCode;
  };

  test('is who connects: what a client says of itself is not believed', async () => {
    const ask = await house();
    assert.deepEqual([await ask('192.0.2.1'), await ask('192.0.2.2')], [401, 429]);
  });

  test('is what the trusted proxies say, the last of them that is not trusted itself', async () => {
    for (const proxies of [1, ['loopback', '10.0.0.0/8']]) {
      const ask = await house(proxies);
      assert.deepEqual([await ask('192.0.2.1'), await ask('192.0.2.2'), await ask('192.0.2.1')], [401, 401, 429]);
      assert.equal(await ask('198.51.100.7, 192.0.2.2'), 429);
    }
    const ask = await house(['10.0.0.0/8']);
    assert.deepEqual([await ask('192.0.2.1', '192.0.2.9'), await ask('192.0.2.2', '192.0.2.9')], [401, 429]);
  });

  test('is one for a whole IPv6 network of a customer, and may be anything at all', async () => {
    const ask = await house(1);
    assert.deepEqual(
      [await ask('2001:db8::1'), await ask('2001:db8::2'), await ask('2001:db8:0:1::1')],
      [401, 429, 401],
    );
    for (const odd of ['', ',', 'unknown', 'x'.repeat(5_000), 'fe80::1%eth0', '::ffff:192.0.2.55', '[::1]:80'])
      assert.ok([401, 429].includes(await ask(odd)), odd.slice(0, 20));
  });
});

test('under pressure what can wait is told to, and nothing else is', async () => {
  const { app } = await buildTestApp(client, { pressureLimits: { maxHeapUsedBytes: 1, sampleIntervalMs: 10 } });
  await until('pressure', async () => (await app.inject({ url: '/readyz' })).json().underPressure === true);
  for (const url of ['/', '/incidents', '/incidents/none']) {
    const answer = await app.inject({ url, headers: bearer });
    assertHas(answer.json(), { statusCode: 503, code: 'UNDER_PRESSURE', error: 'Service Unavailable' });
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  const going: [InjectOptions, number][] = [
    [notifier('current-secret-0001'), 200],
    [text, 200],
    [{ method: 'POST', url: '/incidents/none/acknowledge', headers: bearer }, 404],
    [{ url: '/healthz' }, 200],
    [{ url: '/readyz' }, 200],
  ];
  for (const [request, status] of going) assert.equal((await app.inject(request)).statusCode, status);
  const { app: idle } = await buildTestApp(client);
  assert.equal((await idle.inject({ url: '/readyz' })).json().underPressure, false);
});
