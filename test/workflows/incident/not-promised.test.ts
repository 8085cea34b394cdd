/** What is promised of an item has changed while it had no new data. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { restoreIncident } from '../../../src/workflows/incident/state.js';
import { detailsOf } from '../../../src/workflows/incident/view.js';
import { createIncident, start } from '../../helpers/incident.js';

const missing = 'RefreshMissing';

function missingSales() {
  const sales = createIncident();
  sales.fails(start, missing);
  sales.later(minute);
  return sales;
}
type Sales = ReturnType<typeof missingSales>;

const notPromised = (sales: Sales, deadline = start): void => sales.succeeds(deadline, 'RefreshNotPromised');

describe('an incident of an item without new data', () => {
  test('ends when none is due any more, with one notice for whoever was paged, and pages nobody again', () => {
    const sales = missingSales();
    sales.later(11 * minute);
    const pages = sales.pages().length;
    notPromised(sales);
    notPromised(sales);
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.notices(), ['not-promised ana', 'not-promised lead']);
    assert.match(detailsOf(sales.incident), /- Ended: No new data is due any more: what is promised has changed/);
    sales.later(5 * hour);
    assert.equal(sales.pages().length, pages);
  });

  test('ends also where somebody has it, and after several deadlines', () => {
    const sales = missingSales();
    sales.answers({});
    sales.later(hour);
    sales.fails(start + hour, missing);
    notPromised(sales, start + hour);
    assert.equal(sales.incident.state, 'resolved');
  });

  test('begins a new episode when it is late by another promise, and not by the same deadline', () => {
    const sales = missingSales();
    notPromised(sales);
    sales.fails(start, missing);
    assert.equal(sales.incident.state, 'resolved');
    sales.later(10 * minute);
    sales.fails(start + 10 * minute, missing);
    assert.equal(sales.incident.state, 'triggered');
    assert.deepEqual(sales.pageIds(), ['uuid-1.1', 'uuid-2.1']);
    notPromised(sales, start + 10 * minute);
    assert.equal(sales.incident.state, 'resolved');
  });

  test('tells receivers of changes that it is ignored from now on', () => {
    const sales = createIncident();
    sales.failsWatched(['triggered', 'ignored'], start, missing);
    sales.later(minute);
    notPromised(sales);
    assert.deepEqual(sales.changes.types(), ['triggered', 'ignored']);
  });
});

describe('an incident in which a refresh has failed goes on whatever is promised', () => {
  const staysOpen = (sales: Sales): void => {
    const [pages, notices] = [sales.pages().length, sales.notices().length];
    notPromised(sales);
    assert.equal(sales.incident.state, 'triggered');
    assert.deepEqual([sales.pages().length, sales.notices().length], [pages, notices]);
    sales.later(5 * minute);
    assert.ok(sales.pages().length > pages);
    sales.succeeds();
    assert.equal(sales.incident.state, 'resolved');
  };

  test('which began it', () => {
    const sales = createIncident();
    sales.fails(start);
    sales.fails(start + 1_000, missing);
    staysOpen(sales);
  });

  test('which came after the deadline', () => {
    const sales = missingSales();
    sales.fails();
    staysOpen(sales);
  });

  test('which was before the deadline, and of which Tableau told late', () => {
    const sales = missingSales();
    sales.fails(start - hour);
    staysOpen(sales);
  });

  test('which somebody requested', () => {
    const sales = missingSales();
    sales.answers({ verb: 'rerun' });
    sales.tableau.startsRerun({ state: 'queued', job: 'job' });
    sales.later(15_000);
    sales.tableau.reportsJob({ state: 'failed', cause: 'Disk full.' });
    assert.equal(sales.incident.failures, 1);
    staysOpen(sales);
  });

  test('and no failure counts in the next episode', () => {
    const sales = missingSales();
    sales.fails();
    sales.succeeds(start + 2 * minute);
    sales.later(hour / 2);
    sales.fails(start + hour / 2, missing);
    notPromised(sales, start + hour / 2);
    assert.equal(sales.incident.state, 'resolved');
  });

  test('as far as the state of an earlier version tells', () => {
    const input = { id: 'a', settings: { lingerMs: hour, forgetMs: hour }, searchAttributes: false };
    const restored = (event: string, failures: number) => restoreIncident(input, { event, failures }).hasFailed;
    assert.deepEqual(
      [restored(missing, 1), restored(missing, 2), restored('WorkbookRefreshFailed', 1)],
      [false, true, true],
    );
  });
});

test('nothing happens where nothing is open', () => {
  const sales = missingSales();
  sales.succeeds();
  const before = sales.notices().length;
  notPromised(sales);
  assert.deepEqual([sales.incident.state, sales.notices().length], ['resolved', before]);
});
