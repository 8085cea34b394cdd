/** Replay attacks: a request that Twilio signed and somebody intercepted is sent again, to another endpoint, or changed. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { assertHas, byTwilio, buildTestApp, config, sidFor, signalsOf, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;
before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client));
});

const sid = `SM${'0123456789abcdef'.repeat(2)}`;
const fields: [string, string][] = [
  ['AccountSid', config.twilio.accountSid],
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
});

/** Twilio signs names and values without separators: a field can be moved to the end of the value before it, and the signature holds. */
function* recuts(original: [string, string][]): Generator<{ moved: string; pairs: [string, string][] }> {
  const sorted = original.toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [index, [name, value]] of sorted.entries()) {
    const previous = sorted[index - 1];
    if (!previous) continue;
    const pairs = sorted.filter((pair) => pair[0] !== name);
    yield { moved: name, pairs: pairs.map((pair) => (pair === previous ? [pair[0], pair[1] + name + value] : pair)) };
  }
}

describe('a field moved into the value before it, so that the signature holds,', () => {
  const message: [string, string][] = [
    ['ApiVersion', '2010-04-01'],
    ...fields,
    ['NumSegments', '1'],
    ['OriginalRepliedMessageSid', sidFor('MM', 'page')],
    ['SmsMessageSid', sid],
    ['SmsSid', sid],
    ['SomethingNew', 'x'],
    ['WaId', '15550000001'],
  ];
  for (const { moved, pairs } of recuts(message))
    test(`${moved}: the pager gets no other reply id`, async () => {
      const earlier = (await replies()).length;
      const { statusCode } = await app.inject(byTwilio('/twilio/message', pairs));
      const received = (await replies()).slice(earlier);
      assert.ok(statusCode === 403 || statusCode === 200, `${statusCode}`);
      for (const reply of received) assertHas(reply, { replyId: sid });
    });

  const call: [string, string][] = [
    ['AccountSid', config.twilio.accountSid],
    ['ApiVersion', '2010-04-01'],
    ['CallSid', sidFor('CA', 'call')],
    ['CallStatus', 'in-progress'],
    ['Digits', '1'],
    ['Direction', 'outbound-api'],
    ['From', '+15550009999'],
    ['To', '+15550000001'],
  ];
  for (const { moved, pairs } of recuts(call))
    test(`${moved}: a key has no other reply id`, async () => {
      const earlier = (await replies()).length;
      await app.inject(byTwilio('/twilio/call?contact=ana&attempt=at-1', pairs));
      for (const reply of (await replies()).slice(earlier))
        assertHas(reply, { replyId: `${sidFor('CA', 'call')}:1`, command: { verb: 'acknowledge' } });
    });
});

describe('a signed request is 403, and no pager receives it,', () => {
  const table: [string, string, [string, string][]][] = [
    ['of another account', '/twilio/message', [['AccountSid', `AC${'b'.repeat(32)}`], ...fields.slice(1)]],
    ['with a SID of another form', '/twilio/message', [...fields, ['SmsSid', 'SM1']]],
    ['with a SID that goes on', '/twilio/message', [...fields, ['SmsSid', `${sid}0`]]],
    ['with a SID of a call for a message', '/twilio/message', [...fields, ['SmsSid', sidFor('CA', 'x')]]],
    ['without the SID of the message', '/twilio/message', fields.filter(([name]) => name !== 'MessageSid')],
    ['without the SID of the call', '/twilio/call?contact=ana&attempt=at-1', [['Digits', '1']]],
    ['without any SID', '/twilio/status?contact=ana&attempt=at-1', [['MessageStatus', 'sent']]],
  ];
  for (const [how, path, pairs] of table)
    test(how, async () => {
      const earlier = (await replies()).length;
      assert.equal((await app.inject(byTwilio(path, pairs))).statusCode, 403);
      assert.equal((await replies()).length, earlier);
    });
});

test('fields that Twilio has added since are accepted', async () => {
  const more: [string, string][] = [...fields, ['TwiceAsNew', 'SM1'], ['RcsSid', 'x']];
  assert.equal((await app.inject(byTwilio('/twilio/message', more))).statusCode, 200);
});
