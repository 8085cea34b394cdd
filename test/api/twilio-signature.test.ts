import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { assertHas, byTwilio, config, buildTestApp, signalsOf, signatureOf, sidFor, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client));
});

const text = (Body: string, more: Record<string, string> = {}): [string, string][] =>
  Object.entries({ MessageSid: sidFor('SM', '1'), From: '+15550000001', To: '+15550009999', Body, ...more });
const repliesOf = async (contact: string) => await signalsOf(client, `pager:${contact}`);
const form = 'application/x-www-form-urlencoded';

describe('the signature', () => {
  test('is valid with either auth token, over every field as received', async () => {
    const odd: [string, string][] = [...text(' OK '), ['NumMedia', ''], ['NewThing', 'a b+c&d=é😀'], ['Zip', '  ']];
    for (const token of config.twilio.authTokens) {
      const answer = await app.inject(byTwilio('/twilio/message', odd, { token }));
      assert.equal(answer.statusCode, 200, token);
    }
  });

  test('covers the public address, with a path prefix that the proxy strips or does not strip', async () => {
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
  const typed = (endpoint: string, type: string, payload?: string) => {
    const { headers, ...request } = byTwilio(endpoint, ack);
    return { ...request, headers: { ...headers, 'content-type': type }, ...(payload && { payload }) };
  };
  const table: [string, (endpoint: string) => InjectOptions][] = [
    ['an empty one', (endpoint) => byTwilio(endpoint, ack, { headers: { 'x-twilio-signature': '' } })],
    [
      'a missing one',
      (endpoint) => ({ method: 'POST', url: endpoint, payload: 'Body=ACK', headers: { 'content-type': form } }),
    ],
    ['one of a retired token', (endpoint) => byTwilio(endpoint, ack, { token: 'retired-token' })],
    [
      'one of other fields',
      (endpoint) => ({ ...byTwilio(endpoint, ack), payload: 'Body=ACK&From=%2B15550000001&MessageSid=SM1' }),
    ],
    ['one of another address', (endpoint) => ({ ...byTwilio(endpoint, ack), url: `${endpoint}?x=1` })],
    [
      'one of http instead of https',
      (endpoint) => byTwilio(endpoint, ack, { publicUrl: 'http://webhooks.example.com' }),
    ],
    ['one on JSON', (endpoint) => typed(endpoint, 'application/json', '{"From":"+15550000001"}')],
    ['one on invalid JSON', (endpoint) => typed(endpoint, 'application/json', '{')],
    ['one on plain text', (endpoint) => typed(endpoint, 'text/plain')],
    ['one on an invalid content type', (endpoint) => typed(endpoint, ';;;')],
    [
      'one on no body',
      (endpoint) => ({ method: 'POST', url: endpoint, headers: { 'x-twilio-signature': signatureOf('x', []) } }),
    ],
    ['one on a too long body', (endpoint) => byTwilio(endpoint, text('x'.repeat(400_000)))],
    ['one on more fields than Twilio sends', (endpoint) => byTwilio(endpoint, text('ACK', manyFields))],
    [
      'one on an address that cannot be decoded',
      (endpoint) => ({ ...byTwilio(endpoint, ack), url: `${endpoint}/%E0%A4%A` }),
    ],
  ];
  for (const [what, request] of table) {
    test(`${what} is 403 before anything else is checked`, async () => {
      const earlier = await repliesOf('ana');
      for (const endpoint of ['/twilio/message', '/twilio/call', '/twilio/status']) {
        const answer = await app.inject(request(endpoint));
        assert.equal(answer.statusCode, 403, endpoint);
        assertHas(answer.json(), { statusCode: 403, error: 'Forbidden', code: 'BAD_SIGNATURE' });
      }
      assert.deepEqual(await repliesOf('ana'), earlier);
    });
  }
});
