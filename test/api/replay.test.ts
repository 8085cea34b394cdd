/** Replay attacks: a request that Twilio signed and somebody intercepted is sent again, to another endpoint, or changed. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { assertHas, byTwilio, buildTestApp, signalsOf, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;
before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client));
});

const sid = `SM${'0123456789abcdef'.repeat(2)}`;
const fields: [string, string][] = [
  ['Body', 'ACK 2'],
  ['From', '+15550000001'],
  ['MessageSid', sid],
  ['NumMedia', '0'],
  ['To', '+15550009999'],
];
const intercepted = byTwilio('/twilio/message?contact=ana', fields);
const replies = async () => (await signalsOf(client, 'pager:ana')).map(({ payload }) => payload);

test('sent again it has the same reply id, so that the pager acts once', async () => {
  for (let copy = 0; copy < 3; copy++) assert.equal((await app.inject(intercepted)).statusCode, 200);
  const received = await replies();
  assert.equal(received.length, 3);
  for (const reply of received) assertHas(reply, { replyId: sid, command: { verb: 'acknowledge', number: 2 } });
});

const encoded = (pairs: [string, string][]) => new URLSearchParams(pairs).toString();

describe('an equivalent encoding of the same fields has the same reply id', () => {
  const table: [string, string][] = [
    ['in another order', encoded(fields.toReversed())],
    ['with %20 for +', encoded(fields).replaceAll('+', '%20')],
    ['with a letter escaped', encoded(fields).replace('ACK', '%41CK')],
    ['with a field twice', `${encoded(fields)}&NumMedia=0`],
  ];
  for (const [how, payload] of table)
    test(how, async () => {
      assert.equal((await app.inject({ ...intercepted, payload })).statusCode, 200);
      assertHas((await replies()).at(-1), { replyId: sid, command: { verb: 'acknowledge', number: 2 } });
    });
});

describe('a changed request is 403 or 404, and no pager receives it', () => {
  const table: [string, Partial<typeof intercepted>][] = [
    ['to another endpoint', { url: '/twilio/call?contact=ana' }],
    ['for another contact', { url: '/twilio/message?contact=lead' }],
    ['without the query', { url: '/twilio/message' }],
    ['with a trailing slash', { url: '/twilio/message/?contact=ana' }],
    ['by another spelling of the same path', { url: '/twilio/%6dessage?contact=ana' }],
    ['with an additional field', { payload: `${encoded(fields)}&OptOutType=STOP` }],
    ['without a field', { payload: encoded(fields.slice(1)) }],
    ['with another value', { payload: encoded(fields).replace('ACK+2', 'ALL') }],
    ['with another value first', { payload: `Body=ALL&${encoded(fields)}` }],
    ['with a field name in another case', { payload: encoded(fields).replace('Body', 'body') }],
    ['encoded twice', { payload: encodeURIComponent(encoded(fields)) }],
    ['with a byte order mark', { payload: `\uFEFF${encoded(fields)}` }],
    ['in UTF-16', { payload: Buffer.from(encoded(fields), 'utf16le').toString('latin1') }],
  ];
  for (const [how, change] of table)
    test(how, async () => {
      const earlier = (await replies()).length;
      const { statusCode } = await app.inject({ ...intercepted, ...change });
      assert.ok([403, 404].includes(statusCode), `${statusCode}`);
      assert.equal((await replies()).length, earlier);
    });

  test('fields joined so that the signature still holds but the MessageSid differs: Twilio signs no separators', async () => {
    const earlier = (await replies()).length;
    const cut = fields.filter(([name]) => name !== 'NumMedia');
    const payload = encoded(cut.map(([name, value]) => [name, name === 'MessageSid' ? `${sid}NumMedia0` : value]));
    // The signature holds.
    assert.equal((await app.inject({ ...intercepted, payload })).statusCode, 200);
    assert.equal((await replies()).length, earlier);
  });
});
