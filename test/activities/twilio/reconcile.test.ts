import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ana, failureOf, twilioOutside } from './outside.js';

const again = (knownSids: string[] = [], firstTriedAt = Date.now()) => ({ retry: { firstTriedAt, knownSids } });

describe('another try', () => {
  test('after 3 s finds the message that was accepted, and sends nothing', async (t) => {
    const { send, input, fault, phone, paused } = await twilioOutside(t);
    const first = input();
    await fault({ target: 'twilio.messages', drop: 'after' });
    await failureOf(send(first));
    assert.deepEqual(paused, []);
    const second = await send({ ...first, ...again() });
    const { messages } = await phone();
    assert.deepEqual(second, { sid: messages[0]?.sid, found: true });
    assert.equal(messages.length, 1);
    assert.deepEqual(paused, [3_000]);
  });

  test('finds the call that was accepted', async (t) => {
    const { send, input, fault, phone } = await twilioOutside(t);
    const first = input({ channel: 'call' });
    await fault({ target: 'twilio.calls', drop: 'after' });
    await failureOf(send(first));
    const second = await send({ ...first, ...again() });
    const { calls } = await phone();
    assert.deepEqual([second, calls.length], [{ sid: calls[0]?.sid, found: true }, 1]);
  });

  test('finds the template that was accepted by its values, whatever else went out since', async (t) => {
    const { send, input, fault, phone } = await twilioOutside(t, { contentSid: `HX${'a'.repeat(32)}` });
    const first = input({ channel: 'whatsapp', variables: { 1: 'Workbook\tSales', 2: 'since 3 h', 3: '7' } });
    await fault({ target: 'twilio.messages', drop: 'after' });
    await failureOf(send(first));
    await send(input({ channel: 'whatsapp', variables: { 1: 'Workbook Finance', 2: 'since 3 h', 3: '8' } }));
    const second = await send({ ...first, ...again() });
    assert.deepEqual(second, { sid: (await phone()).messages[0]?.sid, found: true });
  });

  test('sends when nothing was accepted', async (t) => {
    const { send, input, fault, phone } = await twilioOutside(t);
    const first = input();
    await fault({ target: 'twilio.messages', drop: 'before' });
    await failureOf(send(first));
    assert.equal((await send({ ...first, ...again() })).found, false);
    assert.equal((await phone()).messages.length, 1);
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

  test('sends nothing while it cannot look', async (t) => {
    const { send, input, fault, phone } = await twilioOutside(t);
    for (const [status, code, type] of [
      [429, 20429, 'unknown'],
      [503, undefined, 'unknown'],
      [401, 20003, 'configuration'],
    ] as const) {
      await fault({ target: 'twilio.lists', status, ...(code ? { code } : {}) });
      assert.equal((await failureOf(send({ ...input(), ...again() }))).type, type);
    }
    assert.equal((await phone()).messages.length, 0);
  });
});
