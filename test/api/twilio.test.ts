import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { pageTemplate } from '../../src/twilio/page-template.js';
import {
  assertHas,
  byTwilio,
  clientWithoutServer,
  config,
  buildTestApp,
  sidFor,
  signalsOf,
  startTemporal,
} from './service.js';

let client: Client;
let app: FastifyInstance;
let log: () => string;

before(async () => {
  ({ client } = await startTemporal());
  ({ app, log } = await buildTestApp(client, { temporalTimeouts: { outcomeTimeoutMs: 300 } }));
});

const text = (Body: string, more: Record<string, string> = {}): [string, string][] =>
  Object.entries({
    MessageSid: sidFor('SM', `${Math.random()}`),
    From: '+15550000001',
    To: '+15550009999',
    Body,
    ...more,
  });
const empty = '<?xml version="1.0" encoding="UTF-8"?><Response/>';
const repliesOf = async (contact: string) =>
  (await signalsOf(client, `pager:${contact}`)).map(({ payload }) => payload);
const lastReplyOf = async (contact: string) => (await repliesOf(contact)).at(-1);

describe('an incoming message', () => {
  test('is signalled as a command to the pager of its sender, and the response is empty TwiML', async () => {
    const answer = await app.inject(byTwilio('/twilio/message', text('ok!', { MessageSid: sidFor('SM', '1') })));
    assert.equal(answer.statusCode, 200);
    assert.match(String(answer.headers['content-type']), /^text\/xml/);
    assert.equal(answer.body, empty);
    assertHas(await lastReplyOf('ana'), {
      replyId: sidFor('SM', '1'),
      channel: 'sms',
      command: { verb: 'acknowledge' },
    });

    const described = await client.workflow.getHandle('pager:ana').describe();
    assert.equal(described.type, 'pager');
    assert.equal(described.taskQueue, 'pagers');
    assert.equal(await described.staticSummary(), 'Pager of ana');
    assert.doesNotMatch(JSON.stringify(await repliesOf('ana')), /\+?1555000/);
  });

  const table: [string, Record<string, string>, object][] = [
    [
      'by WhatsApp',
      { From: 'whatsapp:+15550000001', Body: 'ACK 2' },
      { channel: 'whatsapp', command: { verb: 'acknowledge', number: 2 } },
    ],
    [
      'a button',
      {
        From: 'whatsapp:+15550000001',
        Body: 'Ich nehme es',
        ButtonText: 'Ich nehme es',
        ButtonPayload: 'ACK',
        OriginalRepliedMessageSid: sidFor('MM', '7'),
      },
      { messageSid: sidFor('MM', '7'), command: { verb: 'acknowledge' } },
    ],
    [
      'a button by its title',
      { Body: 'x', ButtonPayload: 'id-17', ButtonText: 'Acknowledge' },
      { command: { verb: 'acknowledge' } },
    ],
    ['an opt-out word configured at Twilio', { Body: 'BASTA', OptOutType: 'STOP' }, { command: { verb: 'stop' } }],
    ['STOP', { Body: 'stop' }, { command: { verb: 'stop' } }],
    ['an unknown word', { Body: 'who is this?' }, { command: { verb: 'unknown' } }],
    ['a picture without words', { Body: '', NumMedia: '1' }, { command: { verb: 'unknown' } }],
    ['a button that is written by hand', { Body: 'I take it' }, { command: { verb: 'acknowledge' } }],
    ['a reaction', { Body: 'Liked \u201C[7] Workbook \u2026\u201D' }, { command: { verb: 'acknowledge', number: 7 } }],
  ];
  for (const [what, fields, expected] of table) {
    test(what, async () => {
      const answer = await app.inject(byTwilio('/twilio/message', text('', fields)));
      assert.equal(answer.body, empty);
      assertHas(await lastReplyOf('ana'), expected);
    });
  }

  test('that asks for nothing reaches no pager: a reaction that was taken back, or no content at all', async () => {
    const earlier = await repliesOf('ana');
    for (const Body of ['Removed a like from \u201C[7] Workbook \u2026\u201D', '']) {
      const answer = await app.inject(byTwilio('/twilio/message', text(Body)));
      assert.deepEqual([answer.statusCode, answer.body], [200, empty]);
    }
    assert.deepEqual(await repliesOf('ana'), earlier);
    assert.match(log(), /a reply asks for nothing/);
  });

  for (const [{ id, title }, verb] of [
    [pageTemplate.buttons[0], 'acknowledge'],
    [pageTemplate.buttons[1], 'rerun'],
    [pageTemplate.buttons[2], 'resolve'],
  ] as const)
    test(`a tap on "${title}" of our template names its message`, async () => {
      await app.inject(
        byTwilio(
          '/twilio/message',
          text(title, {
            From: 'whatsapp:+15550000001',
            MessageType: 'button',
            ButtonText: title,
            ButtonPayload: id,
            OriginalRepliedMessageSid: sidFor('MM', '8'),
          }),
        ),
      );
      assertHas(await lastReplyOf('ana'), { channel: 'whatsapp', messageSid: sidFor('MM', '8'), command: { verb } });
    });

  test('of an unknown sender is answered with empty TwiML, counted and logged, and no pager receives it', async () => {
    const earlier = await repliesOf('ana');
    for (const From of ['+15557777777', 'whatsapp:+15550000002', '']) {
      const answer = await app.inject(byTwilio('/twilio/message', text('ACK', { From })));
      assert.deepEqual([answer.statusCode, answer.body], [200, empty]);
    }
    assert.deepEqual(await repliesOf('ana'), earlier);
    await assert.rejects(client.workflow.getHandle('pager:lead').describe(), /not found/i);
    assert.match(log(), /no contact/);
    assert.match(log(), /"unknownSenders":3/);
    assertHas((await app.inject({ url: '/readyz' })).json(), { unknownSenders: 3 });
  });

  test('of a user id in place of a number says so in the log, without the id', async () => {
    const earlier = log().length;
    for (const From of ['whatsapp:ID4711998877665544', 'whatsapp:US.13491208655302741918'])
      await app.inject(byTwilio('/twilio/message', text('ACK', { From })));
    const lines = log().slice(earlier);
    assert.equal(lines.match(/a message came from a user id, not from a number/g)?.length, 2);
    assert.doesNotMatch(lines, /4711998877665544|13491208655302741918/);
  });

  test('that Twilio delivers twice has the same reply id, whatever its idempotency token', async () => {
    for (const token of ['token-1', 'token-1', 'token-2']) {
      const headers = { 'i-twilio-idempotency-token': token };
      await app.inject(byTwilio('/twilio/message', text('ACK 4', { MessageSid: sidFor('SM', 'twice') }), { headers }));
    }
    const copies = (await signalsOf(client, 'pager:ana')).slice(-3).map(({ payload }) => payload);
    for (const copy of copies)
      assertHas(copy, { replyId: sidFor('SM', 'twice'), command: { verb: 'acknowledge', number: 4 } });
  });

  test('leaves neither phone number nor text in the log', async () => {
    await app.inject(byTwilio('/twilio/message', text('ACK, the private words')));
    assert.doesNotMatch(log(), /1555\d{7}|private words/);
  });

  test('is answered with "Not recorded" while Temporal is unavailable', async () => {
    const { app: withoutTemporal } = await buildTestApp(clientWithoutServer(), {
      temporalTimeouts: { twilioTimeoutMs: 200 },
    });
    const answer = await withoutTemporal.inject(byTwilio('/twilio/message', text('ACK')));
    assert.equal(answer.statusCode, 200);
    assert.match(answer.body, /<Message>Not recorded, please send it again in a minute\.<\/Message>/);
  });
});

describe('a key in a call', () => {
  const address = '/twilio/call?contact=ana&attempt=at-1';
  const key = (Digits: string): [string, string][] => [
    ['CallSid', sidFor('CA', '1')],
    ['Digits', Digits],
    ['To', '+15550000001'],
  ];
  const press = (Digits: string, path = address) => app.inject(byTwilio(path, key(Digits)));
  const next = (body: string) => /<Redirect[^>]*>([^<]+)</.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? '';

  test('is signalled as a reply; while the outcome is not known, "Recorded" is spoken and the call polls three times', async () => {
    let answer = await press('1');
    assertHas(await lastReplyOf('ana'), {
      replyId: `${sidFor('CA', '1')}:1`,
      channel: 'call',
      attempt: 'at-1',
      command: { verb: 'acknowledge' },
    });
    const count = (await repliesOf('ana')).length;
    for (const round of ['1', '2', '3']) {
      assert.match(answer.body, /<Say[^>]*>Recorded\.<\/Say>/);
      const url = new URL(next(answer.body));
      assert.equal(url.origin, config.publicUrl);
      assert.equal(url.hash, '#rc=3&rp=ct,rt,5xx');
      assert.deepEqual(Object.fromEntries(url.searchParams), {
        contact: 'ana',
        attempt: 'at-1',
        reply: `${sidFor('CA', '1')}:1`,
        round,
      });
      // Twilio may send the digits of the call once more.
      answer = await press('1', url.pathname + url.search);
    }
    assert.match(answer.body, /Recorded\. Good night\./);
    assert.doesNotMatch(answer.body, /Redirect/);
    assert.equal((await repliesOf('ana')).length, count);
  });

  test('that Twilio delivers twice has the same reply id', async () => {
    for (const token of ['token-1', 'token-1'])
      await app.inject(byTwilio(address, key('2'), { headers: { 'i-twilio-idempotency-token': token } }));
    for (const copy of (await repliesOf('ana')).slice(-2))
      assertHas(copy, { replyId: `${sidFor('CA', '1')}:2`, command: { verb: 'rerun' } });
  });

  test('3 resolves', async () => {
    await press('3');
    assertHas(await lastReplyOf('ana'), { replyId: `${sidFor('CA', '1')}:3`, command: { verb: 'resolve' } });
  });

  test('that is not on the menu, or no key, repeats the menu', async () => {
    const earlier = await repliesOf('ana');
    for (const digits of ['9', '#', '', '11']) {
      const { body } = await press(digits);
      assert.match(
        body,
        /<Gather[^>]*action="https:\/\/webhooks\.example\.com\/twilio\/call\?contact=ana&amp;attempt=at-1#rc=3/,
      );
      assert.match(body, /Press 1 to acknowledge/);
    }
    assert.deepEqual(await repliesOf('ana'), earlier);
  });

  test('in a call for an unknown contact does nothing', async () => {
    for (const path of ['/twilio/call?contact=constructor&attempt=a', '/twilio/call']) {
      const { statusCode, body } = await press('1', path);
      assert.equal(statusCode, 200);
      assert.match(body, /not known/);
    }
  });

  test('is requested again while Temporal is unavailable', async () => {
    const { app: withoutTemporal } = await buildTestApp(clientWithoutServer(), {
      temporalTimeouts: { twilioTimeoutMs: 200 },
    });
    const { body } = await withoutTemporal.inject(byTwilio(address, key('1')));
    assert.match(body, /Not recorded, press again\./);
    assert.match(body, /<Gather/);
  });
});
