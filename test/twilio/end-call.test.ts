import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureOf, twilioOutside } from './outside.js';

describe('endCall', () => {
  test('cancels a call that rings', async (t) => {
    const { send, endCall, input, phone } = await twilioOutside(t);
    const { sid } = await send(input({ channel: 'call' }));
    await endCall({ contact: 'ana', sid });
    assert.equal((await phone()).calls[0]?.status, 'canceled');
  });

  test('hangs up a call in progress', async (t) => {
    const { send, endCall, input, phone, answer } = await twilioOutside(t);
    const { sid } = await send(input({ channel: 'call' }));
    await answer(sid);
    await endCall({ contact: 'ana', sid });
    assert.equal((await phone()).calls[0]?.status, 'completed');
  });

  test('succeeds for a call that is over or that Twilio does not know', async (t) => {
    const { send, endCall, input } = await twilioOutside(t);
    const { sid } = await send(input({ channel: 'call' }));
    await endCall({ contact: 'ana', sid });
    await endCall({ contact: 'ana', sid });
    await endCall({ contact: 'ana', sid: `CA${'f'.repeat(32)}` });
  });

  test('fails when Twilio refuses, and is retryable unless an operator is needed', async (t) => {
    const { send, endCall, input, fault } = await twilioOutside(t);
    const { sid } = await send(input({ channel: 'call' }));
    for (const [status, code, retryable] of [
      [503, '20503', true],
      [429, '20429', true],
      [401, '20003', false],
    ] as const) {
      await fault({ target: 'twilio.updates', status });
      const failure = await failureOf(endCall({ contact: 'ana', sid }));
      assert.deepEqual([failure.code, failure.retryable], [code, retryable]);
    }
  });
});
