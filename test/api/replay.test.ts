/** A request that Twilio signed and somebody has caught: sent once more, elsewhere, or changed. */
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
const caught = byTwilio('/twilio/message?contact=ana', fields);
const replies = async () => (await signalsOf(client, 'pager:ana')).map(({ payload }) => payload);

test('the same once more is the same reply, by which the pager acts once', async () => {
  for (let copy = 0; copy < 3; copy++) assert.equal((await app.inject(caught)).statusCode, 200);
  const said = await replies();
  assert.equal(said.length, 3);
  for (const reply of said) assertHas(reply, { replyId: sid, command: { verb: 'acknowledge', number: 2 } });
});

const encoded = (pairs: [string, string][]) => new URLSearchParams(pairs).toString();

describe('what says the same in other words is the same reply', () => {
  const table: [string, string][] = [
    ['in another order', encoded(fields.toReversed())],
    ['with %20 for +', encoded(fields).replaceAll('+', '%20')],
    ['with a letter escaped', encoded(fields).replace('ACK', '%41CK')],
    ['with a field twice', `${encoded(fields)}&NumMedia=0`],
  ];
  for (const [how, payload] of table)
    test(how, async () => {
      assert.equal((await app.inject({ ...caught, payload })).statusCode, 200);
      assertHas((await replies()).at(-1), { replyId: sid, command: { verb: 'acknowledge', number: 2 } });
    });
});

describe('what says something else is 403, and nobody hears of it', () => {
  const table: [string, Partial<typeof caught>][] = [
    ['at another door', { url: '/twilio/call?contact=ana' }],
    ['for another contact', { url: '/twilio/message?contact=lead' }],
    ['without the query', { url: '/twilio/message' }],
    ['with a slash more', { url: '/twilio/message/?contact=ana' }],
    ['by another path to the same door', { url: '/twilio/%6dessage?contact=ana' }],
    ['with a field more', { payload: `${encoded(fields)}&OptOutType=STOP` }],
    ['with a field less', { payload: encoded(fields.slice(1)) }],
    ['with another value', { payload: encoded(fields).replace('ACK+2', 'ALL') }],
    ['with another value first', { payload: `Body=ALL&${encoded(fields)}` }],
    ['with a name in other letters', { payload: encoded(fields).replace('Body', 'body') }],
    ['encoded twice', { payload: encodeURIComponent(encoded(fields)) }],
    ['with a mark before it', { payload: `\uFEFF${encoded(fields)}` }],
    ['in UTF-16', { payload: Buffer.from(encoded(fields), 'utf16le').toString('latin1') }],
  ];
  for (const [how, change] of table)
    test(how, async () => {
      const earlier = (await replies()).length;
      const { statusCode } = await app.inject({ ...caught, ...change });
      assert.ok([403, 404].includes(statusCode), `${statusCode}`);
      assert.equal((await replies()).length, earlier);
    });

  test('cut anew, so that the id is another: Twilio signs nothing between names and values', async () => {
    const earlier = (await replies()).length;
    const cut = fields.filter(([name]) => name !== 'NumMedia');
    const payload = encoded(cut.map(([name, value]) => [name, name === 'MessageSid' ? `${sid}NumMedia0` : value]));
    // The signature holds.
    assert.equal((await app.inject({ ...caught, payload })).statusCode, 200);
    assert.equal((await replies()).length, earlier);
  });
});
