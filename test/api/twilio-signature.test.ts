import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { loadConfig } from '../../src/config/config.js';
import { assertHas, byTwilio, config, buildTestApp, signalsOf, signatureOf, sidFor, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client));
});

const environment = {
  API_TOKEN: 'kZ8v-9qaR-w3Tn-5bLx-h7',
  TABLEAU_DOMAIN: 'eu-west-1a.online.tableau.com',
  TABLEAU_WEBHOOK_SECRET: 'vG6p-first-Qm2x-rT8s',
  TABLEAU_PAT_NAME: 'pager',
  TABLEAU_PAT_SECRET: 'pat-Kf92nQ==:zt7',
  TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789ABCDEF',
  TWILIO_AUTH_TOKEN: '7d1f0c5a9be84236af0d7c15e2b9468a',
  TWILIO_FROM_NUMBER: '+15550009999',
  TWILIO_TO_NUMBER: '+15550000001',
};

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

  test('covers the public address in capitals too, where PUBLIC_URL has them', async () => {
    const given = { ...environment, NODE_ENV: 'development', PUBLIC_URL: 'https://Hooks.Example.com/' };
    const { publicUrl: address, http } = loadConfig(given);
    const { twilio } = config;
    const { app: capital } = await buildTestApp(client, { config: { ...http, publicUrl: address, twilio } });
    const request = (publicUrl: string) =>
      byTwilio('/twilio/status?contact=nobody&attempt=a-1', text('', { MessageStatus: 'sent' }), { publicUrl });
    for (const publicUrl of ['https://Hooks.Example.com', 'https://hooks.example.com'])
      assert.equal((await capital.inject(request(publicUrl))).statusCode, 204, publicUrl);
    assert.equal((await capital.inject(request('https://HOOKS.example.com'))).statusCode, 403);
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
