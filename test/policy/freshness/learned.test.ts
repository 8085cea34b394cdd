import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { remember, type History } from '../../../src/policy/freshness/history.js';
import { learnedDue } from '../../../src/policy/freshness/learned.js';
import type { Due } from '../../../src/policy/freshness/promise.js';
import { weekdayOfDay } from '../../../src/policy/freshness/slots.js';
import { clockTime, dayMs, hourMs } from './items.js';

const timezone = 'Europe/Berlin';
/** A Monday, four weeks before clocks go back. */
const monday = Date.parse('2026-09-28') / dayMs;

type Runs = (day: number, index: number) => readonly number[];
const daily: Runs = () => [5 * 60];
const workdays: Runs = (day) => (weekdayOfDay(day) < 5 ? [5 * 60] : []);
const hours = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => (from + n) * 60);

/** New data at so many minutes of each day on the clock, give or take some minutes. */
function seenAt(days: number, runs: Runs, zone = timezone): History {
  let history: History | null = null;
  for (let index = 0; index < days; index += 1)
    for (const minutes of runs(monday + index, index)) {
      const jitter = (index * 7) % 11;
      history = remember(history, clockTime(monday + index, minutes + jitter, zone));
    }
  assert.ok(history);
  return history;
}

const clockOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

const textOf = (due: Due): string =>
  due.kind === 'by' ? `by ${clockOf(due.minutes)} ${due.days.join(' ')}` : `at most ${due.maxAgeMs / 60_000} min old`;
const learnt = (history: History, dates: readonly string[] = [], zone = timezone): string[] | null =>
  learnedDue(history, { timezone: zone, holidays: { address: '/h.ics', dates } })?.map(textOf) ?? null;

const allDays = 'mon tue wed thu fri sat sun';
const workingDays = 'mon tue wed thu fri';

describe('what is due', () => {
  test('of a daily item is new data soon after its usual time', () => {
    assert.deepEqual(learnt(seenAt(28, daily)), [`by 06:20 ${allDays}`]);
  });

  test('is on the weekdays on which it runs', () => {
    assert.deepEqual(learnt(seenAt(28, workdays)), [`by 06:20 ${workingDays}`]);
  });

  test('is not on a day of which there were two runs in five weeks', () => {
    const twoSaturdays: Runs = (day, index) => ([12, 26].includes(index) ? [5 * 60] : workdays(day, index));
    assert.deepEqual(learnt(seenAt(35, twoSaturdays)), [`by 06:20 ${workingDays}`]);
  });

  test('of a weekday that takes longer is later', () => {
    const longMonday: Runs = (day) => [weekdayOfDay(day) === 0 ? 8 * 60 : 5 * 60];
    assert.deepEqual(learnt(seenAt(35, longMonday)), ['by 06:20 tue wed thu fri sat sun', 'by 09:25 mon']);
  });

  test('of two runs a day is both', () => {
    assert.deepEqual(learnt(seenAt(28, () => [5 * 60, 14 * 60])), [`by 06:20 ${allDays}`, `by 15:20 ${allDays}`]);
  });

  test('of a weekly item is known after four weeks', () => {
    const weekly: Runs = (day) => (weekdayOfDay(day) === 2 ? [7 * 60] : []);
    assert.equal(learnt(seenAt(21, weekly)), null);
    assert.deepEqual(learnt(seenAt(35, weekly)), ['by 08:20 wed']);
  });

  test('of a run before midnight is on its own day, of one about midnight on the next', () => {
    assert.deepEqual(learnt(seenAt(28, () => [23 * 60])), [`by 23:55 ${allDays}`]);
    const fridays: Runs = (day) => (weekdayOfDay(day) === 4 ? [23 * 60 + 50] : []);
    assert.deepEqual(learnt(seenAt(35, fridays)), ['by 01:10 sat']);
  });

  test('of what runs at all hours is an age', () => {
    assert.deepEqual(learnt(seenAt(26, () => hours(0, 23))), ['at most 140 min old']);
    assert.deepEqual(learnt(seenAt(26, () => [0, 6, 12, 18].map((it) => it * 60))), ['at most 400 min old']);
  });

  test('of what runs in working hours is new data in the morning and a few times until the evening', () => {
    const dues = learnedDue(
      seenAt(28, (day) => (weekdayOfDay(day) < 5 ? hours(7, 18) : [])),
      { timezone },
    );
    assert.deepEqual(dues?.map(textOf), [
      `by 08:20 ${workingDays}`,
      `by 13:50 ${workingDays}`,
      `by 19:25 ${workingDays}`,
    ]);
    assert.deepEqual(
      dues.map((due) => due.kind === 'by' && due.sinceMs / hourMs < 6),
      [true, true, true],
    );
  });

  test('counts what came early, and not what came for the day before', () => {
    const [due] = learnedDue(seenAt(28, daily), { timezone }) ?? [];
    assert.ok(due?.kind === 'by');
    const opensAt = due.minutes * 60_000 - due.sinceMs;
    assert.ok(opensAt < -2 * hourMs && opensAt > -4 * hourMs, `from ${opensAt / hourMs} h on`);
  });
});

describe('nothing is due', () => {
  test('before 21 days are known', () => {
    assert.equal(learnt(seenAt(21, daily)), null);
    assert.notEqual(learnt(seenAt(22, daily)), null);
  });

  test('of what comes at any time, on any day, or once a month', () => {
    const anyTime: Runs = (_, index) => [(index * 397) % (24 * 60)];
    const anyDay: Runs = (_, index) => ([0, 3, 4, 9, 10, 11, 16, 20, 26, 27, 33].includes(index) ? [540] : []);
    const lastDay: Runs = (day) => (new Date((day + 1) * dayMs).getUTCDate() === 1 ? [300] : []);
    for (const runs of [anyTime, anyDay, lastDay]) assert.equal(learnt(seenAt(35, runs)), null);
  });

  test('on holidays, and nothing is learnt from them', () => {
    const dates = ['2026-10-05', '2026-10-12'];
    const closed = new Set(dates.map((date) => Date.parse(date) / dayMs));
    const runs: Runs = (day) => (closed.has(day) ? [] : workdays(day, 0));
    assert.deepEqual(learnt(seenAt(35, runs), dates), [`by 06:20 ${workingDays}`]);
    const [due] = learnedDue(seenAt(35, runs), { timezone, holidays: { address: '/h.ics', dates } }) ?? [];
    assert.deepEqual(due?.kind === 'by' && due.holidays?.dates, dates);
  });
});

describe('a deadline stays', () => {
  test('whatever a few late runs and a missing one did', () => {
    const troubled: Runs = (_, index) => (index === 20 ? [] : [[8, 17].includes(index) ? 11 * 60 : 5 * 60]);
    assert.deepEqual(learnt(seenAt(28, troubled)), [`by 06:20 ${allDays}`]);
  });

  test('when clocks change', () => {
    assert.deepEqual(learnt(seenAt(35, daily)), [`by 06:20 ${allDays}`]);
    assert.deepEqual(learnt(seenAt(35, daily, 'America/New_York'), [], 'America/New_York'), [`by 06:20 ${allDays}`]);
  });

  test('after three days without data', () => {
    const outage: Runs = (_, index) => (index >= 22 && index < 25 ? [] : [5 * 60]);
    for (const days of [22, 26, 27, 28]) {
      const [due, ...more] = learnedDue(seenAt(days, outage), { timezone }) ?? [];
      assert.ok(due?.kind === 'by' && due.days.length === 7 && more.length === 0);
      assert.ok(due.minutes <= 6 * 60 + 25, clockOf(due.minutes));
    }
  });
});

describe('a schedule that moved', () => {
  const moved =
    (on: number, to: number): Runs =>
    (_, index) => [index < on ? 5 * 60 : to];

  test('a few hours later: the next deadline allows for it, then nothing is due, then the new time', () => {
    const later = moved(25, 8 * 60);
    assert.deepEqual(learnt(seenAt(25, later)), [`by 06:20 ${allDays}`]);
    assert.deepEqual(learnt(seenAt(26, later)), [`by 09:10 ${allDays}`]);
    assert.equal(learnt(seenAt(27, later)), null);
    assert.deepEqual(learnt(seenAt(32, later)), [`by 09:25 ${allDays}`]);
  });

  test('a little later, within what is the same time of day', () => {
    const later = moved(25, 6 * 60 + 25);
    assert.equal(learnt(seenAt(27, later)), null);
    assert.deepEqual(learnt(seenAt(30, later)), [`by 07:50 ${allDays}`]);
  });

  test('earlier: what comes is in time, and the deadline follows', () => {
    assert.deepEqual(learnt(seenAt(26, moved(25, 4 * 60))), [`by 06:20 ${allDays}`]);
    assert.deepEqual(learnt(seenAt(34, moved(25, 3 * 60))), [`by 04:20 ${allDays}`]);
  });
});
