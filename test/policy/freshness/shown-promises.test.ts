import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownPromises } from '../../../src/policy/freshness/shown-promises.js';
import { newMemory, type Remembered } from '../../../src/policy/freshness/remembered.js';
import { day, hour, minute } from '../../../src/workflows/contract.js';

const now = Date.parse('2026-11-30T07:05:00Z');
const row = (name: string, more: Partial<Remembered>): Remembered => ({
  item: { kind: 'workbook', luid: name, name, site: '-' },
  promise: 'new data by 07:00',
  state: 'on-time',
  seenAt: 0,
  ...more,
});
const memoryOf = (...rows: Remembered[]) => ({
  ...newMemory(),
  items: Object.fromEntries(rows.map((one) => [one.item.luid, one])),
});

test('counts what was and is due by hour, a day back and a day ahead', () => {
  const { hours } = shownPromises(
    memoryOf(
      row('late', { state: 'failed', deadline: now - 5 * minute, nextDeadline: now + day - 5 * minute }),
      row('on time', { deadline: now - 3 * minute, nextDeadline: now + hour }),
      row('far', { deadline: now - 2 * day, nextDeadline: now + 2 * day }),
      row('deleted', { state: 'deleted', goneAt: now - hour, deadline: now - minute }),
    ),
    now,
  );
  assert.deepEqual(hours, [
    { at: '2026-11-30T07:00:00.000Z', due: 2, late: 1 },
    { at: '2026-11-30T08:00:00.000Z', due: 1, late: 0 },
    { at: '2026-12-01T07:00:00.000Z', due: 1, late: 0 },
  ]);
});

test('names what is on time where there are few items, and nothing where there are many', () => {
  const few = shownPromises(memoryOf(row('late', { state: 'failed' }), row('x'.repeat(300), { deadline: now })), now);
  assert.deepEqual(
    few.items.map(({ item, deadline }) => [item.name.length, deadline]),
    [[120, '2026-11-30T07:05:00.000Z']],
  );
  const many = memoryOf(...Array.from({ length: 101 }, (_, n) => row(`item ${n}`, { deadline: now })));
  assert.deepEqual(shownPromises(many, now).items, []);
  assert.equal(shownPromises(many, now).hours[0]?.due, 101);
});
