import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { instantOf, localTimeAt, parseLocalTime, type LocalTime, type Weekday } from '../../src/policy/local-time.js';
import {
  contactsBetween,
  dutyAt,
  onCallAt,
  shiftsBetween,
  type Rotation,
  type Schedule,
} from '../../src/policy/on-call.js';
import { caseCount } from '../helpers/case-count.js';

const local = (text: string): LocalTime => {
  const parsed = parseLocalTime(text);
  assert.ok(parsed, text);
  return parsed;
};
const berlin = 'Europe/Berlin';
const at = (text: string, timezone = berlin): number => instantOf(local(text), timezone);
const workdays: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const hour = 3_600_000;

const weekly: Rotation = { contacts: ['ana', 'ben', 'cleo'], every: { days: 7 }, start: '2026-11-23T09:00' };
const schedule = (changes: Partial<Schedule> = {}): Schedule => ({
  timezone: berlin,
  rotations: [weekly],
  overrides: [],
  ...changes,
});
const who = (of: Schedule, text: string): string | null => dutyAt(of, at(text, of.timezone)).contact;

describe('a rotation', () => {
  const cases: [string, string | null][] = [
    ['2026-11-23T08:59', null],
    ['2026-11-23T09:00', 'ana'],
    ['2026-11-30T08:59', 'ana'],
    ['2026-11-30T09:00', 'ben'],
    ['2026-12-07T09:00', 'cleo'],
    ['2026-12-14T09:00', 'ana'],
    // After daylight saving began, on 2027-03-28, it is still nine.
    ['2027-03-29T08:59', 'cleo'],
    ['2027-03-29T09:00', 'ana'],
  ];
  for (const [time, contact] of cases) test(`${time}: ${contact}`, () => assert.equal(who(schedule(), time), contact));

  test('of twelve hours hands over at the same hours of the clock in summer and in winter', () => {
    const halves: Rotation = { contacts: ['day', 'night'], every: { hours: 12 }, start: '2026-01-01T08:00' };
    for (const date of ['2026-01-15', '2026-03-29', '2026-07-01', '2026-10-25', '2026-12-31']) {
      const times = ['07:59', '08:00', '19:59', '20:00'].map((time) => `${date}T${time}`);
      assert.deepEqual(
        times.map((time) => who(schedule({ rotations: [halves] }), time)),
        ['night', 'day', 'day', 'night'],
        date,
      );
    }
  });

  test('hands over once in an hour that comes twice, and after one that is skipped', () => {
    const daily: Rotation = { contacts: ['ana', 'ben'], every: { days: 1 }, start: '2026-10-20T02:30' };
    const shifts = (from: string, to: string) =>
      shiftsBetween(schedule({ rotations: [daily] }), at(from), at(to)).map(({ contact, from: begin }) => [
        contact,
        new Date(begin).toISOString(),
      ]);
    assert.deepEqual(shifts('2026-10-24T12:00', '2026-10-26T12:00'), [
      ['ana', '2026-10-24T10:00:00.000Z'],
      // 02:30 in summer time, the first of the two.
      ['ben', '2026-10-25T00:30:00.000Z'],
      ['ana', '2026-10-26T01:30:00.000Z'],
    ]);
    // The clock goes from 02:00 to 03:00, so the hand-over is at 03:30.
    assert.equal(shifts('2027-03-27T12:00', '2027-03-29T00:00')[1]?.[1], '2027-03-28T01:30:00.000Z');
  });
});

describe('layers, hours and overrides', () => {
  test('the first rotation that has somebody counts', () => {
    const layered = schedule({
      rotations: [
        { ...weekly, hours: [{ days: workdays, from: 9 * 60, to: 17 * 60 }] },
        { ...weekly, contacts: ['dan'] },
      ],
    });
    assert.equal(who(layered, '2026-11-24T10:00'), 'ana');
    assert.equal(who(layered, '2026-11-24T17:00'), 'dan');
    assert.equal(who(layered, '2026-11-28T10:00'), 'dan');
  });

  test('outside the hours of a restriction somebody else is on call, or nobody', () => {
    const hours = [{ days: workdays, from: 8 * 60, to: 18 * 60 }];
    const restricted = schedule({ restriction: { hours, otherwise: 'lead' } });
    assert.deepEqual(
      ['2026-11-24T07:59', '2026-11-24T08:00', '2026-11-24T18:00', '2026-11-29T12:00'].map((time) =>
        who(restricted, time),
      ),
      ['lead', 'ana', 'lead', 'lead'],
    );
    assert.equal(who(schedule({ restriction: { hours } }), '2026-11-24T18:00'), null);
  });

  test('hours may pass midnight: they belong to the day on which they begin', () => {
    const hours = [{ days: ['fri'] as const, from: 22 * 60, to: 6 * 60 }];
    const nights = schedule({ restriction: { hours } });
    assert.deepEqual(
      ['2026-11-27T21:59', '2026-11-27T22:00', '2026-11-28T05:59', '2026-11-28T06:00'].map((time) => who(nights, time)),
      [null, 'ana', 'ana', null],
    );
  });

  test('an override counts in its time, and of several the last one', () => {
    const overridden = schedule({
      overrides: [
        { contact: 'dave', from: at('2026-12-24T18:00'), to: at('2026-12-27T09:00') },
        { contact: 'eva', from: at('2026-12-25T08:00'), to: at('2026-12-25T10:00') },
      ],
    });
    assert.deepEqual(
      ['2026-12-24T17:59', '2026-12-24T18:00', '2026-12-25T09:00', '2026-12-27T08:59', '2026-12-27T09:00'].map((time) =>
        who(overridden, time),
      ),
      ['ben', 'dave', 'eva', 'dave', 'ben'],
    );
  });

  test('now and next are told with the time of the hand-over', () => {
    const { now, next } = onCallAt(schedule(), at('2026-11-25T12:00'));
    assert.deepEqual([now.contact, now.until], ['ana', at('2026-11-30T09:00')]);
    assert.deepEqual([next?.contact, next?.from], ['ben', at('2026-11-30T09:00')]);
    const alone = onCallAt(schedule({ rotations: [{ ...weekly, contacts: ['ana'] }] }), at('2026-11-25T12:00'));
    assert.deepEqual([alone.now.contact, alone.now.until, alone.next], ['ana', null, null]);
  });
});

describe('in every time zone', () => {
  const everyZone = Intl.supportedValuesOf('timeZone');
  const rotation = fc.record({
    contacts: fc.constantFrom(['ana'], ['ana', 'ben'], ['ana', 'ben', 'cleo']),
    every: fc.constantFrom({ hours: 1 }, { hours: 8 }, { hours: 12 }, { days: 1 }, { days: 7 }, { days: 14 }),
    start: fc.constantFrom('2025-11-02T01:30', '2026-03-29T02:30', '2026-01-01T00:00', '2026-06-15T09:00'),
  });

  test('hand-overs of ten years are at their hour of the clock, one contact follows the other, and there is no gap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...everyZone),
        rotation,
        fc.integer({ min: Date.UTC(2026, 6, 1), max: Date.UTC(2036, 0, 1) }),
        (timezone, of, from) => {
          const to = from + ('days' in of.every ? 30 : 3) * 24 * hour;
          const shifts = shiftsBetween({ timezone, rotations: [of], overrides: [] }, from, to);
          let end = from;
          for (const [index, shift] of shifts.entries()) {
            assert.equal(shift.from, end);
            assert.ok(shift.until > shift.from);
            end = shift.until;
            const before = shifts[index - 1]?.contact;
            if (before === undefined || before === null) continue;
            assert.notEqual(shift.contact, before);
            assertOnTheClock(of, shift.from, timezone);
          }
          assert.equal(end, to);
        },
      ),
      { numRuns: caseCount(1_000, 'ZONE_RUNS') },
    );
  });

  /** The clock shows a planned time, or the planned one does not exist: then it is as far after the gap as that is in it. */
  function assertOnTheClock({ every, start }: Rotation, handOver: number, timezone: string): void {
    const periodMinutes = 'days' in every ? every.days * 24 * 60 : every.hours * 60;
    const isPlanned = (time: LocalTime): boolean =>
      local(start).until(time, { largestUnit: 'minutes' }).minutes % periodMinutes === 0;
    const exists = (time: LocalTime): boolean => localTimeAt(instantOf(time, timezone), timezone).equals(time);
    const shown = localTimeAt(handOver, timezone);
    const gapMinutes = offsetOf(handOver, timezone) - offsetOf(handOver - 24 * hour, timezone);
    const skipped = shown.subtract({ minutes: gapMinutes });
    assert.ok(isPlanned(shown) || (isPlanned(skipped) && !exists(skipped)), `${timezone}: ${shown.toString()}`);
  }

  const offsetOf = (time: number, timezone: string): number =>
    (Date.parse(`${localTimeAt(time, timezone).toString({ smallestUnit: 'second' })}Z`) -
      Math.floor(time / 1_000) * 1_000) /
    60_000;
});

describe('who is on call in turn between two times', () => {
  const between = (of: Schedule, from: string, to: string) => contactsBetween(of, at(from), at(to));

  test('is each contact once, in order; the end is excluded, and a gap is nobody', () => {
    assert.deepEqual(between(schedule(), '2026-11-24T00:00', '2026-11-30T09:00'), ['ana']);
    assert.deepEqual(between(schedule(), '2026-11-24T00:00', '2026-11-30T09:01'), ['ana', 'ben']);
    assert.deepEqual(between(schedule(), '2026-12-01T00:00', '2027-02-01T00:00'), ['ben', 'cleo', 'ana']);
    assert.deepEqual(between(schedule(), '2026-11-01T00:00', '2026-11-20T00:00'), []);
    const covered = schedule({
      overrides: [{ contact: 'dave', from: at('2026-11-24T00:00'), to: at('2026-12-01T00:00') }],
    });
    assert.deepEqual(between(covered, '2026-11-24T00:00', '2026-12-02T00:00'), ['dave', 'ben']);
  });

  test('takes a bounded time, however often it changes', () => {
    const hourly: Rotation = { contacts: ['ana', 'ben'], every: { hours: 1 }, start: '2026-11-23T09:00' };
    // Somebody who is never on call keeps it from ending early.
    const restless = schedule({ rotations: [hourly, { ...weekly, contacts: ['cleo'] }] });
    const started = process.cpuUsage();
    assert.deepEqual(between(restless, '2026-12-01T00:00', '2027-12-01T00:00'), ['ben', 'ana']);
    // Other programs take none of it: microseconds of the processor.
    assert.ok(process.cpuUsage(started).user < 2_500_000);
  });
});
