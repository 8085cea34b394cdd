import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { classify, codeMeanings, type CodeMeaning } from '../../src/twilio/codes.js';
import { sendFailure } from '../../src/activities/send-failures.js';
import { understand } from '../../src/twilio/errors.js';
import type { SendFailureType } from '../../src/workflows/send-contract.js';

/** As Twilio's client throws it: an Error with numbers on it. */
const refusal = (status: number, code?: number, message = 'the message of Twilio') =>
  Object.assign(new Error(message), { status, code });
const network = (code: string) =>
  Object.assign(new Error('request failed'), {
    code,
    config: { headers: { Authorization: 'Basic c2VjcmV0' }, data: 'To=%2B15550000001&Body=Sales' },
  });

const codes: Record<SendFailureType, number[]> = {
  outage: [20429],
  configuration: [
    20003, 20005, 20008, 20404, 21205, 21210, 21212, 21602, 21603, 21606, 21609, 21626, 21655, 21671, 21701, 21703,
    30002, 63007,
  ],
  recipient: [
    21201, 21211, 21214, 21215, 21216, 21217, 21219, 21408, 21604, 21608, 21610, 21611, 21612, 21614, 21617, 21635,
    21656, 21910, 30001, 30003, 30004, 30005, 30006, 30007, 30008, 30032, 30034, 30036, 63003, 63014, 63015, 63016,
    63018, 63021, 63024,
  ],
  unknown: [],
  rescheduled: [],
};

describe('an error code of Twilio', () => {
  for (const [type, list] of Object.entries(codes))
    for (const code of list)
      test(`${code} is of type ${type}`, () => {
        const failure = understand(refusal(code === 20429 ? 429 : 400, code));
        assert.equal(failure.type, type);
        assert.equal(failure.code, String(code));
        assert.match(failure.message, /^[A-Z].{20,}\.$/);
        assert.equal(failure.message, classify(code)?.message);
      });

  test('is marked for the operator when the account, not the phone, is the reason', () => {
    const forOperator = Object.entries(codeMeanings).filter(([, meaning]) => meaning.operator);
    assert.deepEqual(
      forOperator.map(([code]) => Number(code)),
      [21215, 21216, 21219, 21408, 21608, 21656, 21910, 30032, 30034],
    );
    for (const [code, { type, message }] of forOperator) {
      assert.equal(type, 'recipient');
      const failure = sendFailure(understand(refusal(400, Number(code))));
      assert.deepEqual(failure.details, [{ code, message, operator: true }]);
    }
    assert.deepEqual(Object.keys(understand(refusal(400, 21211))).toSorted(), ['code', 'message', 'type']);
  });

  test('is listed in docs/twilio.md, in the row of what the service does about it', () => {
    const page = readFileSync(new URL('../../docs/twilio.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| '));
    const codesOf = (has: (row: string) => boolean) => rows.filter(has).flatMap((row) => row.match(/\b\d{5}\b/g) ?? []);
    const inCode = (has: (meaning: CodeMeaning) => boolean) =>
      Object.keys(codeMeanings).filter((code) => has(codeMeanings[Number(code)] ?? { type: 'unknown', message: '' }));
    assert.deepEqual(
      codesOf((row) => row.includes('**alarm** `twilio-')).toSorted(),
      inCode(({ type }) => type === 'configuration'),
    );
    assert.deepEqual(
      codesOf((row) => row.includes('and **alarm**')).toSorted(),
      inCode(({ operator }) => operator === true),
    );
    assert.deepEqual(
      codesOf((row) => /next step at once( +\||;)/.test(row)).toSorted(),
      inCode(({ type, operator }) => type === 'recipient' && !operator),
    );
  });

  test('is in the table of this test', () => {
    assert.deepEqual(Object.values(codes).flat().map(String).toSorted(), Object.keys(codeMeanings).toSorted());
  });
});

describe('an error response without a known code', () => {
  const rows: [status: number, code: number | undefined, type: SendFailureType, as: string][] = [
    [400, undefined, 'recipient', 'http-400'],
    [400, 29999, 'recipient', '29999'],
    [401, undefined, 'configuration', 'http-401'],
    [403, undefined, 'configuration', 'http-403'],
    [404, undefined, 'configuration', 'http-404'],
    [308, undefined, 'configuration', 'http-308'],
    [429, undefined, 'outage', 'http-429'],
    [408, undefined, 'unknown', 'http-408'],
    [500, 20500, 'unknown', '20500'],
    [502, undefined, 'unknown', 'http-502'],
    [503, undefined, 'unknown', 'http-503'],
  ];
  for (const [status, code, type, as] of rows)
    test(`HTTP ${status} with ${code ?? 'no code'} is of type ${type}`, () => {
      const failure = understand(refusal(status, code));
      assert.deepEqual([failure.type, failure.code], [type, as]);
      assert.match(failure.message, new RegExp(String(code ?? status)));
    });

  test('has a message with the code and its documentation, and nothing of the text from Twilio', () => {
    const { message } = understand(refusal(400, 29999, "'To' +15550000001 (or 555 000-0002) is odd"));
    assert.equal(message, 'Twilio answered error 29999 (https://www.twilio.com/docs/api/errors/29999).');
  });
});

describe('no readable response', () => {
  const rows: [code: string, type: SendFailureType, as: string][] = [
    ['ECONNREFUSED', 'outage', 'unreachable'],
    ['ENOTFOUND', 'outage', 'unreachable'],
    ['EAI_AGAIN', 'outage', 'unreachable'],
    ['CERT_HAS_EXPIRED', 'outage', 'unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'outage', 'unreachable'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'outage', 'unreachable'],
    ['ECONNABORTED', 'unknown', 'timeout'],
    ['ETIMEDOUT', 'unknown', 'timeout'],
    ['ECONNRESET', 'unknown', 'connection-lost'],
    ['EPIPE', 'unknown', 'connection-lost'],
  ];
  for (const [code, type, as] of rows)
    test(`${code} is of type ${type}`, () => {
      const failure = understand(network(code));
      assert.deepEqual([failure.type, failure.code], [type, as]);
    });

  test('any other exception is of type unknown, since Twilio may have accepted the request', () => {
    assert.deepEqual(understand(new SyntaxError('Unexpected token <')).type, 'unknown');
    assert.deepEqual(understand('nonsense').code, 'unreadable');
  });
});

test('the failure that leaves the activity has a type, is not retryable, and contains code and message but nothing of the request', () => {
  const failure = sendFailure(understand(network('ECONNRESET')));
  assert.ok(failure instanceof ApplicationFailure);
  assert.equal(failure.type, 'unknown');
  assert.equal(failure.nonRetryable, true);
  assert.deepEqual(failure.details, [{ code: 'connection-lost', message: failure.message }]);
  assert.equal(failure.cause, undefined);
  assert.doesNotMatch(JSON.stringify(failure) + failure.stack, /Authorization|c2VjcmV0|15550000001|Sales/);
});
