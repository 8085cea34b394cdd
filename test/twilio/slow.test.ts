import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../helpers/until.js';
import { failureOf, twilioOutside } from './outside.js';

describe('a slow Twilio', () => {
  test('on one channel does not delay sends by other channels', async (t) => {
    const { send, input, fault, requests } = await twilioOutside(t, {
      timeouts: { readTimeoutMs: 30_000, writeTimeoutMs: 30_000 },
    });
    await fault({ target: 'twilio.messages.sms', delayMs: 8_000, times: 'always' });
    // As many as the workers have under way at once, for all three channels.
    const slow = Promise.all(Array.from({ length: 60 }, (_, i) => send(input({ text: `Slow ${i}` }))));
    await until('all of them at Twilio', async () => (await requests('twilio.messages.sms')) === 60, 7_000);
    const began = performance.now();
    await send(input({ channel: 'whatsapp' }));
    await send(input({ channel: 'call' }));
    const took = performance.now() - began;
    assert.ok(took < 6_000, `${took} ms`);
    assert.equal((await slow).length, 60);
  });

  test('ends a send with its timeout, and its connection is not reused', async (t) => {
    const { send, input, fault, arrived } = await twilioOutside(t, {
      timeouts: { readTimeoutMs: 1_500, writeTimeoutMs: 1_500 },
    });
    await fault({ target: 'twilio.messages', delayMs: 15_000, times: 10 });
    const began = performance.now();
    const failures = await Promise.all(Array.from({ length: 10 }, () => failureOf(send(input()))));
    assert.ok(performance.now() - began < 10_000);
    assert.deepEqual([...new Set(failures.map(({ type, code }) => `${type} ${code}`))], ['unknown timeout']);
    assert.equal((await send(input({ text: 'Another' }))).found, false);
    assert.equal((await arrived()).length, 11);
  });
});
