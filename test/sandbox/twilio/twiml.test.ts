import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOverrides } from '../../../sandbox/twilio/overrides.js';
import { parseMessaging, parseVoice } from '../../../sandbox/twilio/twiml.js';
import { parseXml, textOf, XmlError } from '../../../sandbox/xml.js';

describe('XML', () => {
  test('reads elements, attributes, entities, CDATA and comments', () => {
    const root = parseXml(
      '<?xml version="1.0" encoding="UTF-8"?>\n<!-- hi --><a b="1 &amp; 2" c=\'"\'>x &lt; y &#65;&#x1F600; <d/><![CDATA[<raw>&]]></a>\n',
    );
    assert.deepEqual(root.attributes, { b: '1 & 2', c: '"' });
    assert.equal(textOf(root), 'x < y A😀 <raw>&');
  });

  const wrong = {
    nothing: '',
    'text alone': 'hello',
    'an open element': '<a><b></a>',
    'an element never closed': '<a>',
    'two roots': '<a/><b/>',
    'a lone ampersand': '<a>Sales & more</a>',
    'an unknown entity': '<a>&nbsp;</a>',
    'an attribute without quotes': '<a b=1/>',
    'an attribute twice': '<a b="1" b="2"/>',
    'text after the root': '<a/>more',
  };
  for (const [what, source] of Object.entries(wrong))
    test(`refuses ${what}`, () => assert.throws(() => parseXml(source), XmlError));
});

describe('TwiML', () => {
  test('reads the verbs of a call with their defaults', () => {
    const { verbs, unknown } = parseVoice(
      '<Response><Say voice="alice">Hello\n  there</Say><Pause/><Gather action="/keys"><Say loop="3">Press</Say><Pause length="2"/></Gather><Redirect method="POST">https://example.com/?a=1&amp;b=2</Redirect><Dial>1</Dial><Hangup/></Response>',
    );
    assert.deepEqual(unknown, ['Dial']);
    assert.deepEqual(verbs, [
      { verb: 'Say', text: 'Hello there', loop: 1 },
      { verb: 'Pause', durationMs: 1000 },
      {
        verb: 'Gather',
        action: '/keys',
        numDigits: null,
        timeoutMs: 5000,
        finishOnKey: '#',
        actionOnEmptyResult: false,
        prompts: [
          { verb: 'Say', text: 'Press', loop: 3 },
          { verb: 'Pause', durationMs: 2000 },
        ],
      },
      { verb: 'Redirect', url: 'https://example.com/?a=1&b=2' },
      { verb: 'Hangup' },
    ]);
  });

  test('reads what answers a message', () => {
    assert.deepEqual(parseMessaging('<Response><Message>One</Message><Message><Body>Two</Body></Message></Response>'), [
      'One',
      'Two',
    ]);
    assert.deepEqual(parseMessaging('<Response/>'), []);
    assert.throws(() => parseMessaging('<html/>'), XmlError);
  });
});

test('connection overrides are read from the fragment, within their limits', () => {
  const plain = readOverrides('https://example.com/a?b=1');
  assert.deepEqual([plain.url, plain.retries, plain.connectTimeoutMs], ['https://example.com/a?b=1', 1, 5000]);
  assert.deepEqual([plain.retriesOn('ct'), plain.retriesOn('5xx')], [true, false]);
  const given = readOverrides('https://example.com/a#rc=9&rp=rt,5xx&ct=1&rt=20000&tt=900');
  assert.deepEqual(
    [given.url, given.retries, given.connectTimeoutMs, given.readTimeoutMs, given.totalTimeoutMs],
    ['https://example.com/a', 5, 100, 15_000, 900],
  );
  assert.deepEqual([given.retriesOn('ct'), given.retriesOn('rt'), given.retriesOn('5xx')], [false, true, true]);
  assert.ok(readOverrides('https://example.com#rp=all').retriesOn('4xx'));
});
