/** Looks at a site with learned promises: what is due, what is late, and what becomes of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../../src/policy/freshness/judge.js';
import type { ItemFacts, Judgement } from '../../../src/policy/freshness/judgement.js';
import { createLearning } from '../../../src/policy/freshness/learning.js';
import { packMemory, unpackMemory } from '../../../src/policy/freshness/memory.js';
import type { FreshnessPromise } from '../../../src/policy/freshness/promise.js';
import { historiesFor, newMemory, type Memory } from '../../../src/policy/freshness/remembered.js';

const hour = 3_600_000;
const day = 24 * hour;
const begin = Date.parse('2026-09-28T00:00:00Z');

const learned: FreshnessPromise = {
  id: 'learned',
  items: {},
  due: { kind: 'learned', timezone: 'UTC' },
  policy: 'default',
  shadow: false,
};
const declared: FreshnessPromise = {
  id: 'declared',
  items: { tag: 'gold' },
  due: { kind: 'age', maxAgeMs: 20 * day },
  policy: 'default',
  shadow: false,
};
const shadowed = (promise: FreshnessPromise): FreshnessPromise => ({ ...promise, id: `${promise.id}-s`, shadow: true });

const sales: ItemFacts = { kind: 'workbook', luid: 'sales', name: 'Sales', tags: [], hasExtract: true, upstream: [] };

/** Looks at every hour at items whose data comes at 05:10 of every day until the last. */
function createLooks(promises: readonly FreshnessPromise[], items: readonly ItemFacts[] = [sales]) {
  const learning = createLearning();
  let memory: Memory = newMemory();
  /** @param data of every item */
  function look(now: number, data: number | undefined): Judgement {
    const seen = items.map((item): ItemFacts => ({ ...item, ...(data !== undefined && { lastDataAt: data }) }));
    const site = { site: 'site', items: new Map(seen.map((item) => [item.luid, item])) };
    const judgement = judge(promises, site, unpackMemory(packMemory(memory)), now, learning);
    // As the activity does with what it found out.
    for (const { row } of judgement.late) Object.assign(row, { state: 'never-began', why: 'It never began.' });
    memory = judgement.memory;
    return judgement;
  }
  const dataOn = (days: number): number => begin + days * day + 5 * hour + 10 * 60_000;
  return {
    look,
    dataOn,
    /** Every three hours until 06:00 of a day. */
    learn: (days: number): Judgement => {
      let last = look(begin, undefined);
      for (let now = begin + 3 * hour; now <= begin + days * day + 6 * hour; now += 3 * hour) {
        const at = dataOn(Math.floor((now - begin - 6 * hour) / day));
        last = look(now, at < begin ? undefined : at);
        assert.deepEqual(last.late, []);
      }
      return last;
    },
  };
}

const rowOf = ({ memory }: Judgement, luid = 'sales') => memory.items[luid];
const timeOf = (at: number | null = null): string | null => (at === null ? null : new Date(at).toISOString());

describe('an item with a learned promise', () => {
  test('is learnt for 21 days, in which nothing is due', () => {
    const { learn } = createLooks([learned]);
    const judgement = learn(9);
    assert.equal(rowOf(judgement)?.promise, 'learning: 9 of 21 days');
    assert.equal(rowOf(judgement)?.state, 'on-time');
    assert.equal(judgement.nextAt, null);
  });

  test('is due at its usual time then, which a look at the quarter of an hour finds', () => {
    const { learn } = createLooks([learned]);
    const judgement = learn(24);
    assert.equal(rowOf(judgement)?.promise, 'new data by about 06:25 (learned)');
    assert.equal(timeOf(rowOf(judgement)?.nextDeadline), '2026-10-22T06:25:00.000Z');
    assert.equal(timeOf(judgement.nextAt), '2026-10-22T06:30:00.000Z');
  });

  test('is late without data, stays so by the first deadline, and is fresh with new data', () => {
    const { learn, look, dataOn } = createLooks([learned]);
    learn(24);
    const deadline = begin + 25 * day + 6 * hour + 25 * 60_000;
    assert.deepEqual(look(deadline - 60_000, dataOn(24)).late, []);
    const first = look(deadline + 60_000, dataOn(24));
    assert.equal(first.late[0]?.deadline, deadline);
    assert.equal(rowOf(first)?.promise, 'new data by about 06:25 (learned)');
    assert.ok((first.late[0]?.dataFrom ?? 0) > dataOn(24));
    const next = look(deadline + 2 * day, dataOn(24));
    assert.equal(next.late[0]?.deadline, deadline);
    assert.deepEqual(next.late[0]?.known, { state: 'never-began', why: 'It never began.' });
    const after = look(deadline + 2 * day + hour, deadline + 2 * day);
    assert.deepEqual([after.late, after.fresh], [[], [{ luid: 'sales', at: deadline + 2 * day }]]);
    assert.equal(rowOf(after)?.lateBy, undefined);
  });

  test('stays late when nothing is due any more, since its holidays became known', () => {
    const due = (dates: string[]): FreshnessPromise => ({
      ...learned,
      due: { kind: 'learned', timezone: 'UTC', holidays: { address: '/h.ics', dates } },
    });
    const promises = [due([])];
    const { learn, look, dataOn } = createLooks(promises);
    learn(24);
    const now = begin + 25 * day + 7 * hour;
    assert.equal(look(now, dataOn(24)).late.length, 1);
    promises[0] = due(Array.from({ length: 24 }, (_, n) => new Date(begin + n * day).toISOString().slice(0, 10)));
    const judgement = look(now + hour, dataOn(24));
    assert.equal(judgement.late.length, 1);
    assert.equal(rowOf(judgement)?.promise, 'new data by about 06:25 (learned)');
    assert.equal(look(now + 2 * hour, now).late.length, 0);
  });

  test('keeps data that a job had shown while the lists show older data', () => {
    const { learn, look, dataOn } = createLooks([learned]);
    learn(24);
    const now = begin + 25 * day + 7 * hour;
    assert.equal(look(now, dataOn(25)).late.length, 0);
    const judgement = look(now + hour, dataOn(24));
    assert.deepEqual([judgement.late.length, rowOf(judgement)?.lastDataAt], [0, dataOn(25)]);
  });
});

describe('what is declared of an item', () => {
  const gold = { ...sales, tags: ['gold'] };
  const cases: [what: string, promises: FreshnessPromise[], shown: string, hasHistory: boolean][] = [
    ['takes the place of what is learnt', [learned, declared], 'data at most 20 days old', false],
    ['does so in shadow, where both are', [shadowed(learned), shadowed(declared)], 'data at most 20 days old', false],
    [
      'does not where it pages nobody and the other does',
      [learned, shadowed(declared)],
      'data at most 20 days old',
      true,
    ],
    ['is missing', [learned, { ...declared, items: { tag: 'silver' } }], 'learning: 2 of 21 days', true],
  ];
  for (const [what, promises, shown, hasHistory] of cases)
    test(what, () => {
      const row = rowOf(createLooks(promises, [gold]).learn(2));
      assert.deepEqual([row?.promise, row?.history !== undefined], [shown, hasHistory]);
    });
});

test('8,000 items have a history, those first that have one already', () => {
  const item = (n: number): ItemFacts => ({ ...sales, luid: `item-${n}`, lastDataAt: begin });
  const learning = createLearning();
  const siteOf = (items: ItemFacts[]) => ({ site: 'site', items: new Map(items.map((one) => [one.luid, one])) });
  const items = Array.from({ length: 8_003 }, (_, n) => item(n));
  const first = judge([learned], siteOf(items.slice(3)), newMemory(), begin, learning);
  assert.equal(first.withoutHistory, 0);
  const second = judge([learned], siteOf(items), first.memory, begin + hour, learning);
  assert.equal(second.withoutHistory, 3);
  assert.equal(rowOf(second, 'item-0')?.promise, 'not learned: no history is kept of it');
  assert.equal(rowOf(second, 'item-3')?.promise, 'learning: 0 of 21 days');
  // One is gone: there is room for another.
  const third = judge([learned], siteOf(items.slice(0, -1)), second.memory, begin + 2 * hour, learning);
  assert.equal(third.withoutHistory, 2);
});

test('of a large site so many histories are kept as fit, whatever there was before', () => {
  assert.deepEqual([1, 8_000, 20_000, 50_000].map(historiesFor), [8_000, 8_000, 2_758, 0]);
  const site = (count: number) => {
    const items = Array.from({ length: count }, (_, n): ItemFacts => ({
      ...sales,
      luid: `item-${n}`,
      lastDataAt: begin,
    }));
    return { site: 'site', items: new Map(items.map((one) => [one.luid, one])) };
  };
  const learning = createLearning();
  const small = judge([learned], site(8_000), newMemory(), begin, learning);
  const large = judge([learned], site(20_000), small.memory, begin + hour, learning);
  assert.equal(Object.values(large.memory.items).filter(({ history }) => history !== undefined).length, 2_758);
  assert.equal(large.withoutHistory, 20_000 - 2_758);
});
