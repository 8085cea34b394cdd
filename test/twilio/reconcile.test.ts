import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { TwilioDependencies } from '../../src/activities/twilio.js';
import type { TwilioConfig } from '../../src/twilio/client.js';
import type { SendInput } from '../../src/workflows/activity-contract.js';
import { activityId, ana, failureOf, twilioOutside } from './outside.js';

const again = (knownSids: string[] = [], firstTriedAt = Date.now()) => ({ retry: { firstTriedAt, knownSids } });

const template = { contentSid: `HX${'a'.repeat(32)}` };
const variables = { 1: 'Workbook refresh failed: Sales', 2: 'Project Finance', 3: '7' };
const kinds: [what: string, given: Partial<SendInput>, config: Partial<TwilioConfig>, made: string, listed: string][] =
  [
    ['an SMS', {}, {}, 'twilio.messages', 'twilio.lists.messages'],
    ['a WhatsApp message', { channel: 'whatsapp' }, {}, 'twilio.messages', 'twilio.lists.messages'],
    ['a WhatsApp template', { channel: 'whatsapp', variables }, template, 'twilio.messages', 'twilio.lists.messages'],
    ['a call', { channel: 'call' }, {}, 'twilio.calls', 'twilio.lists.calls'],
  ];

for (const [what, given, config, made, listed] of kinds)
  describe(`of ${what} whose outcome is not known, another try`, () => {
    test('looks after 3 s, finds it accepted, and sends nothing', async (t) => {
      const { send, input, fault, arrived, paused, requests } = await twilioOutside(t, config);
      const first = input(given);
      await fault({ target: made, drop: 'after' });
      assert.deepEqual((await failureOf(send(first))).type, 'unknown');
      assert.deepEqual(paused, []);
      const second = await send({ ...first, ...again() });
      assert.deepEqual(second, { sid: (await arrived())[0], found: true });
      assert.equal((await arrived()).length, 1);
      assert.deepEqual([paused, await requests(made)], [[3_000], 1]);
    });

    test('sends it when nothing was accepted', async (t) => {
      const { send, input, fault, arrived } = await twilioOutside(t, config);
      const first = input(given);
      await fault({ target: made, drop: 'before' });
      assert.deepEqual((await failureOf(send(first))).type, 'unknown');
      assert.equal((await arrived()).length, 0);
      const second = await send({ ...first, ...again() });
      assert.deepEqual([[second.sid], second.found], [await arrived(), false]);
    });

    test('sends nothing, and leaves it open, while the list cannot be read', async (t) => {
      const { send, input, fault, arrived } = await twilioOutside(t, {
        ...config,
        timeouts: { readTimeoutMs: 200, writeTimeoutMs: 2_000 },
      });
      for (const [trouble, type] of [
        [{ status: 429, code: 20429 }, 'unknown'],
        [{ status: 503 }, 'unknown'],
        [{ drop: 'before' }, 'unknown'],
        [{ delayMs: 1_000 }, 'unknown'],
        [{ status: 401, code: 20003 }, 'configuration'],
      ] as const) {
        await fault({ target: listed, ...trouble });
        assert.equal((await failureOf(send({ ...input(given), ...again() }))).type, type, JSON.stringify(trouble));
      }
      assert.deepEqual(await arrived(), []);
    });

    test('tells it from the same words that went to the same person before', async (t) => {
      const { send, input, fault, arrived } = await twilioOutside(t, config);
      const earlier = await send(input(given));
      const mine = input(given);
      await fault({ target: made, drop: 'before' });
      await failureOf(send(mine));
      assert.equal((await send({ ...mine, ...again([earlier.sid]) })).found, false);
      const next = input(given);
      await fault({ target: made, drop: 'after' });
      await failureOf(send(next));
      const known = (await arrived()).slice(0, 2);
      const found = await send({ ...next, ...again(known) });
      assert.deepEqual([found.found, known.includes(found.sid), (await arrived()).length], [true, false, 3]);
    });
  });

test('a look that finds nothing sends nothing: three seconds have passed, and somebody may have answered', async (t) => {
  const { sendOnce, input, arrived } = await twilioOutside(t);
  assert.equal((await failureOf(sendOnce({ ...input(), ...again() }))).type, 'again');
  assert.deepEqual(await arrived(), []);
});

test('a try whose worker was frozen is handed back once, and then made', async (t) => {
  const { sendOnce, input, arrived } = await twilioOutside(t, { age: 15_000 });
  assert.equal((await failureOf(sendOnce(input()))).type, 'again');
  assert.deepEqual(await arrived(), []);
  const { sid } = await sendOnce({ ...input(), staleAttempt: true });
  assert.deepEqual(await arrived(), [sid]);
});

describe('a try that others may have made needless', () => {
  const listen = { pagers: ['pager:lead'], incidents: ['incident:x'] };
  const outsideWhere = async (t: TestContext, answered: boolean | Error) => {
    const asked: unknown[] = [];
    const mayBeAnswered: TwilioDependencies['mayBeAnswered'] = async (...about) => {
      asked.push(about);
      if (answered instanceof Error) throw answered;
      return answered;
    };
    return { ...(await twilioOutside(t, { mayBeAnswered })), asked };
  };

  test('is handed back as long as their answer may be unheard', async (t) => {
    const { sendOnce, input, arrived, asked } = await outsideWhere(t, true);
    assert.equal((await failureOf(sendOnce({ ...input(), answerSources: listen }))).type, 'again');
    assert.equal((await failureOf(sendOnce({ ...input(), answerSources: listen, staleAttempt: true }))).type, 'again');
    assert.deepEqual(await arrived(), []);
    const about = [listen, { contact: 'ana', activityId }];
    assert.deepEqual(asked, [about, about]);
  });

  test('is made when all was heard', async (t) => {
    const heard = await outsideWhere(t, false);
    const one = await heard.sendOnce({ ...heard.input(), answerSources: listen });
    assert.deepEqual(await heard.arrived(), [one.sid]);
    assert.equal(heard.asked.length, 1);
  });

  test('is handed back when its worker was frozen as it asked', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const mayBeAnswered = async () => {
      t.mock.timers.tick(20_000);
      return false;
    };
    const { sendOnce, input, arrived } = await twilioOutside(t, { mayBeAnswered });
    assert.equal((await failureOf(sendOnce({ ...input(), answerSources: listen, staleAttempt: true }))).type, 'again');
    assert.deepEqual(await arrived(), []);
  });

  test('is made without a question when nobody is to be heard', async (t) => {
    const { sendOnce, input, arrived, asked } = await outsideWhere(t, true);
    const { sid } = await sendOnce(input());
    assert.deepEqual(await arrived(), [sid]);
    assert.deepEqual(asked, []);
  });

  test('is made, and says so, when that cannot be asked', async (t) => {
    const { sendOnce, input, arrived, logged } = await outsideWhere(t, new Error('Temporal is away'));
    const { sid } = await sendOnce({ ...input(), answerSources: listen });
    assert.deepEqual(await arrived(), [sid]);
    assert.match(logged.join(''), /could not check/);
  });
});

describe('another try', () => {
  test('finds the template that was accepted by its values, whatever else went out since', async (t) => {
    const { send, input, fault, phone } = await twilioOutside(t, { contentSid: `HX${'a'.repeat(32)}` });
    const first = input({ channel: 'whatsapp', variables: { 1: 'Workbook\tSales', 2: 'since 3 h', 3: '7' } });
    await fault({ target: 'twilio.messages', drop: 'after' });
    await failureOf(send(first));
    await send(input({ channel: 'whatsapp', variables: { 1: 'Workbook Finance', 2: 'since 3 h', 3: '8' } }));
    const second = await send({ ...first, ...again() });
    assert.deepEqual(second, { sid: (await phone()).messages[0]?.sid, found: true });
  });

  test('takes no answer of ours for a template whose number it happens to hold', async (t) => {
    const { twilio, send, input, phone } = await twilioOutside(t, template);
    const [from, to] = ['whatsapp:+15550000008', `whatsapp:${ana}`];
    await twilio.messages.create({ from, to, body: 'Not recorded, please send it again in 7 minutes.' });
    assert.equal((await send({ ...input({ channel: 'whatsapp', variables }), ...again() })).found, false);
    assert.equal((await phone()).messages.length, 2);
  });

  test('takes no message that is known, older, of another text or of another sender', async (t) => {
    const { send, input, phone } = await twilioOutside(t, { messagingServiceSid: `MG${'b'.repeat(32)}` });
    const known = await send(input());
    assert.equal((await send({ ...input(), ...again([known.sid]) })).found, false);
    assert.equal((await send({ ...input(), ...again([], Date.now() + 60_000) })).found, false);
    assert.equal((await send({ ...input({ text: 'Workbook Sales failed. Reply 8.' }), ...again() })).found, false);
    const whatsapp = input({ channel: 'whatsapp' });
    assert.equal((await send({ ...whatsapp, ...again() })).found, false);
    assert.equal((await phone()).messages.length, 5);
  });

  test('takes nothing that another number of ours has sent', async (t) => {
    const { twilio, send, input, phone } = await twilioOutside(t);
    await twilio.messages.create({ to: ana, from: '+15550000007', body: input().text });
    await twilio.calls.create({ to: ana, from: '+15550000007', twiml: '<Response/>' });
    assert.equal((await send({ ...input(), ...again() })).found, false);
    assert.equal((await send({ ...input({ channel: 'call' }), ...again() })).found, false);
    const { messages, calls } = await phone();
    assert.deepEqual([messages.length, calls.length], [2, 2]);
  });

  test('takes what a messaging service sent, by whatever number', async (t) => {
    const { send, input, fault } = await twilioOutside(t, { messagingServiceSid: `MG${'b'.repeat(32)}` });
    const first = input();
    await fault({ target: 'twilio.messages', drop: 'after' });
    await failureOf(send(first));
    assert.equal((await send({ ...first, ...again() })).found, true);
  });
});
