/** Of items that were reported: what is late no more by what is promised, without new data. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allWithdrawn, withdrawnIn } from '../../../src/policy/freshness/ends.js';
import { judge } from '../../../src/policy/freshness/judge.js';
import type { ItemFacts } from '../../../src/policy/freshness/judgement.js';
import type { FreshnessPromise } from '../../../src/policy/freshness/promise.js';
import { newMemory } from '../../../src/policy/freshness/remembered.js';
import { at, by, item, maxAge, siteOf } from './sites.js';

interface Shown {
  timesBy?: 'extracts' | 'jobs';
}

/** Looks one after the other at what the file promises and Tableau shows by then; all that was ever late is reported. */
function looks() {
  let memory = newMemory();
  const reported = new Set<string>();
  return {
    look(now: number, promises: FreshnessPromise[], facts: ItemFacts[], { timesBy = 'extracts' }: Shown = {}) {
      const site = siteOf(...facts);
      const judgement = judge(promises, site, memory, now);
      const withdrawn = withdrawnIn([...reported], { ...site, timesBy }, memory, judgement);
      for (const { row, root } of judgement.late) {
        Object.assign(row, { state: 'never-began', why: 'Its run never began.' });
        reported.add(root);
      }
      ({ memory } = judgement);
      return { withdrawn, late: judgement.late.length, fresh: judgement.fresh.map(({ luid }) => luid) };
    },
    forget: () => (memory = newMemory()),
    memory: () => memory,
  };
}

const sales = item('Sales', { lastDataAt: at('05:00', -1), tags: ['gold'] });
const finance = { items: { project: 'Finance/**' } };

/** Sales has been late by the promise since 07:00. */
function lateBy(promise: FreshnessPromise, facts: ItemFacts[] = [sales]) {
  const site = looks();
  site.look(at('06:00'), [promise], facts);
  const { late } = site.look(at('08:00'), [promise], facts);
  assert.ok(late > 0);
  return site;
}

describe('what is late no more by what is promised', () => {
  const sevens = by(7, finance);
  const ages = maxAge(2);
  const holidays = { ...sevens, due: { ...sevens.due, holidays: { address: 'a', dates: ['2026-11-30'] } } };
  for (const [what, before, after, facts] of [
    ['a promise is removed', sevens, [by(7, { items: { item: 'Other' } })], sales],
    ['its deadline is later', sevens, [by(9, finance)], sales],
    ['its data may be older', ages, [maxAge(48)], sales],
    ['it is in shadow', sevens, [{ ...sevens, id: 'shadow', shadow: true }], sales],
    ['it is a holiday', sevens, [holidays], sales],
    ['its project is another', sevens, [sevens], { ...sales, project: 'Private' }],
    ['its tag is gone', by(7, { items: { tag: 'gold' } }), [by(7, { items: { tag: 'gold' } })], { ...sales, tags: [] }],
  ] as const)
    test(`when ${what}: once`, () => {
      const site = lateBy(before);
      assert.deepEqual(site.look(at('08:05'), [...after], [facts]).withdrawn, ['Sales']);
      assert.deepEqual(site.look(at('08:10'), [...after], [facts]).withdrawn, []);
    });

  test('when nothing is promised at all, but not what Tableau has deleted', () => {
    const site = lateBy(sevens);
    assert.deepEqual(allWithdrawn(['Sales'], site.memory()), ['Sales']);
    site.look(at('08:05'), [sevens], []);
    assert.deepEqual(allWithdrawn(['Sales'], site.memory()), []);
  });

  test('and not what has new data', () => {
    const site = lateBy(sevens);
    const look = site.look(at('08:05'), [by(9, finance)], [{ ...sales, lastDataAt: at('08:01') }]);
    assert.deepEqual([look.withdrawn, look.fresh], [[], ['Sales']]);
  });
});

describe('what still breaks a promise', () => {
  test('of which another one was removed stays late', () => {
    const site = looks();
    const both = [by(6), by(7, { policy: 'urgent' })];
    site.look(at('05:00'), both, [sales]);
    site.look(at('08:00'), both, [sales]);
    assert.deepEqual(site.look(at('08:05'), [by(6)], [sales]), { withdrawn: [], late: 1, fresh: [] });
    assert.deepEqual(site.look(at('08:10'), [by(6)], [sales]).late, 1);
  });

  test('that was edited is not withdrawn, not late before its next deadline, and ends with new data', () => {
    const other = by(7, { id: 'edited', policy: 'urgent' });
    const site = lateBy(by(7));
    for (const time of ['08:05', '08:10'])
      assert.deepEqual(site.look(at(time), [other], [sales]), { withdrawn: [], late: 0, fresh: [] });
    const again = { ...sales, lastDataAt: at('08:12') };
    assert.deepEqual(site.look(at('08:15'), [other], [again]), { withdrawn: [], late: 0, fresh: ['Sales'] });
  });

  test('that was edited twice is withdrawn by the second edit, if that lets it', () => {
    const site = lateBy(by(7));
    site.look(at('08:05'), [by(7, { id: 'edited' })], [sales]);
    assert.deepEqual(site.look(at('08:10'), [by(9)], [sales]).withdrawn, ['Sales']);
  });
});

describe('what Tableau does not show is not withdrawn', () => {
  const orders = item('Orders', { kind: 'datasource', lastDataAt: at('05:00', -2) });
  const built = item('Sales', { hasExtract: false, upstream: ['Orders'], project: 'Sales' });
  const promise = by(7, { items: { item: 'Sales' } });

  test('an item that is deleted, or missing of one list', () => {
    const site = lateBy(by(7));
    assert.deepEqual(site.look(at('08:05'), [by(7)], []).withdrawn, []);
    const back = site.look(at('08:10'), [by(7)], [sales]);
    assert.deepEqual([back.withdrawn, back.late], [[], 1]);
  });

  test('a data source whose workbook is missing, or is shown without what it is built on', () => {
    for (const facts of [[orders], [orders, { ...built, upstream: [] }]]) {
      const site = lateBy(promise, [orders, built]);
      assert.deepEqual(site.look(at('08:05'), [promise], facts).withdrawn, []);
      const back = site.look(at('08:10'), [promise], [orders, built]);
      assert.deepEqual([back.withdrawn, back.late], [[], 1]);
      assert.deepEqual(site.look(at('08:15'), [by(9)], [orders, built]).withdrawn, []);
      assert.deepEqual(site.look(at('08:20'), [by(7, { items: { item: 'Other' } })], [orders, built]).withdrawn, [
        'Orders',
      ]);
    }
  });

  test('a data source while the Metadata API is off, which alone shows what is built on it', () => {
    const own = { ...built, hasExtract: true, lastDataAt: at('06:30') };
    const site = lateBy(promise, [orders, own]);
    const look = site.look(at('08:05'), [promise], [orders, { ...own, upstream: [] }], { timesBy: 'jobs' });
    assert.deepEqual(look.withdrawn, []);
  });

  test('anything where what was known is lost', () => {
    const site = lateBy(by(7));
    site.forget();
    assert.deepEqual(site.look(at('08:05'), [by(7)], [sales]).withdrawn, []);
    assert.deepEqual(site.look(at('08:10'), [by(7)], [sales]).withdrawn, []);
  });
});

test('what fails in Tableau is not withdrawn', () => {
  const site = lateBy(by(7));
  const failing = { ...sales, failuresInARow: 1 };
  assert.deepEqual(site.look(at('08:05'), [by(9)], [failing]).withdrawn, []);
});

test('an item that is late because of another one from now on is neither withdrawn nor fresh, and then both are', () => {
  const orders = (time: number) => item('Orders', { kind: 'datasource', lastDataAt: time });
  const own = (time: number) => item('Sales', { upstream: ['Orders'], lastDataAt: time });
  const promise = by(7, { items: { item: 'Sales' } });
  const site = looks();
  site.look(at('06:00'), [promise], [orders(at('06:00', -1)), own(at('05:00', -1))]);
  site.look(at('07:00'), [promise], [orders(at('06:00')), own(at('05:00', -1))]);
  // The next deadline: the workbook was refreshed, and its data source was not.
  const grouped = site.look(at('07:00', 2), [promise], [orders(at('06:00')), own(at('05:00'))]);
  assert.deepEqual([grouped.withdrawn, grouped.late], [[], 1]);
  const under = site.look(at('07:05', 2), [promise], [orders(at('06:00')), own(at('06:30', 2))]);
  assert.deepEqual(under, { withdrawn: [], late: 1, fresh: [] });
  const ended = site.look(at('08:00', 2), [promise], [orders(at('07:30', 2)), own(at('06:30', 2))]);
  assert.deepEqual([ended.withdrawn, ended.late, ended.fresh.toSorted()], [[], 0, ['Orders', 'Sales']]);
});
