import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLocalMinutes } from '../../../src/policy/freshness/local-minutes.js';
import { localTimeAt } from '../../../src/policy/local-time.js';
import { caseCount } from '../../helpers/case-count.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const shown = (at: number, timezone: string): number => {
  const local = localTimeAt(at, timezone);
  return Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute) / minuteMs;
};

test('a clock of every zone shows within 35 days what the IANA data says', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const from = fc.integer({ min: Date.parse('2020-01-01') / minuteMs, max: Date.parse('2030-01-01') / minuteMs });
  const offsets = fc.array(fc.integer({ min: 0, max: 35 * dayMs }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(zones, from, offsets, (timezone, minutes, after) => {
      const begin = minutes * minuteMs;
      const localMinutes = createLocalMinutes()(begin, begin + 35 * dayMs, timezone);
      for (const offset of after) assert.equal(localMinutes(begin + offset), shown(begin + offset, timezone));
    }),
    { numRuns: caseCount(500) },
  );
});

test('a clock changes in the minute in which daylight saving begins and ends', () => {
  for (const [change, timezone] of [
    ['2026-10-25T01:00:00Z', 'Europe/Berlin'],
    ['2027-03-14T07:00:00Z', 'America/New_York'],
    // For the month of fasting, and back.
    ['2026-02-15T02:00:00Z', 'Africa/Casablanca'],
    ['2026-03-22T02:00:00Z', 'Africa/Casablanca'],
  ] as const) {
    const at = Date.parse(change);
    const localMinutes = createLocalMinutes()(at - 20 * dayMs, at + 15 * dayMs, timezone);
    for (const moment of [at - 1, at, at + 1]) assert.equal(localMinutes(moment), shown(moment, timezone), change);
    assert.notEqual(localMinutes(at) - localMinutes(at - 1), 1, change);
  }
});
