import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { TwilioDependencies } from '../../src/activities/twilio.js';
import type { TwilioConfig } from '../../src/twilio/client.js';
import type { SendInput } from '../../src/workflows/send-contract.js';
import { activityId, ana, failureOf, twilioOutside } from './outside.js';

const retryOf = (knownSids: string[] = [], firstTriedAt = Date.now()) => ({ retry: { firstTriedAt, knownSids } });

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
  describe(`a retry of ${what} whose outcome is unknown`, () => {
    test('reads the list after 3 s, finds it accepted, and sends nothing', async (t) => {
      const { send, input, fault, arrived, paused, requests } = await twilioOutside(t, config);
      const first = input(given);
      await fault({ target: made, drop: 'after' });
      assert.deepEqual((await failureOf(send(first))).type, 'unknown');
      assert.deepEqual(paused, []);
      const second = await send({ ...first, ...retryOf() });
      assert.deepEqual(second, { sid: (await arrived())[0], found: true });
      assert.equal((await arrived()).length, 1);
      assert.deepEqual([paused, await requests(made)], [[3_000], 1]);
    });

    test('sends it when it was not accepted', async (t) => {
      const { send, input, fault, arrived } = await twilioOutside(t, config);
      const first = input(given);
      await fault({ target: made, drop: 'before' });
      assert.deepEqual((await failureOf(send(first))).type, 'unknown');
      assert.equal((await arrived()).length, 0);
      const second = await send({ ...first, ...retryOf() });
      assert.deepEqual([[second.sid], second.found], [await arrived(), false]);
    });

    test('sends nothing, and its outcome stays unknown, while the list cannot be read', async (t) => {
      const { send, input, fault, arrived } = await twilioOutside(t, {
        ...config,
        timeouts: { readTimeoutMs: 2_000, writeTimeoutMs: 2_000 },
      });
      for (const [trouble, type] of [
        [{ status: 429, code: 20429 }, 'unknown'],
        [{ status: 503 }, 'unknown'],
        [{ drop: 'before' }, 'unknown'],
        [{ delayMs: 10_000 }, 'unknown'],
        [{ status: 401, code: 20003 }, 'configuration'],
      ] as const) {
        await fault({ target: listed, ...trouble });
        assert.equal((await failureOf(send({ ...input(given), ...retryOf() }))).type, type, JSON.stringify(trouble));
      }
      assert.deepEqual(await arrived(), []);
    });

    test('does not take an earlier message with the same text to the same contact for it', async (t) => {
      const { send, input, fault, arrived } = await twilioOutside(t, config);
      const earlier = await send(input(given));
      const mine = input(given);
      await fault({ target: made, drop: 'before' });
      await failureOf(send(mine));
      assert.equal((await send({ ...mine, ...retryOf([earlier.sid]) })).found, false);
      const next = input(given);
      await fault({ target: made, drop: 'after' });
      await failureOf(send(next));
      const known = (await arrived()).slice(0, 2);
      const found = await send({ ...next, ...retryOf(known) });
      assert.deepEqual([found.found, known.includes(found.sid), (await arrived()).length], [true, false, 3]);
    });
  });

test('a retry that finds nothing is rescheduled without sending: three seconds have passed, and somebody may have answered', async (t) => {
  const { sendOnce, input, arrived } = await twilioOutside(t);
  assert.equal((await failureOf(sendOnce({ ...input(), ...retryOf() }))).type, 'rescheduled');
  assert.deepEqual(await arrived(), []);
});

describe('a stale attempt, whose worker was frozen', () => {
  const answerSources = { pagers: [], incidents: ['incident:x'], onlyWhenStale: true as const };

  test('is rescheduled without sending while an answer may be pending, and else sent', async (t) => {
    let isPending = true;
    const { sendOnce, input, arrived } = await twilioOutside(t, {
      ageMs: 15_000,
      mayBeAnswered: async () => isPending,
    });
    assert.equal((await failureOf(sendOnce({ ...input(), answerSources }))).type, 'rescheduled');
    assert.deepEqual(await arrived(), []);
    isPending = false;
    const { sid } = await sendOnce({ ...input(), answerSources });
    assert.deepEqual(await arrived(), [sid]);
  });

  test('of a first step is not delayed by a request to Temporal when it is prompt', async (t) => {
    const { sendOnce, input, arrived } = await twilioOutside(t);
    const { sid } = await sendOnce({ ...input(), answerSources });
    assert.deepEqual(await arrived(), [sid]);
  });
});

describe('a send that an answer of another contact may have made unnecessary', () => {
  const answerSources = { pagers: ['pager:lead'], incidents: ['incident:x'] };
  const outsideWhere = async (t: TestContext, answered: boolean | Error) => {
    const answerChecks: unknown[] = [];
    const mayBeAnswered: TwilioDependencies['mayBeAnswered'] = async (...about) => {
      answerChecks.push(about);
      if (answered instanceof Error) throw answered;
      return answered;
    };
    return { ...(await twilioOutside(t, { mayBeAnswered })), answerChecks };
  };

  test('is rescheduled without sending while an answer may be pending', async (t) => {
    const { sendOnce, input, arrived, answerChecks } = await outsideWhere(t, true);
    assert.equal((await failureOf(sendOnce({ ...input(), answerSources }))).type, 'rescheduled');
    assert.deepEqual(await arrived(), []);
    assert.deepEqual(answerChecks, [[answerSources, { contact: 'ana', activityId }]]);
  });

  test('is sent when no answer is pending', async (t) => {
    const processed = await outsideWhere(t, false);
    const one = await processed.sendOnce({ ...processed.input(), answerSources });
    assert.deepEqual(await processed.arrived(), [one.sid]);
    assert.equal(processed.answerChecks.length, 1);
  });

  test('is rescheduled without sending when its worker was frozen during the request to Temporal', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const mayBeAnswered = async () => {
      t.mock.timers.tick(20_000);
      return false;
    };
    const { sendOnce, input, arrived } = await twilioOutside(t, { mayBeAnswered });
    assert.equal((await failureOf(sendOnce({ ...input(), answerSources }))).type, 'rescheduled');
    assert.deepEqual(await arrived(), []);
  });

  test('is sent without a request to Temporal when nobody else was paged', async (t) => {
    const { sendOnce, input, arrived, answerChecks } = await outsideWhere(t, true);
    const { sid } = await sendOnce(input());
    assert.deepEqual(await arrived(), [sid]);
    assert.deepEqual(answerChecks, []);
  });

  test('is rescheduled without sending, with a line in the log, when Temporal cannot answer', async (t) => {
    const { sendOnce, input, arrived, logged } = await outsideWhere(t, new Error('Temporal is unavailable'));
    assert.equal((await failureOf(sendOnce({ ...input(), answerSources }))).type, 'rescheduled');
    assert.deepEqual(await arrived(), []);
    assert.match(logged.join(''), /could not check/);
  });
});

describe('a retry', () => {
  test('finds an accepted template by its values, whatever was sent since', async (t) => {
    const { send, input, fault, phone } = await twilioOutside(t, { contentSid: `HX${'a'.repeat(32)}` });
    const first = input({ channel: 'whatsapp', variables: { 1: 'Workbook\tSales', 2: 'since 3 h', 3: '7' } });
    await fault({ target: 'twilio.messages', drop: 'after' });
    await failureOf(send(first));
    await send(input({ channel: 'whatsapp', variables: { 1: 'Workbook Finance', 2: 'since 3 h', 3: '8' } }));
    const second = await send({ ...first, ...retryOf() });
    assert.deepEqual(second, { sid: (await phone()).messages[0]?.sid, found: true });
  });

  test('does not take a reply text for a template because both contain the same number', async (t) => {
    const { twilio, send, input, phone } = await twilioOutside(t, template);
    const [from, to] = ['whatsapp:+15550000008', `whatsapp:${ana}`];
    await twilio.messages.create({ from, to, body: 'Not recorded, please send it again in 7 minutes.' });
    assert.equal((await send({ ...input({ channel: 'whatsapp', variables }), ...retryOf() })).found, false);
    assert.equal((await phone()).messages.length, 2);
  });

  test('ignores messages that are known, older, or have another text or sender', async (t) => {
    const { send, input, phone } = await twilioOutside(t, { messagingServiceSid: `MG${'b'.repeat(32)}` });
    const known = await send(input());
    assert.equal((await send({ ...input(), ...retryOf([known.sid]) })).found, false);
    assert.equal((await send({ ...input(), ...retryOf([], Date.now() + 60_000) })).found, false);
    assert.equal((await send({ ...input({ text: 'Workbook Sales failed. Reply 8.' }), ...retryOf() })).found, false);
    const whatsapp = input({ channel: 'whatsapp' });
    assert.equal((await send({ ...whatsapp, ...retryOf() })).found, false);
    assert.equal((await phone()).messages.length, 5);
  });

  test('ignores what another of our numbers has sent', async (t) => {
    const { twilio, send, input, phone } = await twilioOutside(t);
    await twilio.messages.create({ to: ana, from: '+15550000007', body: input().text });
    await twilio.calls.create({ to: ana, from: '+15550000007', twiml: '<Response/>' });
    assert.equal((await send({ ...input(), ...retryOf() })).found, false);
    assert.equal((await send({ ...input({ channel: 'call' }), ...retryOf() })).found, false);
    const { messages, calls } = await phone();
    assert.deepEqual([messages.length, calls.length], [2, 2]);
  });

  test('finds what a messaging service sent, from whatever number', async (t) => {
    const { send, input, fault } = await twilioOutside(t, { messagingServiceSid: `MG${'b'.repeat(32)}` });
    const first = input();
    await fault({ target: 'twilio.messages', drop: 'after' });
    await failureOf(send(first));
    assert.equal((await send({ ...first, ...retryOf() })).found, true);
  });

  test('finds a message by the text of any earlier try, whatever it says now', async (t) => {
    const { send, sendOnce, input, fault, arrived } = await twilioOutside(t);
    const first = input({ text: '[1] Sales, [2] HR. Reply ALL.' });
    await fault({ target: 'twilio.messages', drop: 'after' });
    await failureOf(send(first));
    const now = { ...first, text: '[2] HR. Reply ACK.' };
    const tried = [{ text: now.text }, { text: first.text }];
    const found = await sendOnce({ ...now, retry: { firstTriedAt: Date.now(), knownSids: [], tried } });
    assert.deepEqual(found, { sid: (await arrived())[0], found: true });
  });
});
