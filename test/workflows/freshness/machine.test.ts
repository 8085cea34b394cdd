import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, second } from '../../../src/workflows/contract.js';
import { found, late, start, told, watch } from './watch.js';

describe('promises', () => {
  test('that a signal names are looked at, at once where they are news', () => {
    const site = watch();
    site.look(found());
    site.announce('one');
    assert.deepEqual(site.running(), []);
    site.announce('two');
    site.look(found(), { promises: 'two' });
    site.announce('two');
    assert.deepEqual(site.running(), []);
  });

  test('that change during a look are looked at after it', () => {
    const site = watch();
    site.announce('two');
    site.look(found());
    assert.equal(site.sleep(), 15 * second);
    site.look(found());
    // The worker that looks has another file: the next signal decides.
    assert.equal(site.sleep(), hour);
  });

  test('that the look found already need no other', () => {
    const site = watch();
    site.announce('one');
    site.look(found());
    assert.equal(site.sleep(), hour);
  });

  test('that are gone end the workflow, after what is to be delivered', () => {
    const site = watch();
    site.look(found([late('Sales')]));
    site.announce('');
    site.look(found([], { promised: 0 }), {
      promises: '',
      next: { at: start + 24 * hour, what: 'Nothing is promised' },
    });
    assert.equal(site.end(), null);
    site.delivered();
    assert.equal(site.end(), 'completed');
    assert.deepEqual(site.view().alarms, []);
  });

  test('that come back before the end go on', () => {
    const site = watch();
    site.look(found([late('Sales')]));
    site.announce('');
    site.look(found([], { promised: 0 }), {
      promises: '',
      next: { at: start + 24 * hour, what: 'Nothing is promised' },
    });
    site.announce('two');
    site.delivered();
    assert.equal(site.end(), null);
    site.look(found(), { promises: 'two' });
    assert.equal(site.end(), null);
  });
});

describe('the run', () => {
  test('that is cancelled ends when nothing runs any more, whatever is due', () => {
    const site = watch();
    site.look(found([late('Sales')]));
    site.announce('two');
    site.look(found([late('Orders')]), { promises: 'two' });
    site.announce('three');
    site.input({ type: 'cancel-requested' });
    assert.equal(site.end(), null);
    site.take('checkFreshness');
    site.input({ type: 'cancelled', id: site.state().check.id ?? '' });
    site.announce('four');
    assert.equal(site.end(), null);
    site.delivered();
    assert.equal(site.end(), 'cancelled');
  });

  test('begins nothing while it drains, and the next one goes on where it ended', () => {
    const site = watch();
    site.look(found([late('Sales'), late('Orders')]));
    site.drain(true);
    site.delivered({ failed: [{ index: 1, why: 'unavailable', permanent: false }] });
    site.announce('two');
    assert.deepEqual([site.running(), site.wake()], [[], null]);
    site.continueAsNew();
    assert.deepEqual(site.lookInput(), { memory: 'memory of look-1', reported: ['Sales', 'Orders'] });
    site.look(found([late('Sales'), late('Orders')]), { promises: 'two' });
    site.sleep();
    assert.deepEqual(told(site.delivered()), ['failure Orders']);
    assert.deepEqual(site.memo(), { promised: 3, late: 2, alarms: [] });
    assert.ok(site.state().lastId >= 3, 'ids are not used twice');
  });

  test('never looks again at once, whatever a look says', () => {
    const site = watch();
    for (let looks = 0; looks < 5; looks += 1) {
      site.look(found(), { next: { at: 0, what: 'A deadline' } });
      assert.equal(site.sleep(), 15 * second);
    }
  });
});
