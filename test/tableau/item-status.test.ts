/** What became of an item of which Tableau sends no event any more. No webhook is set here, so that Tableau sends none. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LookUpInput } from '../../src/workflows/activity-contract.js';
import { failureOf, tableauOutside } from './outside.js';

const day = 24 * 3_600_000;
const second = (at: number) => Math.floor(at / 1_000) * 1_000;
const failedAt = () => second(Date.now() - 7 * day);

type Outside = Awaited<ReturnType<typeof tableauOutside>>;
const itemOf = ({ sandbox }: Outside, { item }: LookUpInput) => sandbox.panel.find(item.luid) ?? assert.fail();

describe('the status of an item after a week of silence', () => {
  test('is "recovered" by a later successful job, with its time', async (t) => {
    const outside = await tableauOutside(t);
    const sales = await outside.failing('Sales', { at: failedAt() });
    // Another item of the same name in its title does not count.
    await outside.failing('Sales 2', { at: failedAt() + 2 * day });
    await outside.sandbox.panel.recover(itemOf(outside, sales), { createdAt: sales.at + day });
    assert.deepEqual(await outside.activities.checkItem(sales), { state: 'recovered', at: sales.at + day });
  });

  test('is "recovered" by a newer extract where we may not see the jobs, unless its schedule still fails', async (t) => {
    const outside = await tableauOutside(t);
    outside.sandbox.faults.add({ target: 'tableau.jobs', status: 403, code: 403_000, times: 'always' });
    const sales = await outside.failing('Sales', { at: failedAt() });
    await outside.sandbox.panel.recover(itemOf(outside, sales), { createdAt: sales.at + day });
    const published = await outside.failing('Published', { at: failedAt() });
    itemOf(outside, published).refreshedAt = published.at + day;
    assert.deepEqual(await outside.activities.checkItem(sales), { state: 'recovered', at: sales.at + day });
    assert.deepEqual(await outside.activities.checkItem(published), { state: 'failing', inARow: 1 });
  });

  test('is "failing" while the schedule counts failures, and after a later failed job', async (t) => {
    const outside = await tableauOutside(t);
    const sales = await outside.failing('Sales', { at: failedAt() });
    const orders = await outside.failing('Orders', { at: failedAt() });
    await outside.sandbox.panel.recover(itemOf(outside, orders), { createdAt: orders.at + day });
    // What was known before does not count.
    await outside.activities.checkItem(orders);
    await outside.failsAgain(orders.item.luid, { at: orders.at + 2 * day });
    assert.deepEqual(await outside.activities.checkItem(sales), { state: 'failing', inARow: 1 });
    assert.deepEqual(await outside.activities.checkItem(orders), { state: 'failing', inARow: 1 });
  });

  test('is "suspended" when its schedule is, and when its newest job says so', async (t) => {
    const outside = await tableauOutside(t);
    const [sales, orders, stock] = [
      await outside.failing('Sales', { at: failedAt() }),
      await outside.failing('Orders', { at: failedAt() }),
      await outside.failing('Stock', { at: failedAt() }),
    ];
    itemOf(outside, sales).isSuspended = true;
    const says = (input: LookUpInput, notes: string) =>
      outside.failsAgain(input.item.luid, { at: input.at + day, notes });
    await says(orders, 'The extract refresh task was suspended after it failed too often.');
    await says(stock, 'Your user account has been suspended. The refresh failed.');
    assert.deepEqual(await outside.activities.checkItem(sales), { state: 'suspended' });
    assert.deepEqual(await outside.activities.checkItem(orders), { state: 'suspended' });
    assert.deepEqual(await outside.activities.checkItem(stock), { state: 'failing', inARow: 2 });
  });

  test('is "deleted" when Tableau does not know it any more', async (t) => {
    const outside = await tableauOutside(t);
    const sales = await outside.failing('Sales', { at: failedAt() });
    await outside.sandbox.panel.remove(itemOf(outside, sales));
    assert.deepEqual(await outside.activities.checkItem(sales), { state: 'deleted' });
  });

  test('is "unknown", with the reason, when we may not see it, nothing happened, or it is of another site', async (t) => {
    const outside = await tableauOutside(t);
    const sales = await outside.failing('Sales', { at: failedAt() });
    const item = itemOf(outside, sales);
    item.failedCount = 0;
    assert.deepEqual(await outside.activities.checkItem(sales), {
      state: 'unknown',
      why: 'Tableau shows neither a success nor a failure since.',
    });
    const elsewhere = await outside.activities.checkItem({ ...sales, item: { ...sales.item, site: 'another' } });
    assert.match(elsewhere.state === 'unknown' ? elsewhere.why : '', /^The event is of another Tableau site/);
    outside.sandbox.faults.add({ target: 'tableau.items', status: 403, code: 403_004 });
    const unseen = await outside.activities.checkItem(sales);
    assert.match(
      unseen.state === 'unknown' ? unseen.why : '',
      /^Tableau answered 403004: we may not see this workbook\./,
    );
  });

  test('fails retryably while Tableau does not answer or refuses our sign-in', async (t) => {
    const outside = await tableauOutside(t);
    const sales = await outside.failing('Sales', { at: failedAt() });
    for (const target of ['tableau.signin', 'tableau.items', 'tableau.tasks', 'tableau.jobs']) {
      outside.sandbox.faults.add({ target, status: 503, times: 'always' });
      const { type, nonRetryable } = await failureOf(outside.activities.checkItem(sales));
      assert.deepEqual([type, nonRetryable], ['tableau-unavailable', false], target);
      outside.sandbox.faults.clear();
    }
  });
});
