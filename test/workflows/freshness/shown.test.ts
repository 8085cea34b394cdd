import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownFreshness, ShownPromises } from '../../../src/workflows/freshness-contract.js';
import { found, late, watch } from './watch.js';

const shown: ShownPromises = { hours: [{ at: '2026-11-30T07:00:00.000Z', due: 3, late: 2 }], items: [] };
const memoOf = (site: ReturnType<typeof watch>) => site.memo('shown') as ShownFreshness;

test('the memo holds what is late, what somebody is paged for first, and when what is due', () => {
  const site = watch();
  const unpaged = late('Orders');
  delete unpaged.policy;
  site.look(found([unpaged, { ...late('Sales'), dependants: 4 }]), { shown });
  const { hours, late: rows } = memoOf(site);
  assert.deepEqual(hours, shown.hours);
  assert.deepEqual(
    rows.map(({ item, incident, dependants }) => [item.name, incident !== null, dependants]),
    [
      ['Sales', true, 4],
      ['Orders', false, undefined],
    ],
  );
  assert.equal(site.memo('lookedAt'), new Date(site.now()).toISOString());
});

test('a look that finds the same writes when it was and no more, in one upsert with the rest', () => {
  const site = watch();
  site.look(found([late('Sales')]), { shown });
  assert.deepEqual(site.upserts.at(-1), ['freshness', 'lookedAt', 'shown']);
  site.sleep();
  site.look(found([late('Sales')]), { shown });
  assert.deepEqual(site.upserts.at(-1), ['lookedAt']);
});

test('the next run writes it anew, and a look that Tableau did not answer leaves it', () => {
  const site = watch();
  site.look(found([late('Sales')]), { shown });
  const before = memoOf(site);
  site.sleep();
  site.look(null);
  assert.deepEqual(memoOf(site), before);
  site.drain(true);
  site.delivered();
  site.continueAsNew();
  assert.deepEqual(site.upserts.at(-1), ['freshness', 'lookedAt', 'shown']);
  assert.deepEqual(memoOf(site), before);
});

test('of very many late items 200 are shown, and 50 where what is remembered is large', () => {
  const many = Array.from({ length: 300 }, (_, n) => late(`Item ${n}`));
  for (const [memory, expected] of [
    ['small', 200],
    ['x'.repeat(1_500_000), 50],
  ] as const) {
    const site = watch();
    site.look(found(many), { shown, memory });
    assert.equal(memoOf(site).late.length, expected);
    const bytes = JSON.stringify(memoOf(site)).length;
    assert.ok(bytes < 120_000, `${bytes} bytes`);
  }
});

test('a worker of an earlier version gives nothing to show, and nothing is written for it', () => {
  const site = watch();
  site.look(found([late('Sales')]));
  assert.deepEqual(site.upserts.at(-1), ['freshness']);
});
