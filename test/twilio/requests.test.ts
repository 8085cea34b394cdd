import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TwilioConfig } from '../../src/twilio/client.js';
import { requestFor } from '../../src/twilio/requests.js';
import type { SendInput } from '../../src/workflows/send-contract.js';

const config: TwilioConfig = {
  accountSid: 'AC1',
  authTokens: ['token'],
  from: '+15550000009',
  whatsappFrom: '+15550000008',
};
const input: SendInput = { attempt: 'a-1', contact: 'ana', channel: 'sms', text: 'Sales failed', validityMs: 300_000 };
const request = (changes: Partial<SendInput>, configured: Partial<TwilioConfig> = {}) =>
  requestFor({ ...input, ...changes }, '+15550000001', { ...config, ...configured }, 'https://pages.example/base');

const statusCallback = 'https://pages.example/base/twilio/status?contact=ana&attempt=a-1#rc=3&rp=ct,rt,5xx';

describe('the request to Twilio', () => {
  test('for an SMS has the text, our number and the validity period', () => {
    assert.deepEqual(request({})?.options, {
      to: '+15550000001',
      from: '+15550000009',
      body: 'Sales failed',
      statusCallback,
      validityPeriod: 300,
    });
  });

  test('for an SMS with a messaging service has no sender', () => {
    const options = request({}, { messagingServiceSid: 'MG1' })?.options;
    assert.deepEqual(options, {
      to: '+15550000001',
      messagingServiceSid: 'MG1',
      body: 'Sales failed',
      statusCallback,
      validityPeriod: 300,
    });
  });

  test('for WhatsApp has WhatsApp addresses, also with a messaging service for SMS', () => {
    const options = request({ channel: 'whatsapp' }, { messagingServiceSid: 'MG1' })?.options;
    assert.deepEqual(options, {
      to: 'whatsapp:+15550000001',
      from: 'whatsapp:+15550000008',
      body: 'Sales failed',
      statusCallback,
      validityPeriod: 300,
    });
  });

  test('for WhatsApp with a template has its values and no text; a notice has its text', () => {
    const page = request({ channel: 'whatsapp', variables: { 1: 'Sales\nfailed', 2: '7' } }, { contentSid: 'HX1' });
    assert.deepEqual(page?.options, {
      to: 'whatsapp:+15550000001',
      from: 'whatsapp:+15550000008',
      contentSid: 'HX1',
      contentVariables: '{"1":"Sales failed","2":"7"}',
      statusCallback,
      validityPeriod: 300,
    });
    for (const notice of [
      request({ channel: 'whatsapp' }, { contentSid: 'HX1' }),
      request({ variables: { 1: 'x' } }, { contentSid: 'HX1' }),
    ])
      assert.ok(
        notice?.kind === 'message' && notice.options.body === 'Sales failed' && notice.options.contentSid === undefined,
      );
  });

  test('for a call has a timeout of 25 s, the menu, and status callbacks', () => {
    const call = request({ channel: 'call' });
    assert.ok(call?.kind === 'call');
    const { twiml, ...rest } = call.options;
    assert.deepEqual(rest, {
      to: '+15550000001',
      from: '+15550000009',
      timeout: 25,
      statusCallback,
      statusCallbackEvent: ['initiated', 'completed'],
    });
    assert.match(
      String(twiml),
      /action="https:\/\/pages\.example\/base\/twilio\/call\?contact=ana&amp;attempt=a-1#rc=3&amp;rp=ct,rt,5xx"/,
    );
    assert.match(String(twiml), /Sales failed Press 1 to acknowledge/);
  });

  test('for a call that asks for nothing has no menu and takes no key', () => {
    const call = request({ channel: 'call', asksNothing: true });
    assert.ok(call?.kind === 'call');
    assert.match(String(call.options.twiml), /<Say[^>]*>Sales failed<\/Say><Hangup\/>/);
    assert.doesNotMatch(String(call.options.twiml), /Gather|Press/);
  });

  for (const [validity, seconds] of [
    [0, 6],
    [-5, 6],
    [6_400, 6],
    [90_500, 91],
    [86_400_000, 36_000],
  ] as const)
    test(`turns a validity of ${validity} ms into ${seconds} s`, () => {
      const message = request({ validityMs: validity });
      assert.ok(message?.kind === 'message' && message.options.validityPeriod === seconds);
    });

  test('never has a text over 1,600 characters', () => {
    const message = request({ text: '📉'.repeat(900) });
    assert.ok(message?.kind === 'message');
    const body = message.options.body ?? '';
    assert.ok(body.length <= 1600 && body.length >= 1599 && body.endsWith('📉…'), `${body.length}`);
    assert.deepEqual(message.texts, [body]);
  });

  test('does not exist for WhatsApp without a sender', () => {
    const { whatsappFrom, ...without } = config;
    assert.ok(whatsappFrom);
    assert.equal(
      requestFor({ ...input, channel: 'whatsapp' }, '+15550000001', without, 'https://x.example'),
      undefined,
    );
  });
});
