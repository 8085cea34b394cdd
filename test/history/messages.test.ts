/** Messages and calls, read from the recorded histories of pagers: those that the replay test replays. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { messagesIn } from '../../src/history/messages.js';
import { pagerFactsIn, type PagerFact } from '../../src/history/pager-facts.js';
import { outcomeOf, statusOf, type RecordedMessage } from '../../src/history/recorded-message.js';
import { mayHoldPhoneNumber } from '../../src/workflows/names.js';
import { historiesFolder } from '../workflows/replay/recordings.js';

const files = readdirSync(historiesFolder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\/pager-\w+\.json$/.test(file))
  .toSorted();
const factsOf = (file: string): PagerFact[] =>
  pagerFactsIn(historyFromJSON(JSON.parse(readFileSync(new URL(file, historiesFolder), 'utf8'))));
const contactOf = (file: string): string => /pager-(\w+)\.json$/.exec(file)?.[1] ?? '';
const read = (file: string) => messagesIn(contactOf(file), factsOf(file));

/** `call: accepted initiated completed, arrived, by key`. */
const inShort = (message: RecordedMessage): string =>
  [
    `${message.channel}: ${message.statuses.map(({ status, code }) => (code ? `${status} ${code}` : status)).join(' ')}`,
    outcomeOf(message),
    ...(message.answered ? [`by ${message.answered.by}`] : []),
  ].join(', ');

describe('every recorded history of a pager', () => {
  test('has messages with the ids and the outcomes of Twilio', () => {
    assert.ok(files.length > 60, `${files.length} files`);
    for (const file of files) {
      const raw = readFileSync(new URL(file, historiesFolder), 'utf8');
      const { messages } = read(file);
      const results = new Set<string>();
      for (const [, data = ''] of raw.matchAll(/"data": *"([^"]+)"/g)) {
        const [, sid] =
          /^\{"sid":"((?:SM|MM|CA)[0-9a-f]{32})","found"/.exec(Buffer.from(data, 'base64').toString()) ?? [];
        if (sid !== undefined) results.add(sid);
      }
      const sids = messages.flatMap(({ sid }) => (sid === null ? [] : [sid]));
      assert.deepEqual(sids.toSorted(), [...results].toSorted(), file);
      for (const { statuses, acceptedAt, at } of messages) {
        assert.deepEqual(
          statuses.map((one) => one.at),
          statuses.map((one) => one.at).toSorted(),
          file,
        );
        assert.ok(acceptedAt === null || acceptedAt >= at, file);
      }
    }
  });

  test('keeps neither texts nor numbers', () => {
    for (const file of files) {
      const kept = JSON.stringify(factsOf(file));
      assert.doesNotMatch(kept, /Reply ACK|Olga Owner|\+1555/, file);
      const names = factsOf(file).flatMap((fact) => (fact.type === 'named' ? [fact.name] : []));
      assert.ok(
        names.every((name) => !mayHoldPhoneNumber(name)),
        file,
      );
    }
  });
});

/** By hand, from the scenarios of those names (test/workflows/scenarios). */
const known = {
  'acknowledged-by-key/pager-ana.json': [
    'whatsapp: accepted, open',
    'sms: accepted, open',
    'call: accepted initiated completed, arrived, by key',
  ],
  'acknowledged-by-key/pager-lead.json': ['call: accepted initiated ending canceled, withdrawn', 'sms: accepted, open'],
  'a-failed-receipt-starts-the-next-step/pager-ana.json': [
    'whatsapp: accepted undelivered 63016, failed',
    'sms: accepted, open',
  ],
  'a-read-receipt-is-not-an-answer/pager-ana.json': [
    'whatsapp: accepted delivered read, arrived',
    'sms: accepted, open',
  ],
  'the-connection-is-cut-after-twilio-accepted/pager-ana.json': [
    'whatsapp: uncertain connection-lost accepted, open, by reply',
    'whatsapp: accepted, open',
  ],
};

test('the messages of some histories are those that the scenarios play', () => {
  for (const [file, expected] of Object.entries(known)) {
    const found = read(file).messages.map(inShort);
    assert.deepEqual(found.slice(0, expected.length), expected, file);
  }
});

test('a bundle names the items that it carries, and a text none', () => {
  const { messages, names } = read('a-storm-acknowledged-by-all/pager-ana.json');
  assert.deepEqual(
    messages.map(({ incidents }) => incidents.length),
    [1, 11, 0, 0],
  );
  const carried = messages[1]?.incidents.map((incident) => names.get(incident)).toSorted();
  assert.deepEqual(carried, Array.from({ length: 11 }, (_, n) => `Item ${n + 1}`).toSorted());
});

const send = (at: number, attempt: string, more: Partial<Extract<PagerFact, { type: 'send' }>> = {}): PagerFact => ({
  type: 'send',
  at,
  attempt,
  channel: 'sms',
  incidents: ['refresh:s:w'],
  segments: 2,
  ...more,
});
const receipt = (at: number, status: string): PagerFact => ({ type: 'receipt', at, attempt: 'a', sid: 'SM1', status });
const one = (...facts: PagerFact[]): RecordedMessage => {
  const { messages } = messagesIn('ana', facts);
  const [message] = messages;
  assert.ok(message);
  return message;
};

describe('a message', () => {
  test('of which a receipt comes before the answer of Twilio was accepted then', () => {
    const message = one(send(1, 'a'), receipt(2, 'sent'), { type: 'accepted', at: 3, attempt: 'a', sid: 'SM1' });
    assert.deepEqual([message.acceptedAt, message.sid, statusOf(message)?.status], [2, 'SM1', 'sent']);
  });

  test('that was delivered did not fail, and receipts in the wrong order end at the last one', () => {
    const message = one(send(1, 'a'), receipt(2, 'delivered'), receipt(3, 'sent'), receipt(4, 'undelivered'));
    assert.deepEqual([statusOf(message)?.status, outcomeOf(message)], ['delivered', 'arrived']);
  });

  test('has one status for copies of a receipt', () => {
    assert.equal(one(send(1, 'a'), receipt(2, 'sent'), receipt(3, 'sent')).statuses.length, 2);
  });

  test('that was refused is no message at Twilio, and tells why', () => {
    const message = one(send(1, 'a'), { type: 'refused', at: 2, attempt: 'a', outcome: 'recipient', code: '21211' });
    assert.deepEqual([message.sid, outcomeOf(message), message.statuses[0]?.code], [null, 'failed', '21211']);
  });

  test('that was cancelled before it was requested is none', () => {
    const facts = [
      send(1, 'a'),
      { type: 'refused', at: 2, attempt: 'a', outcome: 'cancelled', code: 'cancelled' },
    ] as const;
    assert.deepEqual(messagesIn('ana', facts).messages, []);
  });

  test('is answered by the reply that names it, and else by the newest before it', () => {
    const facts: PagerFact[] = [
      send(1, 'a'),
      { type: 'accepted', at: 2, attempt: 'a', sid: 'SM1' },
      send(3, 'b'),
      { type: 'accepted', at: 4, attempt: 'b', sid: 'SM2' },
    ];
    const answeredBy = (reply: Omit<Extract<PagerFact, { type: 'reply' }>, 'type' | 'at' | 'channel'>): string[] =>
      messagesIn('ana', [...facts, { type: 'reply', at: 9, channel: 'sms', ...reply }]).messages.flatMap(
        ({ attempt, answered }) => (answered ? [attempt] : []),
      );
    assert.deepEqual(answeredBy({ verb: 'acknowledge' }), ['b']);
    assert.deepEqual(answeredBy({ verb: 'acknowledge', sid: 'SM1' }), ['a']);
    assert.deepEqual(answeredBy({ verb: 'list' }), []);
  });
});
