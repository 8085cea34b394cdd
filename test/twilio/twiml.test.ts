import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  callMenu,
  callMenuText,
  emptyResponse,
  maxTwimlLength,
  messageResponse,
  redirectTo,
  spoken,
} from '../../src/twilio/twiml.js';

const action = 'https://pages.example/twilio/call?contact=ana&attempt=1#rc=3&rp=ct,rt,5xx';
const count = (text: string, part: string) => text.split(part).length - 1;

describe('a call', () => {
  test('speaks its text with the menu three times, gathers one key each time, then hangs up', () => {
    const twiml = callMenu({ text: 'Workbook Sales failed.', action });
    assert.equal(count(twiml, `Workbook Sales failed. ${callMenuText}`), 3);
    assert.equal(count(twiml, '<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="5"'), 3);
    assert.match(twiml, /<\/Gather><Say language="en-US">No key was pressed\. Goodbye\.<\/Say><Hangup\/><\/Response>$/);
  });

  test('posts the key to the absolute address, escaped', () => {
    const twiml = callMenu({ text: 'x', action, times: 1 });
    assert.ok(twiml.includes(`action="${action.replaceAll('&', '&amp;')}"`), twiml);
  });

  test('escapes names, so that none becomes a TwiML verb', () => {
    const twiml = callMenu({ text: '</Say><Hangup/>', action });
    assert.equal(count(twiml, '<Hangup/>'), 1);
  });

  for (const [what, text] of [
    ['long', 'Sales '.repeat(1000)],
    ['full of escapes', '<&>'.repeat(1000)],
    ['written in emoji', '📉'.repeat(2000)],
    ['just too long', 'a'.repeat(1100)],
  ] as const) {
    test(`has at most 4,000 characters when its text is ${what}, and the whole menu`, () => {
      const twiml = callMenu({ text: `Begin ${text} end`, action });
      assert.ok(twiml.length <= maxTwimlLength, `${twiml.length}`);
      assert.ok(twiml.length > maxTwimlLength - 40, `wastes ${maxTwimlLength - twiml.length}`);
      assert.equal(count(twiml, callMenuText), 3);
      assert.equal(count(twiml, '>Begin '), 3);
      assert.equal(count(twiml, ' … '), 3);
      assert.equal(count(twiml, ' end '), 3);
      assert.doesNotMatch(twiml, /\p{Surrogate}/u);
    });
  }

  test('replaces characters that XML does not allow by spaces', () => {
    assert.match(callMenu({ text: 'a\u0000b\u001Bc\uD800d\uFFFEe', action }), />a b c d e Press 1/);
  });
});

test('spoken text, then the call ends', () => {
  assert.match(spoken({ text: 'Done.' }), /<Response><Say language="en-US">Done\.<\/Say><Hangup\/><\/Response>$/);
});

test('a redirect posts to its address, after its text if it has one', () => {
  const url = 'https://pages.example/twilio/call?reply=1&round=2';
  assert.match(
    redirectTo({ url, text: 'Recorded.' }),
    /Recorded\.<\/Say><Redirect method="POST">https:\/\/pages\.example\/twilio\/call\?reply=1&amp;round=2<\/Redirect>/,
  );
  assert.doesNotMatch(redirectTo({ url }), /<Say/);
});

test('an empty response, or one message of at most 1,600 characters', () => {
  assert.match(emptyResponse(), /<Response\/>$/);
  assert.match(messageResponse('a < b'), /<Response><Message>a &lt; b<\/Message><\/Response>$/);
  const [, body = ''] = /<Message>(.*)<\/Message>/.exec(messageResponse('x'.repeat(2000))) ?? [];
  assert.equal(body.length, 1600);
});
