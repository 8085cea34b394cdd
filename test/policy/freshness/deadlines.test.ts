import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { deadlineText, lastDeadline, nextDeadline, promiseText } from '../../../src/policy/freshness/deadlines.js';
import type { DailyDue } from '../../../src/policy/freshness/promise.js';
import { isTimeZone, localTimeAt, weekdayOf, weekdays } from '../../../src/policy/local-time.js';
import { caseCount } from '../../helpers/case-count.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const workdays = weekdays.slice(0, 5);

const due = (more: Partial<DailyDue> = {}): DailyDue => ({
  kind: 'by',
  minutes: 7 * 60,
  days: workdays,
  timezone: 'Europe/Berlin',
  sinceMs: day,
  ...more,
});
const on = (...dates: string[]) => ({ holidays: { address: '/holidays.ics', dates } });
const iso = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString().replace(':00.000Z', 'Z');
const last = (of: DailyDue, at: string) => iso(lastDeadline(of, Date.parse(at)));
const next = (of: DailyDue, at: string) => iso(nextDeadline(of, Date.parse(at)));

describe('a deadline', () => {
  test('is at its time on the clock of the promise, on its days', () => {
    assert.deepEqual(
      [last(due(), '2026-11-30T05:59:59Z'), next(due(), '2026-11-30T05:59:59Z')],
      ['2026-11-27T06:00Z', '2026-11-30T06:00Z'],
    );
    assert.deepEqual(
      [last(due(), '2026-11-30T06:00Z'), next(due(), '2026-11-30T06:00Z')],
      ['2026-11-30T06:00Z', '2026-12-01T06:00Z'],
    );
    assert.equal(next(due(), '2026-06-01T04:00Z'), '2026-06-01T05:00Z', 'in summer');
  });

  test('is not on a holiday, which is a date in the zone of the promise', () => {
    const closed = due(on('2026-12-24', '2026-12-25'));
    assert.equal(next(closed, '2026-12-23T12:00Z'), '2026-12-28T06:00Z');
    assert.equal(last(closed, '2026-12-26T12:00Z'), '2026-12-23T06:00Z');
    const early = due({ minutes: 30, timezone: 'Pacific/Auckland', days: weekdays, ...on('2026-12-25') });
    assert.equal(next(early, '2026-12-24T00:00Z'), '2026-12-25T11:30Z', '00:30 of the 26th there');
  });

  test('that daylight saving skips is after the gap, and of a doubled one the first counts', () => {
    const skipped = due({ minutes: 150, days: ['sun'] });
    assert.equal(next(skipped, '2026-03-28T12:00Z'), '2026-03-29T01:30Z');
    assert.equal(next(skipped, '2026-10-24T12:00Z'), '2026-10-25T00:30Z');
    assert.equal(next(skipped, '2026-10-25T00:30Z'), '2026-11-01T01:30Z');
  });

  test('on whose date the clock passes midnight twice, or skips it, is found from both sides', () => {
    // The clock of Nuuk goes from 23:00 on Saturday to 00:00 on Sunday.
    const nuuk = due({ minutes: 23 * 60 + 30, days: ['sat'], timezone: 'America/Nuuk' });
    assert.equal(next(nuuk, '2026-03-29T01:10Z'), '2026-03-29T01:30Z');
    assert.equal(last(nuuk, '2026-03-29T01:30Z'), '2026-03-29T01:30Z');
    // That of St. John's went from 00:01 on Sunday to 23:01 on Saturday.
    const johns = due({ minutes: 0, days: ['sun'], timezone: 'America/St_Johns' });
    assert.equal(localTimeAt(Date.parse('2006-10-29T03:00Z'), 'America/St_Johns').toString(), '2006-10-28T23:30:00');
    assert.equal(last(johns, '2006-10-29T03:00Z'), '2006-10-29T02:30Z');
    assert.equal(next(johns, '2006-10-29T03:00Z'), '2006-11-05T03:30Z');
  });

  test('is not on a date that the zone skipped', () => {
    const apia = due({ days: ['fri'], timezone: 'Pacific/Apia' });
    assert.equal(last(apia, '2011-12-31T00:00Z'), '2011-12-23T17:00Z');
    assert.equal(next(apia, '2011-12-29T17:00Z'), '2012-01-05T17:00Z');
  });

  test('is null where there is none within 400 days', () => {
    const dates = Array.from({ length: 1_000 }, (_, days) =>
      Temporal.PlainDate.from('2025-01-01').add({ days }).toString(),
    );
    assert.equal(next(due(on(...dates)), '2026-01-01T00:00Z'), null);
    assert.equal(last(due(on(...dates)), '2026-06-01T00:00Z'), null);
    assert.equal(last(due(on(...dates)), '2026-01-01T00:00Z'), '2024-12-31T06:00Z');
    assert.equal(next(due({ days: [] }), '2026-01-01T00:00Z'), null);
  });
});

describe('in every time zone', () => {
  const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
  const example = fc.record({
    timezone: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...zones) },
      // Their clocks are set across midnight.
      { weight: 1, arbitrary: fc.constantFrom('America/Nuuk', 'America/St_Johns') },
    ),
    // Clocks are set around midnight.
    minutes: fc.oneof(
      fc.integer({ min: 0, max: 1_439 }),
      fc.integer({ min: 0, max: 240 }),
      fc.integer({ min: 1_320, max: 1_439 }),
    ),
    days: fc.subarray([...weekdays], { minLength: 1 }),
    holidays: fc.uniqueArray(fc.integer({ min: 0, max: 14 }), { maxLength: 5 }),
    from: fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2037, 0, 1) }),
    atTransition: fc.boolean(),
  });

  test('deadlines increase, each promised date has exactly one, no other date has any, and last and next agree', () => {
    fc.assert(
      fc.property(example, ({ timezone, minutes, days, holidays, from, atTransition }) => {
        const begin = atTransition ? beforeTransition(from, timezone) : from;
        const dates = datesFrom(begin, timezone);
        const closed = holidays.flatMap((index) => dates[index]?.toString() ?? []);
        const of = due({ timezone, minutes, days, ...on(...closed) });
        const promised = dates.filter((date) => days.includes(weekdayOf(date)) && !closed.includes(date.toString()));
        // A deadline of the date before can be after midnight.
        let at = begin - 2 * day;
        const found = new Map<string, number>();
        for (let before: number | null = null; ;) {
          const deadline = nextDeadline(of, at);
          if (deadline === null || deadline > begin + 16 * day) break;
          assert.ok(deadline > at, 'increases');
          assert.equal(lastDeadline(of, deadline), deadline);
          if (before !== null) assert.equal(lastDeadline(of, deadline - 1), before);
          found.set(plannedDate(of, deadline), deadline);
          before = deadline;
          at = deadline;
        }
        for (const date of promised) assert.ok(found.delete(date.toString()), `${timezone} ${date.toString()}`);
        const beyond = [...found.keys()].filter((date) => dates.some((each) => each.toString() === date));
        assert.deepEqual(beyond, [], timezone);
      }),
      { numRuns: caseCount(500, 'ZONE_RUNS') },
    );
  });

  /** A few days before the clock is set next, where it ever is. */
  function beforeTransition(from: number, timezone: string): number {
    const transition = Temporal.Instant.fromEpochMilliseconds(from)
      .toZonedDateTimeISO(timezone)
      .getTimeZoneTransition('next');
    return transition ? transition.epochMilliseconds - 3 * day : from;
  }

  /** The dates of two weeks that the clock shows. */
  function datesFrom(begin: number, timezone: string): Temporal.PlainDate[] {
    const dates = new Map<string, Temporal.PlainDate>();
    for (let hours = 0; hours < 14 * 24; hours += 6) {
      const date = localTimeAt(begin + hours * hour, timezone).toPlainDate();
      dates.set(date.toString(), date);
    }
    // Of the first and the last a part may be missing.
    return [...dates.values()].slice(1, -1);
  }

  /** The date whose deadline this is: the clock shows its time for the first time, or is as far after the gap as that time is in it. */
  function plannedDate({ minutes, timezone }: DailyDue, deadline: number): string {
    const shown = localTimeAt(deadline, timezone);
    if (minutesOf(shown) === minutes) {
      for (const earlier of [20, 30, 40, 60, 90, 120, 180]) {
        const before = localTimeAt(deadline - earlier * minute, timezone);
        assert.ok(!before.equals(shown), `${timezone}: ${shown.toString()} comes twice`);
      }
      return shown.toPlainDate().toString();
    }
    const gapMinutes = (minutesOf(shown) - minutes + 1_440) % 1_440;
    const planned = shown.subtract({ minutes: gapMinutes });
    const offsetBefore = offsetMinutes(deadline - gapMinutes * minute - minute, timezone);
    assert.equal(offsetMinutes(deadline, timezone) - offsetBefore, gapMinutes, `${timezone}: ${shown.toString()}`);
    const ifSet = localTimeAt(deadline - gapMinutes * minute, timezone);
    assert.ok(!ifSet.equals(planned), `${timezone}: ${planned.toString()} exists`);
    return planned.toPlainDate().toString();
  }

  const minutesOf = ({ hour: hours, minute: minutes }: Temporal.PlainDateTime): number => hours * 60 + minutes;
  const offsetMinutes = (at: number, timezone: string): number =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).offsetNanoseconds / 60e9;
});

describe('a promise', () => {
  test('is told by its time, days and zone, or by the greatest age', () => {
    const of = (more: Partial<DailyDue>) => promiseText({ due: due(more) });
    assert.equal(of({}), 'new data by 07:00 Mon-Fri Europe/Berlin');
    assert.equal(of({ days: ['sun', 'tue', 'mon'] }), 'new data by 07:00 Mon,Tue,Sun Europe/Berlin');
    assert.equal(of({ days: ['sat', 'sun'], minutes: 23 * 60 + 5 }), 'new data by 23:05 Sat,Sun Europe/Berlin');
    assert.equal(of({ days: weekdays, timezone: 'UTC' }), 'new data by 07:00 UTC');
    const age = (maxAgeMs: number) => promiseText({ due: { kind: 'age', maxAgeMs } });
    assert.deepEqual(
      [26 * hour, 90 * minute, 5 * minute, 3 * day, 60 * hour, 5 * minute + 30_000].map(age),
      ['26 h', '1 h 30 min', '5 min', '3 days', '60 h', '5 min 30 s'].map((text) => `data at most ${text} old`),
    );
  });

  test('has a deadline that names its date where it is another week', () => {
    const deadline = Date.parse('2026-11-30T06:00Z');
    const text = (now: string) => deadlineText(deadline, due(), Date.parse(now));
    assert.equal(text('2026-11-30T06:05Z'), 'Mon 07:00');
    assert.equal(text('2026-12-06T05:00Z'), 'Mon 07:00');
    assert.equal(text('2026-12-07T05:00Z'), 'Mon 30 Nov 07:00');
    assert.equal(text('2026-11-23T06:00Z'), 'Mon 30 Nov 07:00');
    assert.equal(deadlineText(deadline, { kind: 'age', maxAgeMs: day }, deadline), 'Mon 06:00 UTC');
  });
});
