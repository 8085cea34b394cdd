import assert from 'node:assert/strict';
import { isRefusal, type PhoneCall, type PhoneMessage, type Refusal } from '../../sandbox/phones.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { Reaction } from '../../sandbox/twilio/inbound.js';
import { until } from './until.js';

export interface TestPhone {
  /** Waits for the next message, which must match. */
  receives: (channel: 'whatsapp' | 'sms', pattern: RegExp) => Promise<PhoneMessage>;
  /** Waits for as many messages as there are patterns: each must match its own, in any order. */
  receivesTogether: (patterns: Partial<Record<'whatsapp' | 'sms', RegExp>>) => Promise<void>;
  /** Waits for the next call until it rings. */
  rings: () => Promise<PhoneCall>;
  /** What arrived and was not expected by the test yet: "sms [1] Workbook…", "call queued". */
  unexpected: () => string[];
  /** Writes a message; gives the status of our webhook. */
  replies: (text: string, by?: 'whatsapp' | 'sms', to?: PhoneMessage) => Promise<number | null>;
  taps: (message: PhoneMessage, payload: string, title: string) => Promise<void>;
  picksUp: (call: PhoneCall) => Promise<void>;
  /** Presses a key; returns all that the call has spoken by then. */
  presses: (call: PhoneCall, key: string) => Promise<string>;
  call: (sid: string) => PhoneCall;
}

/** A phone for a test, which must expect every message and call, in order, each once. */
export function phoneOf(sandbox: Sandbox, number: string): TestPhone {
  const expected = new Set<string>();
  const incoming = (): PhoneMessage[] =>
    sandbox.phones
      .get(number)
      .messages.filter((message) => message.direction !== 'inbound' && !expected.has(message.sid));
  const ringing = (): PhoneCall[] => sandbox.phones.get(number).calls.filter((call) => !expected.has(call.sid));
  const unexpected = (): string[] => [
    ...incoming().map((message) => `${message.channel} ${message.body}`),
    ...ringing().map((call) => `call ${call.status}`),
  ];
  const call = (sid: string): PhoneCall => {
    const found = sandbox.phones.get(number).calls.find((one) => one.sid === sid);
    assert.ok(found, `no call ${sid}`);
    return found;
  };
  const accepted = <T extends object>(answer: T | Refusal): T => {
    if (isRefusal(answer)) throw new Error(answer.refused);
    return answer;
  };

  return {
    async receives(channel, pattern) {
      const message = await until(
        () => `a message by ${channel} like ${pattern}; there is ${JSON.stringify(unexpected())}`,
        () => incoming()[0],
      );
      expected.add(message.sid);
      assert.equal(message.channel, channel, message.body);
      assert.match(message.body, pattern);
      return message;
    },
    async receivesTogether(patterns) {
      const channels = (['sms', 'whatsapp'] as const).filter((channel) => patterns[channel]);
      const messages = await until(
        () => `messages by ${channels.join(' and ')}; there is ${JSON.stringify(unexpected())}`,
        () => (incoming().length >= channels.length ? incoming().slice(0, channels.length) : null),
      );
      for (const channel of channels) {
        const message = messages.find((one) => one.channel === channel);
        assert.match(message?.body ?? '', patterns[channel] ?? /(?!)/, JSON.stringify(unexpected()));
      }
      for (const { sid } of messages) expected.add(sid);
    },
    async rings() {
      const found = await until(
        () => `a call; there is ${JSON.stringify(unexpected())}`,
        () => ringing()[0],
      );
      expected.add(found.sid);
      await until('the phone to ring', () => call(found.sid).status === 'ringing');
      return call(found.sid);
    },
    unexpected,
    async replies(text, by = 'whatsapp', to) {
      const written = { channel: by, body: text, ...(to ? { originalSid: to.sid } : {}) };
      return accepted<Reaction>(await sandbox.phones.reply(number, written)).status;
    },
    async taps(message, payload, title) {
      accepted(await sandbox.phones.tap(number, { sid: message.sid, payload, text: title }));
    },
    async picksUp({ sid }) {
      accepted(await sandbox.phones.call(sid, 'answer'));
    },
    async presses({ sid }, key) {
      accepted(await sandbox.phones.call(sid, 'press', key));
      return call(sid).spoken;
    },
    call,
  };
}
