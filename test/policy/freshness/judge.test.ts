import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../../src/policy/freshness/judge.js';
import type { ItemFacts, Judgement } from '../../../src/policy/freshness/judgement.js';
import { newMemory, type Memory } from '../../../src/policy/freshness/remembered.js';
import type { FreshnessPromise } from '../../../src/policy/freshness/promise.js';
import { minute } from '../../../src/workflows/contract.js';
import { createRandom } from '../../simulation/random.js';
import { at, by, item, maxAge, monday, siteOf } from './sites.js';

const lateIn = ({ late }: Judgement) => late.map(({ row, root }) => `${row.item.name} by ${root}`);
const deadlines = ({ late }: Judgement) => late.map(({ deadline }) => deadline);

/** Known since the day before, with the reason that the activity writes into the rows of what is late. */
function remembered({ memory, late }: Judgement): Memory {
  for (const { row } of late) {
    row.state = 'never-began';
    row.why = 'Its run never began.';
  }
  return memory;
}

/** Looks at the same items one after the other; `facts` may differ each time. */
function looks(promises: readonly FreshnessPromise[]) {
  let memory = newMemory();
  return (now: number, ...facts: ItemFacts[]): Judgement => {
    const judgement = judge(promises, siteOf(...facts), memory, now);
    memory = remembered(judgement);
    return judgement;
  };
}

describe('an item that Tableau does not list', () => {
  const sales = item('Sales', { lastDataAt: at('06:00', -1) });
  const other = item('Other', { lastDataAt: at('06:30') });

  test('is deleted, and late by nothing', () => {
    const look = looks([by(7)]);
    look(at('06:00'), sales, other);
    const { late, memory } = look(at('07:00'), other);
    assert.deepEqual(late, []);
    assert.equal(memory.items['Sales']?.state, 'deleted');
    const { memory: later } = look(at('07:00', 6), item('Other', { lastDataAt: at('06:30', 6) }));
    assert.equal(later.items['Sales']?.state, 'deleted');
    const { memory: last } = look(at('07:00', 7), item('Other', { lastDataAt: at('06:30', 7) }));
    assert.equal(last.items['Sales'], undefined);
  });

  test('is late by the deadline that it missed when only one look missed it, and not as known', () => {
    const look = looks([by(7)]);
    look(at('06:00'), sales, other);
    look(at('07:00'), other);
    const back = look(at('07:05'), sales, other);
    assert.deepEqual(lateIn(back), ['Sales by Sales']);
    assert.deepEqual(deadlines(back), [at('07:00')]);
    assert.equal(back.late[0]?.known, undefined);
    assert.equal(back.memory.items['Sales']?.goneAt, undefined);
  });
});

describe('data by a time of day', () => {
  test('is late at the deadline, and until there is data of the day before it', () => {
    const look = looks([by(7)]);
    const old = item('Sales', { lastDataAt: at('06:00', -1) });
    assert.equal(look(at('06:00'), old).nextAt, at('07:00'));
    assert.deepEqual(lateIn(look(at('07:00') - 1, old)), []);
    const first = look(at('07:00'), old);
    assert.deepEqual(lateIn(first), ['Sales by Sales']);
    assert.equal(first.late[0]?.known, undefined);
    const second = look(at('09:00'), old);
    assert.deepEqual(deadlines(second), [at('07:00')]);
    assert.equal(second.late[0]?.known?.state, 'never-began');
    const fresh = look(at('10:00'), item('Sales', { lastDataAt: at('09:30') }));
    assert.deepEqual([fresh.late, fresh.fresh], [[], [{ luid: 'Sales', at: at('09:30') }]]);
    assert.deepEqual(look(at('11:00'), item('Sales', { lastDataAt: at('09:30') })).fresh, []);
  });

  test('is new when it is exactly as old as it may be', () => {
    for (const [older, expected] of [
      [0, []],
      [1, ['Sales by Sales']],
    ] as const) {
      const look = looks([by(7)]);
      look(at('06:00'), item('Sales'));
      assert.deepEqual(lateIn(look(at('07:00'), item('Sales', { lastDataAt: at('07:00', -1) - older }))), expected);
    }
  });

  test('is not late for deadlines before the promise or the item was seen', () => {
    const old = item('Sales', { lastDataAt: at('06:00', -9) });
    const look = looks([by(7)]);
    assert.deepEqual(lateIn(look(at('07:00'), old)), []);
    assert.deepEqual(lateIn(look(at('07:00', 1), old, item('New'))), ['Sales by Sales']);
    assert.deepEqual(lateIn(look(at('07:00', 2), old, item('New'))), ['Sales by Sales', 'New by New']);
  });

  test('does not become new because the promise changes', () => {
    const old = item('Sales', { lastDataAt: at('06:00', -9) });
    const before = looks([by(7)]);
    before(at('06:00'), old);
    const memory = remembered(before(at('07:00'), old));
    const changed = judge([by(8)], siteOf(old), memory, at('08:30'));
    assert.deepEqual([changed.late, changed.fresh], [[], []]);
  });

  test('that was never seen is late; what was seen once is not forgotten when Tableau does not show it', () => {
    const look = looks([by(7)]);
    const seen = item('Seen', { lastDataAt: at('05:00') });
    look(at('06:00'), seen, item('Never'));
    assert.deepEqual(lateIn(look(at('07:00'), item('Seen'), item('Never'))), ['Never by Never']);
    assert.deepEqual(lateIn(look(at('07:00', 1), item('Seen'), item('Never'))), ['Seen by Seen', 'Never by Never']);
  });

  test('names the run that Tableau had planned, until there is data of it', () => {
    const look = looks([by(7)]);
    const plan = { nextRunAt: at('05:00'), lastDataAt: at('05:10', -1) };
    look(at('04:00'), item('Sales', plan));
    const missed = look(at('07:00'), item('Sales', { ...plan, nextRunAt: at('05:00', 1) }));
    assert.equal(missed.memory.items['Sales']?.expectedAt, at('05:00'));
    const done = look(at('08:00'), item('Sales', { nextRunAt: at('05:00', 1), lastDataAt: at('07:30') }));
    assert.equal(done.memory.items['Sales']?.expectedAt, at('05:00', 1));
  });
});

describe('data of a greatest age', () => {
  test('is late when it gets too old, for one deadline until it is new', () => {
    const look = looks([maxAge(2)]);
    const sales = item('Sales', { lastDataAt: at('06:00') });
    assert.equal(look(at('06:30'), sales).nextAt, at('08:00'));
    assert.deepEqual(deadlines(look(at('08:00'), sales)), [at('08:00')]);
    const again = look(at('12:00'), sales);
    assert.deepEqual(deadlines(again), [at('08:00')]);
    assert.ok(again.late[0]?.known);
    assert.deepEqual(look(at('12:30'), item('Sales', { lastDataAt: at('12:10') })).fresh.length, 1);
  });

  test('that was too old when the promise was made gets its time once more', () => {
    const look = looks([maxAge(2)]);
    const sales = item('Sales', { lastDataAt: at('01:00') });
    assert.equal(look(at('06:00'), sales, item('Never')).nextAt, at('08:00'));
    const both = look(at('08:00'), sales, item('Never'));
    assert.deepEqual(deadlines(both), [at('08:00'), at('08:00')]);
  });
});

describe('several promises of one item', () => {
  test('are each a deadline of their own, and the newest counts', () => {
    const look = looks([by(7), by(9, { policy: 'urgent' })]);
    const old = item('Sales', { lastDataAt: at('06:00', -2) });
    look(at('06:00'), old);
    assert.deepEqual(deadlines(look(at('07:00'), old)), [at('07:00')]);
    const later = look(at('09:00'), old);
    assert.deepEqual(deadlines(later), [at('09:00')]);
    assert.equal(later.late[0]?.promise.policy, 'urgent');
    assert.deepEqual(deadlines(look(at('07:00', 1), old)), [at('07:00', 1)]);
  });

  test('page somebody where one does, whatever those in shadow say', () => {
    const look = looks([by(6, { shadow: true }), by(7), by(8, { shadow: true })]);
    const old = item('Sales', { lastDataAt: at('06:00', -2) });
    look(at('05:00'), old);
    assert.equal(look(at('06:00'), old).late[0]?.promise.shadow, true);
    assert.equal(look(at('07:00'), old).late[0]?.promise.shadow, false);
    assert.equal(look(at('08:00'), old).late[0]?.promise.shadow, false);
  });
});

describe('what is built on published data sources', () => {
  const orders = (lastDataAt?: number, more: Partial<ItemFacts> = {}) =>
    item('Orders', { kind: 'datasource', ...(lastDataAt !== undefined && { lastDataAt }), ...more });
  const sales = item('Sales', { hasExtract: false, upstream: ['Orders', 'Stock'] });

  test('is as old as the oldest of them, which is why it is late', () => {
    const look = looks([by(7, { items: { item: 'Sales' } })]);
    const stock = (time: number) => item('Stock', { kind: 'datasource', lastDataAt: time });
    look(at('06:00'), sales, orders(at('05:00', -2)), stock(at('05:00', -3)));
    const both = look(at('07:00'), sales, orders(at('05:00', -2)), stock(at('05:00', -3)));
    assert.deepEqual(lateIn(both), ['Sales by Stock']);
    // Nothing is promised of the data source that has new data; its incident has its end.
    const one = look(at('08:00'), sales, orders(at('05:00', -2)), stock(at('07:30')));
    assert.deepEqual([lateIn(one), one.fresh], [['Sales by Orders'], [{ luid: 'Stock', at: at('07:30') }]]);
    const none = look(at('09:00'), sales, orders(at('08:30')), stock(at('07:30')));
    const luids = none.fresh.map(({ luid }) => luid);
    assert.deepEqual([lateIn(none), luids.toSorted()], [[], ['Orders', 'Sales']]);
  });

  test('is not judged by those without an extract, which are as new as their database', () => {
    const look = looks([by(7)]);
    const live = orders(undefined, { hasExtract: false });
    const { memory } = look(at('07:00'), item('Sales', { hasExtract: false, upstream: ['Orders', 'gone'] }), live);
    assert.deepEqual(memory.items, {});
  });

  test('is late by itself where its own extract alone is old', () => {
    const look = looks([by(7, { items: { item: 'Sales' } })]);
    const own = item('Sales', { upstream: ['Orders'], lastDataAt: at('05:00', -2) });
    look(at('06:00'), own, orders(at('05:00')));
    assert.deepEqual(lateIn(look(at('07:00'), own, orders(at('05:00')))), ['Sales by Sales']);
  });
});

describe('items of a promise', () => {
  test('are those that all of its patterns fit', () => {
    const look = looks([by(7, { items: { project: 'Finance/**', tag: 'gold' } })]);
    const { memory } = look(
      monday,
      item('Sales', { tags: ['Gold'] }),
      item('Deep', { project: 'Finance/Daily', tags: ['gold'] }),
      item('Plain'),
      item('Elsewhere', { project: 'HR', tags: ['gold'] }),
    );
    assert.deepEqual(Object.keys(memory.items), ['Sales', 'Deep']);
  });

  test('stay promised while Tableau does not show their projects', () => {
    const look = looks([by(7, { items: { project: 'Finance' } })]);
    const { project: _project, ...hidden } = item('Sales', { lastDataAt: at('05:00', -2) });
    look(at('06:00'), item('Sales', { lastDataAt: at('05:00', -2) }));
    assert.deepEqual(lateIn(look(at('07:00'), hidden)), ['Sales by Sales']);
    assert.deepEqual(lateIn(looks([by(7, { items: { project: 'Finance' } })])(at('07:00'), hidden)), []);
  });

  test('that Tableau does not list any more are late no more, and bring no new data', () => {
    const look = looks([by(7)]);
    look(at('06:00'), item('Sales'));
    assert.equal(lateIn(look(at('07:00'), item('Sales'))).length, 1);
    const gone = look(at('08:00'));
    assert.deepEqual([gone.late, gone.fresh], [[], []]);
    assert.equal(gone.memory.items['Sales']?.why, 'Tableau does not list it any more.');
  });
});

test('to judge twice with the same facts and time gives the same late items, and what is on time never is reported', () => {
  const random = createRandom(17);
  for (let round = 0; round < 60; round += 1) {
    const promises = [
      by(random.between(0, 23)),
      maxAge(random.between(1, 40)),
      by(7, { shadow: true, items: { item: 'Item 1*' } }),
    ];
    const facts = Array.from({ length: 12 }, (_, n) =>
      item(`Item ${n}`, {
        hasExtract: random.chance(0.8),
        ...(random.chance(0.8) && { lastDataAt: monday - random.between(0, 60 * 60) * minute }),
        upstream: random.chance(0.4) ? [`Item ${random.between(0, 11)}`] : [],
      }),
    );
    let memory = newMemory();
    for (let now = monday; now < monday + 50 * 60 * minute; now += random.between(1, 400) * minute) {
      const first = judge(promises, siteOf(...facts), memory, now);
      const names = lateIn(first);
      memory = remembered(first);
      const second = judge(promises, siteOf(...facts), memory, now);
      assert.deepEqual([lateIn(second), deadlines(second)], [names, deadlines(first)], `round ${round}`);
      assert.ok(
        second.late.every(({ known }) => known),
        'all are known now',
      );
      assert.deepEqual(second.fresh, []);
      assert.ok(first.nextAt === null || first.nextAt > now);
      assert.ok(first.late.every(({ deadline }) => deadline <= now && deadline > monday));
    }
  }
});
