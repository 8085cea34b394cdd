import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { assertHas, byTwilio, config, buildTestApp, signalsOf, signatureOf, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client));
});

const text = (Body: string, more: Record<string, string> = {}): [string, string][] =>
  Object.entries({ MessageSid: 'SM1', From: '+15550000001', To: '+15550009999', Body, ...more });
const repliesOf = async (contact: string) => await signalsOf(client, `pager:${contact}`);
const form = 'application/x-www-form-urlencoded';

describe('the signature', () => {
  test('is made with either token, over every field as it came', async () => {
    const odd: [string, string][] = [...text(' OK '), ['NumMedia', ''], ['NewThing', 'a b+c&d=é😀'], ['Zip', '  ']];
    for (const token of config.twilio.authTokens) {
      const answer = await app.inject(byTwilio('/twilio/message', odd, { token }));
      assert.equal(answer.statusCode, 200, token);
    }
  });

  test('covers the address, with a path prefix that the proxy strips or does not strip', async () => {
    const publicUrl = 'https://h.example.com/hooks';
    const { app: prefixed } = await buildTestApp(client, { config: { ...config, publicUrl } });
    const path = '/twilio/status?contact=nobody&attempt=a-1';
    const fields = text('', { MessageStatus: 'sent' });
    const stripped = byTwilio(path, fields, { publicUrl });
    assert.equal((await prefixed.inject(stripped)).statusCode, 204);
    assert.equal((await prefixed.inject({ ...stripped, url: `/hooks${path}` })).statusCode, 204);
    assert.equal(
      (await prefixed.inject(byTwilio(path, fields, { publicUrl: 'https://h.example.com' }))).statusCode,
      403,
    );
  });

  const ack = text('ACK');
  const manyFields = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`Field${n}`, '']));
  const typed = (door: string, type: string, payload?: string) => {
    const { headers, ...request } = byTwilio(door, ack);
    return { ...request, headers: { ...headers, 'content-type': type }, ...(payload && { payload }) };
  };
  const table: [string, (door: string) => InjectOptions][] = [
    ['missing', (door) => byTwilio(door, ack, { headers: { 'x-twilio-signature': '' } })],
    ['not there', (door) => ({ method: 'POST', url: door, payload: 'Body=ACK', headers: { 'content-type': form } })],
    ['of an old token', (door) => byTwilio(door, ack, { token: 'retired-token' })],
    ['of other fields', (door) => ({ ...byTwilio(door, ack), payload: 'Body=ACK&From=%2B15550000001&MessageSid=SM1' })],
    ['of another address', (door) => ({ ...byTwilio(door, ack), url: `${door}?x=1` })],
    ['of http instead of https', (door) => byTwilio(door, ack, { publicUrl: 'http://webhooks.example.com' })],
    ['on JSON', (door) => typed(door, 'application/json', '{"From":"+15550000001"}')],
    ['on broken JSON', (door) => typed(door, 'application/json', '{')],
    ['on plain text', (door) => typed(door, 'text/plain')],
    ['on a type that is none', (door) => typed(door, ';;;')],
    ['on nothing', (door) => ({ method: 'POST', url: door, headers: { 'x-twilio-signature': signatureOf('x', []) } })],
    ['on too much', (door) => byTwilio(door, text('x'.repeat(400_000)))],
    ['on more fields than Twilio has', (door) => byTwilio(door, text('ACK', manyFields))],
    ['on an address that cannot be read', (door) => ({ ...byTwilio(door, ack), url: `${door}/%E0%A4%A` })],
  ];
  for (const [what, request] of table) {
    test(`${what} is 403, and nothing else is looked at`, async () => {
      const earlier = await repliesOf('ana');
      for (const door of ['/twilio/message', '/twilio/call', '/twilio/status']) {
        const answer = await app.inject(request(door));
        assert.equal(answer.statusCode, 403, door);
        assertHas(answer.json(), { statusCode: 403, error: 'Forbidden', code: 'BAD_SIGNATURE' });
      }
      assert.deepEqual(await repliesOf('ana'), earlier);
    });
  }
});
