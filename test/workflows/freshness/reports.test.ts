import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, second } from '../../../src/workflows/contract.js';
import { found, late, start, told, watch } from './watch.js';

const policies = { default: { name: 'default', steps: [], repeat: 0, remindMs: hour } };

describe('a late item', () => {
  test('is one failure of its incident, whose time is the deadline', () => {
    const site = watch();
    site.look(found([late('Sales')], { policies }));
    const { entries, policies: named } = site.deliveryInput();
    assert.deepEqual(named, policies);
    assert.deepEqual(entries, [
      {
        what: 'failure',
        incident: 'refresh:site:Sales',
        policy: 'default',
        summary: 'No new data: Sales',
        event: {
          type: 'RefreshMissing',
          item: late('Sales').item,
          createdAt: start,
          receivedAt: start,
          why: 'No new data by Mon 07:00: its run of 05:00 never began.',
        },
      },
    ]);
    assert.deepEqual(site.memo(), { promised: 3, late: 1, alarms: [] });
  });

  test('is no failure again for the same deadline, and one for the next', () => {
    const site = watch();
    site.look(found([late('Sales')]));
    assert.deepEqual(told(site.delivered()), ['failure Sales']);
    site.sleep();
    site.look(found([late('Sales', start, { state: 'running', why: 'Its run goes on.' })]));
    assert.deepEqual(site.running(), []);
    site.sleep();
    site.look(found([late('Sales', start + hour)]));
    assert.deepEqual(told(site.delivered()), ['failure Sales']);
  });

  test('is an end of its incident when it has new data, also where the data is of before the deadline', () => {
    const site = watch();
    site.look(found([late('Sales')]));
    site.delivered();
    site.sleep();
    site.look(found([], { fresh: [{ luid: 'Sales', at: start - hour }] }));
    const [end] = site.deliveryInput().entries;
    assert.ok(end?.what === 'end');
    assert.equal(end.event.type, 'WorkbookRefreshSucceeded');
    assert.equal(end.event.createdAt, start + 1);
    site.delivered();
    assert.deepEqual(site.memo(), { promised: 3, late: 0, alarms: [] });
    site.sleep();
    // A copy of the end tells nobody anything.
    site.look(found([], { fresh: [{ luid: 'Sales', at: start }] }));
    assert.deepEqual(site.running(), []);
  });

  test('without a policy is logged and pages nobody, until a promise with a policy is broken, too', () => {
    const site = watch();
    const { policy: _policy, ...shadow } = late('Sales');
    site.look(found([shadow]));
    assert.deepEqual(site.running(), []);
    assert.ok(site.logged.includes('info An item has no new data, for which nobody is paged'));
    site.sleep();
    site.look(found([late('Sales')]));
    assert.deepEqual(told(site.delivered()), ['failure Sales']);
    site.sleep();
    // Its incident is open all the same.
    site.look(found([shadow]));
    site.sleep();
    site.look(found([], { fresh: [{ luid: 'Sales', at: site.now() }] }));
    assert.deepEqual(told(site.delivered()), ['end Sales']);
  });

  test('that is late because of another item from now on is not reported by itself', () => {
    const site = watch();
    site.look(found([late('Sales')]));
    site.delivered();
    site.sleep();
    site.look(found([late('Orders', start, { dependants: 1 })]));
    assert.deepEqual(told(site.delivered()), ['failure Orders']);
    assert.deepEqual(
      site.state().reported.map(({ item }) => item.name),
      ['Orders'],
    );
  });

  test('is kept while there are more than one look reports', () => {
    const site = watch();
    site.look(found([late('Sales')], { more: 1, isComplete: false }), { next: { at: start, what: 'More' } });
    site.delivered();
    assert.equal(site.sleep(), 15 * second);
    site.look(found([late('Orders')], { more: 1, isComplete: false }));
    assert.deepEqual(told(site.delivered()), ['failure Orders']);
    assert.equal(site.state().reported.length, 2);
  });
});

describe('a delivery', () => {
  test('that fails is tried again with pauses, and by then tells what is true', () => {
    const site = watch();
    site.look(found([late('Sales'), late('Orders')]));
    site.fail('deliver');
    assert.equal(site.sleep(), 2 * second);
    site.delivered({ failed: [{ index: 0, why: 'unavailable', permanent: false }] });
    assert.equal(site.sleep(), 4 * second);
    assert.deepEqual(told(site.deliveryInput().entries), ['failure Sales']);
    site.fail('deliver');
    for (const pauseMs of [8, 16, 32, 60, 60]) {
      assert.equal(site.sleep(), pauseMs * second);
      site.fail('deliver');
    }
  });

  test('of a failure that waits is replaced by its end', () => {
    const site = watch();
    site.look(found([late('Sales')]), { next: { at: start + 15 * second, what: 'A deadline' } });
    while (!site.running().includes('checkFreshness')) {
      site.fail('deliver');
      site.sleep();
    }
    site.look(found([], { fresh: [{ luid: 'Sales', at: site.now() }] }));
    if (site.running().includes('deliver')) site.fail('deliver');
    site.sleep();
    assert.deepEqual(told(site.delivered()), ['end Sales']);
    assert.deepEqual(site.running(), []);
    assert.equal(site.sleep() > minute, true);
  });

  test('that never succeeds is an alarm in the log, and the others go on', () => {
    const site = watch();
    site.look(found([late('Sales'), late('Orders')]));
    site.delivered({ failed: [{ index: 0, why: 'its name is too long', permanent: true }] });
    assert.ok(site.logged.includes('error event-undeliverable'));
    assert.deepEqual(site.state().outbox, []);
  });

  test('has at most 200 entries, and the next follows at once', () => {
    const site = watch();
    site.look(found(Array.from({ length: 250 }, (_, n) => late(`Item ${n}`))));
    assert.equal(site.delivered().length, 200);
    assert.equal(site.delivered().length, 50);
  });
});
