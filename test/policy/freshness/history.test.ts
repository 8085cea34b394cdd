import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeHistory, encodeHistory, remember, type History } from '../../../src/policy/freshness/history.js';
import { caseCount } from '../../helpers/case-count.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const begin = Date.parse('2026-10-01T00:00:00Z');

const remembered = (times: readonly number[]): History | null =>
  times.reduce<History | null>((history, at) => remember(history, at), null);
const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, index) => begin + index * ms);

/** Of items that refresh every few minutes, once a month, or both in turn. */
const waits = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 90 * minuteMs }),
    fc.integer({ min: 0, max: 3 * dayMs }),
    fc.integer({ min: 0, max: 60 * dayMs }),
  ),
  { minLength: 1, maxLength: 300 },
);

function timesOf(steps: readonly number[]): number[] {
  let at = begin;
  return steps.map((step) => (at += step));
}

test('a history is read as it was written, and has at most 70 entries of 35 days', () => {
  fc.assert(
    fc.property(waits, (steps) => {
      const times = timesOf(steps);
      const history = remembered(times);
      assert.ok(history);
      const text = encodeHistory(history);
      assert.deepEqual(decodeHistory(text), history);
      assert.ok(text.length < 700, `${text.length} characters`);
      const { from, last, seen } = history;
      assert.equal(last, Math.floor((times.at(-1) ?? 0) / minuteMs) * minuteMs);
      assert.ok(seen.length <= 70 && last - from <= 35 * dayMs);
      for (const [index, { at, gapMs }] of seen.entries()) {
        assert.ok(at >= from && at <= last && at % minuteMs === 0);
        assert.ok(index === 0 || at - gapMs >= (seen[index - 1]?.at ?? 0), 'no wait reaches beyond the entry before');
      }
    }),
    { numRuns: caseCount(300) },
  );
});

test('what comes twice a day at most is kept whole', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 2, maxLength: 70 }), (jitters) => {
      const times = jitters.map((jitter, index) => begin + hourMs * 4 + index * 12 * hourMs + jitter * minuteMs);
      const kept = remembered(times)?.seen.map(({ at }) => at);
      assert.deepEqual(kept, times);
    }),
  );
});

test('of what comes more often the longest waits are kept', () => {
  // Hourly for 20 days, with nothing from 13:00 to 16:00.
  const times = every(hourMs, 20 * 24).filter((at) => ![13, 14, 15].includes(new Date(at).getUTCHours()));
  const seen = remembered(times)?.seen ?? [];
  assert.ok(seen.length <= 41);
  assert.equal(seen.filter(({ gapMs }) => gapMs === 4 * hourMs).length, 20);
});

test('data of the same minute, or older, changes nothing', () => {
  const history = remembered(every(dayMs, 3));
  assert.ok(history);
  for (const at of [history.last, history.last + 59_000, history.last - dayMs])
    assert.equal(remember(history, at), history);
});

test('a year of daily data is the last 35 days', () => {
  const history = remembered(every(dayMs, 365));
  assert.equal(history?.from, (history?.last ?? 0) - 35 * dayMs);
  assert.equal(history?.seen.length, 36);
});

describe('a text of other origin', () => {
  for (const text of ['', 'x', 'A 1', '1 2 3-', '1 2 3-4-5', '1  2', `1 2${' 3'.repeat(71)}`, '1 '.repeat(50_000)])
    test(`is no history: ${text.slice(0, 20)}`, () => assert.equal(decodeHistory(text), null));
});
