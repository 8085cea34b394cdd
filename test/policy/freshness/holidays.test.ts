import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { datesCovered } from '../../../src/policy/freshness/holidays.js';

const range = { from: Date.parse('2026-01-01T00:00Z'), to: Date.parse('2027-01-01T00:00Z') };
const event = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to), summary: '', emails: [] });
const datesIn = (timezone: string, ...spans: [from: string, to: string][]): string[] =>
  datesCovered(
    spans.map(([from, to]) => event(from, to)),
    timezone,
    range,
  );

describe('the dates that events cover', () => {
  test('are whole days on the clock of the zone', () => {
    assert.deepEqual(datesIn('Europe/Berlin', ['2026-12-24T23:00Z', '2026-12-26T23:00Z']), [
      '2026-12-25',
      '2026-12-26',
    ]);
    assert.deepEqual(datesIn('UTC', ['2026-12-24T23:00Z', '2026-12-26T23:00Z']), ['2026-12-25']);
    assert.deepEqual(datesIn('UTC', ['2026-12-24T00:01Z', '2026-12-25T23:59Z']), []);
    assert.deepEqual(datesIn('UTC', ['2026-12-24T09:00Z', '2026-12-24T17:00Z']), []);
  });

  test('are whole days of 23 and 25 hours, too, also where midnight is skipped', () => {
    assert.deepEqual(datesIn('Europe/Berlin', ['2026-03-28T23:00Z', '2026-03-29T22:00Z']), ['2026-03-29']);
    assert.deepEqual(datesIn('Europe/Berlin', ['2026-10-24T22:00Z', '2026-10-25T22:00Z']), []);
    assert.deepEqual(datesIn('Europe/Berlin', ['2026-10-24T22:00Z', '2026-10-25T23:00Z']), ['2026-10-25']);
    // The clock of Beirut goes from 00:00 to 01:00.
    assert.deepEqual(datesIn('Asia/Beirut', ['2026-03-28T22:00Z', '2026-03-29T21:00Z']), ['2026-03-29']);
  });

  test('are there once, in order, within the time that is looked at, however many events overlap', () => {
    assert.deepEqual(
      datesIn(
        'UTC',
        ['2026-12-25T00:00Z', '2026-12-27T00:00Z'],
        ['2026-12-24T00:00Z', '2026-12-26T00:00Z'],
        ['2026-12-24T00:00Z', '2026-12-25T00:00Z'],
        ['2026-05-01T00:00Z', '2026-05-02T00:00Z'],
      ),
      ['2026-05-01', '2026-12-24', '2026-12-25', '2026-12-26'],
    );
    const many = Array.from({ length: 5_000 }, (): [string, string] => ['1990-01-01T00:00Z', '9999-01-01T00:00Z']);
    const all = datesIn('Europe/Berlin', ...many);
    assert.deepEqual([all.length, all[0], all.at(-1)], [364, '2026-01-02', '2026-12-31'] as const);
  });
});
