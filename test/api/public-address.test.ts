import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { publicAddress } from '../../src/api/public-address.js';

describe('the path that is routed', () => {
  const table = [
    ['https://h', '/twilio/call?a=1', '/twilio/call?a=1'],
    ['https://h/hooks', '/twilio/call?a=1', '/twilio/call?a=1'],
    ['https://h/hooks', '/hooks/twilio/call?a=1', '/twilio/call?a=1'],
    ['https://h/hooks', '/hooks', '/'],
    ['https://h/hooks', '/hooks?x=1', '/?x=1'],
    ['https://h/hooks', '/hooks/', '/'],
    ['https://h/hooks', '/hookshop', '/hookshop'],
    ['https://h/a/b', '/a/b/notifier/s', '/notifier/s'],
    ['https://h/twilio', '/twilio/message', '/twilio/message'],
    ['https://h/twilio', '/twilio/twilio/message', '/twilio/message'],
  ] as const;
  for (const [publicUrl, raw, inner] of table) {
    test(`${publicUrl} ${raw}`, () => assert.equal(publicAddress(publicUrl).inner(raw), inner));
  }
});

test('the address that Twilio signed: a path prefix is not doubled', () => {
  assert.deepEqual(publicAddress('https://h:8443').signed('/twilio/call?a=1'), ['https://h:8443/twilio/call?a=1']);
  assert.deepEqual(publicAddress('https://h/hooks').signed('/twilio/call'), ['https://h/hooks/twilio/call']);
  assert.equal(publicAddress('https://h/hooks').signed('/hooks/twilio/call')[0], 'https://h/hooks/twilio/call');
});

test('the address that Twilio signed may have the capitals that it was given', () => {
  assert.deepEqual(
    publicAddress('https://hooks.example.com/in', 'https://Hooks.Example.com').signed('/in/twilio/call'),
    [
      'https://hooks.example.com/in/twilio/call',
      'https://hooks.example.com/in/in/twilio/call',
      'https://Hooks.Example.com/in/twilio/call',
      'https://Hooks.Example.com/in/in/twilio/call',
    ],
  );
});

test('an address for Twilio carries the connection overrides for retries', () => {
  assert.equal(
    publicAddress('https://h/hooks').forTwilio('/twilio/call', { contact: 'ana', reply: 'CA1:1' }),
    'https://h/hooks/twilio/call?contact=ana&reply=CA1%3A1#rc=3&rp=ct,rt,5xx',
  );
});
