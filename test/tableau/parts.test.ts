import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableauOutside } from './outside.js';

const parts = ['item', 'cause', 'severity'] as const;

describe('the look-up of several parts at once', () => {
  test('returns every part, and none is pending', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales', { notes: 'Snowflake refused the login.' });
    const { learnt, pending } = await outside.activities.lookUp({ ...input, parts: [...parts], withinMs: 5_000 });
    assert.deepEqual(pending, []);
    assert.deepEqual([learnt.name, learnt.owner, learnt.problems], ['Sales', 'Ana Lima', []]);
    assert.match(learnt.cause ?? '', /refused the login/);
  });

  test('ends in time with the parts that it has, and names the pending ones with the reason', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau.jobs', delayMs: 3_000, times: 'always' });
    const before = performance.now();
    const { learnt, pending } = await outside.activities.lookUp({ ...input, parts: [...parts], withinMs: 500 });
    assert.ok(performance.now() - before < 1_500);
    assert.equal(learnt.owner, 'Ana Lima');
    assert.ok(pending.some(({ part, why }) => part === 'cause' && why === 'Tableau did not answer in time.'));
  });

  test('ends at once when Tableau has no such item', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau.jobs', delayMs: 8_000, times: 'always' });
    const item = { ...input.item, luid: '8b2a95d8-52b9-40a4-8712-cd6da771bd1b' };
    const before = performance.now();
    const { learnt, pending } = await outside.activities.lookUp({ ...input, item, parts: [...parts], withinMs: 7_000 });
    assert.ok(performance.now() - before < 4_000);
    assert.equal(learnt.unknownItem, true);
    assert.ok(pending.some(({ part }) => part === 'cause'));
  });

  test('returns every part as pending while Tableau is unavailable', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau', status: 503, times: 'always' });
    const { pending } = await outside.activities.lookUp({ ...input, parts: [...parts], withinMs: 5_000 });
    assert.deepEqual(pending.map(({ part }) => part).toSorted(), ['cause', 'item', 'severity']);
    assert.match(pending[0]?.why ?? '', /503/);
  });

  test('requests only the given parts', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales');
    const { learnt } = await outside.activities.lookUp({ ...input, parts: ['cause'], withinMs: 5_000 });
    assert.deepEqual([learnt.owner, outside.paths(/workbooks/)], [undefined, 0]);
  });

  test('waits for a job that is not listed yet only when it has the time', async (t) => {
    const outside = await tableauOutside(t, { jobRetryDelaysMs: [100] });
    const { luid } = outside.sandbox.panel.add({
      kind: 'workbook',
      name: 'Sales',
      owner: 'Ana Lima',
      project: 'Finance',
    });
    const item = { kind: 'workbook', luid, name: 'Sales', site: outside.sandbox.siteLuid } as const;
    const input = { item, event: 'WorkbookRefreshFailed', at: Date.now() };
    const { pending } = await outside.activities.lookUp({ ...input, parts: ['cause'], withinMs: 800 });
    assert.deepEqual(pending, [{ part: 'cause', why: 'Tableau does not show the failed job yet.' }]);
    const lists = outside.paths(/jobs/);
    const { learnt } = await outside.activities.lookUp({ ...input, parts: ['cause'], withinMs: 5_000 });
    assert.deepEqual(learnt.problems, ['Tableau shows no failed job of this refresh.']);
    assert.ok(outside.paths(/jobs/) > lists);
  });
});
