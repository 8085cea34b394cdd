/** How late items are grouped, by which promise a group is reported, and whose jobs are read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findReasons, reportLate, type Reasons } from '../../src/activities/explain-late.js';
import type { Judgement, LateItem } from '../../src/policy/freshness/judgement.js';
import type { FreshnessPromise } from '../../src/policy/freshness/promise.js';
import { newMemory } from '../../src/policy/freshness/remembered.js';
import type { SiteData, SiteItem } from '../../src/tableau/look-ups/site-data.js';

const deadline = Date.parse('2026-11-30T05:40:00Z');
const hour = 3_600_000;
const learned: FreshnessPromise = {
  id: 'learned',
  items: {},
  due: { kind: 'learned', timezone: 'Europe/Berlin' },
  policy: 'default',
  shadow: true,
};
const declared: FreshnessPromise = {
  id: 'declared',
  items: { project: 'Finance/**' },
  due: { kind: 'by', minutes: 420, days: ['mon'], timezone: 'Europe/Berlin', sinceMs: 24 * hour },
  policy: 'urgent',
  shadow: false,
};

const factsOf = (luid: string): SiteItem => ({
  kind: 'workbook',
  luid,
  name: luid,
  tags: [],
  hasExtract: true,
  failuresInARow: 0,
  isSuspended: false,
  upstream: [],
});
const lateItem = (luid: string, promise: FreshnessPromise, more: Partial<LateItem> = {}): LateItem => ({
  row: { item: { kind: 'workbook', luid, name: luid, site: 's' }, promise: '', state: 'on-time', seenAt: 0 },
  promise,
  deadline,
  dataFrom: deadline - 24 * hour,
  root: luid,
  ...more,
});

async function explain(late: LateItem[]) {
  const asked: string[] = [];
  const judgement: Judgement = { memory: newMemory(), late, nextAt: null, fresh: [], withoutHistory: 0 };
  const luids = late.flatMap(({ row, root }) => [row.item.luid, root]);
  const items = new Map(luids.map((luid) => [luid, factsOf(luid)]));
  const data: SiteData = { site: 's', items, timesBy: 'extracts', problems: [] };
  const now = deadline + 10 * hour;
  const reasons: Reasons = new Map();
  await findReasons(judgement, data, {
    openJobs: [],
    reasons,
    now,
    async reasonOf({ item, dataFrom }) {
      asked.push(`${item.luid} ${new Date(dataFrom).toISOString()}`);
      return { state: 'never-began', text: 'its run never began' };
    },
  });
  const { late: found, episodes } = reportLate(judgement, data, reasons, now);
  return { asked, found, episodes };
}

describe('a late item with a learned promise', () => {
  test('is late by about its hour, on the clock of the promise', async () => {
    const { asked, found, episodes } = await explain([lateItem('Sales', learned, { dataFrom: deadline - hour })]);
    assert.equal(found[0]?.why, 'No new data by Mon 06:40 (learned): its run never began.');
    assert.deepEqual(asked, ['Sales 2026-11-30T04:40:00.000Z']);
    assert.deepEqual(episodes[0], {
      luid: 'Sales',
      name: 'Sales',
      promise: 'every item: new data when it usually comes (learned)',
      learned: true,
      deadline,
      state: 'never-began',
      shadow: true,
    });
  });

  test('is explained once where nobody is paged', async () => {
    const known = { state: 'queued', why: 'Its job waits.' } as const;
    const { asked, found } = await explain([
      lateItem('Sales', learned, { known }),
      lateItem('Orders', { ...learned, shadow: false }, { known }),
    ]);
    assert.deepEqual(asked, ['Orders 2026-11-29T05:40:00.000Z']);
    assert.deepEqual(
      found.map(({ state, why }) => [state, why]),
      [
        ['queued', 'Its job waits.'],
        ['never-began', 'No new data by Mon 06:40 (learned): its run never began.'],
      ],
    );
  });
});

test('a group is reported by the deadline that pages somebody, so that an earlier one in shadow is not taken for it', async () => {
  const { found, episodes } = await explain([
    lateItem('Orders', learned),
    lateItem('Sales', declared, { root: 'Orders', deadline: deadline + 20 * 60_000 }),
  ]);
  const [group] = found;
  assert.equal(found.length, 1);
  assert.deepEqual([group?.deadline, group?.policy], [deadline + 20 * 60_000, 'urgent']);
  assert.equal(episodes[0]?.promise, 'project Finance/**: new data by 07:00 Mon Europe/Berlin');
  assert.equal(episodes[0]?.shadow, undefined);
});
