/** What becomes of reported items that a look does not name any more without new data. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour } from '../../../src/workflows/contract.js';
import { detailsOf } from '../../../src/workflows/freshness/view.js';
import { found, late, start, told, watch, type Watch } from './watch.js';

const { policy: _policy, ...shadow } = late('Sales');

/** Sales is late, and its incident knows. */
function lateSales(): Watch {
  const site = watch();
  site.look(found([late('Sales')], { withdrawn: [] }));
  site.delivered();
  site.sleep();
  return site;
}

const names = (site: Watch): string[] => site.state().reported.map(({ item }) => item.name);

describe('an item that is late no more by what is promised', () => {
  test('is one end of its incident, at the deadline that it missed', () => {
    const site = lateSales();
    assert.deepEqual(site.lookInput().reported, ['Sales']);
    site.look(found([], { withdrawn: ['Sales'] }));
    const [end] = site.deliveryInput().entries;
    assert.ok(end?.what === 'end');
    assert.deepEqual([end.incident, end.event.type], ['refresh:site:Sales', 'RefreshNotPromised']);
    assert.equal(end.event.createdAt, start);
    site.delivered();
    assert.deepEqual(site.memo(), { promised: 3, late: 0, alarms: [] });
    site.sleep();
    assert.deepEqual(site.lookInput().reported, []);
    site.look(found([], { withdrawn: [] }));
    assert.deepEqual(site.running(), []);
  });

  test('has its end where it is late in shadow alone from now on, and is shown as late', () => {
    const site = lateSales();
    site.look(found([shadow], { withdrawn: ['Sales'] }));
    assert.deepEqual(told(site.delivered()), ['end Sales']);
    assert.deepEqual(site.memo(), { promised: 3, late: 1, alarms: [] });
    site.sleep();
    assert.deepEqual(site.lookInput().reported, []);
    site.look(found([], { fresh: [{ luid: 'Sales', at: site.now() }], withdrawn: [] }));
    assert.deepEqual(site.running(), []);
  });

  test('begins anew by the deadline of another promise', () => {
    const site = lateSales();
    site.look(found([], { withdrawn: ['Sales'] }));
    site.delivered();
    site.sleep();
    site.look(found([late('Sales', start + hour)], { withdrawn: [] }));
    assert.deepEqual(told(site.delivered()), ['failure Sales']);
  });

  test('has no end where a job of it has failed, at whichever look', () => {
    const site = lateSales();
    site.look(found([late('Sales', start, { state: 'failed', hasFailed: true })], { withdrawn: [] }));
    site.sleep();
    site.look(found([late('Sales', start, { state: 'queued' })], { withdrawn: [] }));
    site.sleep();
    site.look(found([], { withdrawn: ['Sales'] }));
    assert.deepEqual(site.running(), []);
  });

  test('has its end also when all else is gone, before the workflow ends', () => {
    const site = lateSales();
    const next = { at: site.now() + 24 * hour, what: 'Nothing is promised' };
    site.look(found([], { promised: 0, withdrawn: ['Sales'] }), { promises: '', next });
    assert.equal(site.end(), null);
    assert.deepEqual(told(site.delivered()), ['end Sales']);
    assert.equal(site.end(), 'completed');
  });

  test('has its end though the delivery fails at first, and none that new data has overtaken', () => {
    const site = lateSales();
    site.look(found([], { withdrawn: ['Sales'] }));
    site.fail('deliver');
    site.sleep();
    assert.deepEqual(told(site.delivered()), ['end Sales']);
    const other = lateSales();
    other.look(found([], { fresh: [{ luid: 'Sales', at: other.now() }], withdrawn: ['Sales'] }));
    const [end] = other.deliveryInput().entries;
    assert.ok(end?.what === 'end');
    assert.equal(end.event.type, 'WorkbookRefreshSucceeded');
  });
});

describe('an item that a look does not name, without a reason', () => {
  test('is late because of another one: it is not counted, and has its end when it has new data', () => {
    const site = lateSales();
    site.look(found([late('Orders', start, { dependants: 1 })], { withdrawn: [] }));
    assert.deepEqual(told(site.delivered()), ['failure Orders']);
    assert.deepEqual(site.memo(), { promised: 3, late: 1, alarms: [] });
    assert.doesNotMatch(detailsOf(site.state()), /Sales/);
    site.sleep();
    assert.deepEqual(site.lookInput().reported, ['Sales', 'Orders']);
    const fresh = ['Sales', 'Orders'].map((luid) => ({ luid, at: site.now() }));
    site.look(found([], { fresh, withdrawn: [] }));
    assert.deepEqual(told(site.delivered()).toSorted(), ['end Orders', 'end Sales']);
    assert.deepEqual(names(site), []);
  });

  test('is not reported again for the same deadline when it is late by itself again', () => {
    const site = lateSales();
    site.look(found([late('Orders')], { withdrawn: [] }));
    site.delivered();
    site.sleep();
    site.look(found([late('Sales'), late('Orders')], { withdrawn: [] }));
    assert.deepEqual(site.running(), []);
    assert.deepEqual(site.memo(), { promised: 3, late: 2, alarms: [] });
  });

  test('is kept as long as an incident without events, and has no end then', () => {
    const site = lateSales();
    const settings = { lingerMs: 1, forgetMs: 2 * hour };
    for (let looks = 0; looks < 2; looks += 1) {
      site.look(found([], { withdrawn: [], settings }));
      assert.deepEqual(names(site), ['Sales']);
      site.sleep();
    }
    site.look(found([], { withdrawn: [], settings }));
    assert.deepEqual([names(site), site.running()], [[], []]);
  });

  test('is kept by a look that is not complete', () => {
    const site = lateSales();
    site.look(found([], { withdrawn: [], isComplete: false }));
    assert.deepEqual([names(site), site.running()], [['Sales'], []]);
  });

  test('is dropped where a worker of an earlier version looked, as it was then', () => {
    const site = lateSales();
    site.look(found([late('Orders')]));
    assert.deepEqual(told(site.delivered()), ['failure Orders']);
    assert.deepEqual(names(site), ['Orders']);
  });
});
