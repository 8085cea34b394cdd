/** What is remembered of late items, and what the report makes of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { episodeReportOf } from '../../../src/policy/freshness/episode-report.js';
import { withLook, type Episode, type Now } from '../../../src/policy/freshness/episodes.js';
import { packMemory } from '../../../src/policy/freshness/memory.js';
import { newMemory } from '../../../src/policy/freshness/remembered.js';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.parse('2026-11-30T12:00:00Z');

const episode = (given: Partial<Episode> = {}): Episode => ({
  luid: 'sales',
  name: 'Sales',
  promise: 'every item: new data when it usually comes (learned)',
  learned: true,
  deadline: now - day,
  state: 'never-began',
  ...given,
});
const look = (given: Partial<Now>): Now => ({ late: [], isLate: () => false, dataAt: () => undefined, now, ...given });

describe('what is remembered', () => {
  test('is written once for a deadline, and again for the next one', () => {
    const first = withLook([], look({ late: [episode()], isLate: () => true }));
    const again = withLook(first, look({ late: [episode({ state: 'queued' })], isLate: () => true }));
    assert.deepEqual(again, [episode({ state: 'queued' })]);
    const next = withLook(again, look({ late: [episode({ deadline: now })], isLate: () => true }));
    assert.deepEqual(
      next.map(({ deadline }) => deadline),
      [now - day, now],
    );
  });

  test('ends with new data, or where nothing is promised any more', () => {
    const before = [episode(), episode({ luid: 'orders' }), episode({ luid: 'stock' })];
    const after = withLook(
      before,
      look({
        isLate: (luid) => luid === 'stock',
        dataAt: ({ luid }) => (luid === 'sales' ? now - minute : undefined),
      }),
    );
    assert.deepEqual(after, [
      episode({ freshAt: now - minute }),
      episode({ luid: 'orders', withdrawn: true }),
      episode({ luid: 'stock' }),
    ]);
    assert.deepEqual(withLook(after, look({ isLate: (luid) => luid === 'stock', dataAt: () => now })), after);
  });

  test('was paged where it was paged once', () => {
    const both = (...shadows: boolean[]) =>
      shadows.reduce<Episode[]>(
        (before, shadow) => withLook(before, look({ late: [episode(shadow ? { shadow } : {})], isLate: () => true })),
        [],
      );
    assert.equal(both(true)[0]?.shadow, true);
    for (const shadows of [[true, false], [false, true], [false]] as const)
      assert.equal(both(...shadows)[0]?.shadow, undefined);
  });

  test('is of the last 35 days, and the last 2,000', () => {
    const old = episode({ deadline: now - 36 * day });
    const many = Array.from({ length: 2_001 }, (_, n) => episode({ luid: `item-${n}` }));
    const kept = withLook([old, ...many], look({ isLate: () => true }));
    assert.deepEqual([kept.length, kept[0]?.luid], [2_000, 'item-1']);
  });
});

describe('the report', () => {
  const reportOf = (episodes: Episode[], days = 30) => {
    const memory = packMemory({ ...newMemory(), episodes });
    const view = { memory, lookedAt: now, alarms: [], next: { at: now, what: 'A deadline' } };
    return episodeReportOf('default', view, now - days * day, now).promises;
  };

  test('counts by promise what was paged and what was in shadow, since a time', () => {
    const { learned: _learned, ...declared } = episode({ promise: 'tag gold: data at most 26 h old' });
    const [first, second] = reportOf([
      episode({ deadline: now - 31 * day }),
      episode({ shadow: true, deadline: now - 3 * day, freshAt: now - 3 * day + 90 * minute }),
      episode({ deadline: now - 2 * day, freshAt: now - 2 * day + 30 * minute }),
      { ...declared, freshAt: declared.deadline + 100 * minute },
    ]);
    assert.deepEqual(first, {
      promise: episode().promise,
      learned: true,
      late: 2,
      paged: 1,
      shadow: 1,
      open: 0,
      medianLatenessMinutes: 60,
      precision: { reallyLate: 1, of: 2, value: 0.5 },
    });
    assert.deepEqual([second?.late, second?.medianLatenessMinutes, second?.precision], [1, 100, null]);
  });

  const cases: [what: string, given: Partial<Episode>, reallyLate: number, of: number][] = [
    ['more than an hour late', { freshAt: now - day + 61 * minute }, 1, 1],
    ['an hour late', { freshAt: now - day + 60 * minute }, 0, 1],
    ['after the next deadline', { freshAt: now - day + 40 * minute, nextDeadline: now - day + 40 * minute }, 1, 1],
    ['before the deadline, and seen late', { freshAt: now - 2 * day }, 0, 1],
    ['not there yet, for a day', {}, 1, 1],
    ['not there yet, for half an hour', { deadline: now - 30 * minute }, 0, 0],
    ['of which nothing is promised any more', { withdrawn: true }, 0, 0],
  ];
  for (const [what, given, reallyLate, of] of cases)
    test(`data ${what}: ${reallyLate} of ${of} really late`, () => {
      const [row] = reportOf([episode(given)]);
      assert.deepEqual([row?.precision?.reallyLate, row?.precision?.of], [reallyLate, of]);
    });
});
