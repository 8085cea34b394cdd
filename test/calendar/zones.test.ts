/** What repeats is at its hour of the clock in every time zone, also on the days on which the clock is set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { occurrencesIn } from '../../src/calendar/occurrences.js';
import type { Occurrence } from '../../src/policy/calendar.js';
import { isTimeZone } from '../../src/policy/local-time.js';
import { calendar, event } from './texts.js';
import { caseCount } from '../helpers/case-count.js';

/** A series of turns in one zone. */
interface Series {
  zone: string;
  year: number;
  /** Of the first turn, in minutes after midnight. */
  begin: number;
  everyDays: number;
  lengthMinutes: number;
  isDuration: boolean;
  /** The rule names the last turn, in UTC, in place of their number. */
  isUntil: boolean;
  /** Numbers of turns that are left out. */
  without: readonly number[];
  moved: { turn: number; byMinutes: number } | null;
}

const turns = ({ everyDays }: Pick<Series, 'everyDays'>): number => Math.ceil(365 / everyDays);

const series: fc.Arbitrary<Series> = fc
  .record({
    zone: fc.constantFrom(...Intl.supportedValuesOf('timeZone').filter(isTimeZone)),
    year: fc.integer({ min: 2024, max: 2030 }),
    // Clocks are set between midnight and four.
    begin: fc.oneof(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 0, max: 95 })).map((quarters) => quarters * 15),
    everyDays: fc.constantFrom(1, 2, 7, 14),
    lengthMinutes: fc.constantFrom(30, 60, 90, 8 * 60, 24 * 60, 7 * 24 * 60),
    isDuration: fc.boolean(),
    isUntil: fc.boolean(),
    without: fc.uniqueArray(fc.nat(), { maxLength: 3 }),
    moved: fc.option(fc.record({ turn: fc.nat(), byMinutes: fc.integer({ min: -2_000, max: 2_000 }) })),
  })
  .map((made) => {
    const moved = made.moved && { ...made.moved, turn: made.moved.turn % turns(made) };
    const without = made.without.map((turn) => turn % turns(made)).filter((turn) => turn !== moved?.turn);
    return { ...made, moved, without };
  });

const beginOf = ({ year, begin, everyDays }: Series, turn: number): Temporal.PlainDateTime =>
  new Temporal.PlainDate(year, 1, 5)
    .add({ days: turn * everyDays })
    .toPlainDateTime()
    .add({ minutes: begin });

function textOf(of: Series): string {
  const stamp = (local: Temporal.PlainDateTime) => local.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '');
  const at = (name: string, local: Temporal.PlainDateTime) => `${name};TZID=${of.zone}:${stamp(local)}`;
  const span = (begin: Temporal.PlainDateTime) => [
    at('DTSTART', begin),
    of.isDuration
      ? `DURATION:${Temporal.Duration.from({ minutes: of.lengthMinutes }).round({ largestUnit: 'days' }).toString()}`
      : at('DTEND', begin.add({ minutes: of.lengthMinutes })),
  ];
  const { moved, without, everyDays } = of;
  const rule = everyDays % 7 === 0 ? `WEEKLY;INTERVAL=${everyDays / 7}` : `DAILY;INTERVAL=${everyDays}`;
  const last = new Date(instantOf(beginOf(of, turns(of) - 1), of.zone)).toISOString().replaceAll(/[-:]|\.000/g, '');
  const repeats = `RRULE:FREQ=${rule};${of.isUntil ? `UNTIL=${last}` : `COUNT=${turns(of)}`}`;
  const exceptions = without.map((turn) => at('EXDATE', beginOf(of, turn)));
  const all = event('UID:rota', ...span(beginOf(of, 0)), repeats, ...exceptions, 'SUMMARY:ana');
  if (moved === null) return calendar(...all);
  const { turn, byMinutes } = moved;
  const begin = beginOf(of, turn);
  const one = ['UID:rota', at('RECURRENCE-ID', begin), ...span(begin.add({ minutes: byMinutes })), 'SUMMARY:ben'];
  return calendar(...all, ...event(...one));
}

/** What the clock skips is as long after the gap as it would be in it; of what comes twice it is the first. */
const instantOf = (local: Temporal.PlainDateTime, zone: string): number =>
  local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;

/** `from/to who` of each turn, in UTC. */
function expected(of: Series): string[] {
  const { zone, lengthMinutes, isDuration, without, moved } = of;
  return Array.from({ length: turns(of) }, (_, turn) => turn)
    .filter((turn) => !without.includes(turn))
    .flatMap((turn) => {
      const isMoved = turn === moved?.turn;
      const begin = beginOf(of, turn).add({ minutes: isMoved ? moved.byMinutes : 0 });
      const from = instantOf(begin, zone);
      // The hours of a duration pass, its days are days of the clock.
      const passes = isDuration && lengthMinutes % (24 * 60) !== 0;
      const to = passes ? from + lengthMinutes * 60_000 : instantOf(begin.add({ minutes: lengthMinutes }), zone);
      // All of it may be in the hour that the clock skips.
      return from < to ? [row({ from, to, summary: isMoved ? 'ben' : 'ana' })] : [];
    })
    .toSorted();
}

const row = ({ from, to, summary }: Pick<Occurrence, 'from' | 'to' | 'summary'>): string =>
  `${[from, to].map((at) => new Date(at).toISOString()).join('/')} ${summary}`;

test('in every zone the turns of a year are at their hours, each once, without those left out, and the moved one where it went', () => {
  fc.assert(
    fc.property(series, (of) => {
      const range = { from: Date.UTC(of.year, 0, 1), to: Date.UTC(of.year + 1, 1, 1) };
      const { occurrences, withoutZone } = occurrencesIn(textOf(of), range);
      assert.deepEqual(occurrences.map(row).toSorted(), expected(of));
      assert.equal(withoutZone, 0);
    }),
    { numRuns: caseCount(150, 'ZONE_RUNS') },
  );
});
