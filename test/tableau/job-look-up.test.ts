import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureOf, tableauOutside, tableauAnswering, workerAt } from './outside.js';

const minute = 60_000;
const at = Date.parse('2026-03-01T03:00:00Z');
const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
const event = (luid = 'wb') => ({
  item: { kind: 'workbook' as const, luid, name: 'Sales', site: '-' },
  event: 'WorkbookRefreshFailed',
  at,
});
const row = (id: string, more: object = {}) => ({
  id,
  status: 'Failed',
  jobType: 'refresh_extracts',
  endedAt: time(at),
  ...more,
});
const job = (luid: string, notes: unknown) => ({
  job: { finishCode: '1', completedAt: time(at), extractRefreshJob: { notes, workbook: { id: luid } } },
});

describe('the cause', () => {
  test('is the sentence from the notes of the failed job, without the notes', async (t) => {
    const outside = await tableauOutside(t);
    const notes = 'Refresh failed.\nUnable to connect to the server "db1.internal:5432".';
    const found = await outside.activities.lookUpCause(await outside.failing('Sales', { notes }));
    assert.deepEqual(found, { cause: 'Unable to connect to the server.', problems: [] });
  });

  test('is that of the failure in the event, not of another failure of the item', async (t) => {
    const outside = await tableauOutside(t);
    const then = Date.now() - 30 * 60 * minute;
    const first = await outside.failing('Sales', { notes: 'Out of memory.', at: then });
    const second = await outside.failsAgain(first.item.luid, { notes: 'Login failed.' });
    assert.equal((await outside.activities.lookUpCause(second)).cause, 'Login failed.');
    assert.equal((await outside.activities.lookUpCause(first)).cause, 'Out of memory.');
  });

  test('is found when Tableau lists the failed job only after a moment', async (t) => {
    const outside = await tableauOutside(t, { jobRetryDelaysMs: [20, 2_000] });
    const input = await outside.failing('Sales');
    // The first list is empty, as if nothing had failed yet.
    outside.sandbox.faults.add({ target: 'tableau.jobs', status: 200, body: { backgroundJobs: {} } });
    assert.equal((await outside.activities.lookUpCause(input)).cause, 'Unable to connect to the server.');
  });

  test('is searched in at most five jobs, the nearest in time first', async (t) => {
    const outside = await tableauOutside(t, {}, { settings: { jobTitles: false } });
    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const jobs: (string | undefined)[] = [];
    for (let n = 0; n < 20; n += 1) {
      const { item } = await outside.failing(`Report ${n}`, { at: now - (20 - n) * 10_000 });
      jobs.push(outside.sandbox.panel.list().find(({ luid }) => luid === item.luid)?.lastJob?.luid);
    }
    const nobody = { ...event('nobody'), at: now };
    const { problems } = await outside.activities.lookUpCause(nobody);
    assert.deepEqual(problems, ['Tableau shows no failed job of this refresh.']);
    const asked = outside.sandbox.requests({ target: 'tableau.jobs' }).map(({ path }) => path.split('/jobs/')[1]);
    assert.deepEqual(asked.slice(1), jobs.slice(-5).toReversed());
  });

  test('is requested only for a failed refresh', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales');
    assert.deepEqual(await outside.activities.lookUpCause({ ...input, event: 'WorkbookDeleted' }), { problems: [] });
    assert.equal(outside.paths(/./), 0);
  });

  test('is reported as a problem when the notes contain none', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales', { notes: 'Job failed.' });
    assert.deepEqual((await outside.activities.lookUpCause(input)).problems, ['The failed job gives no reason.']);
  });
});

describe('responses of unusual shape', () => {
  const shapes: [name: string, jobs: unknown, one: unknown, cause: string | undefined][] = [
    ['one job without a list', { backgroundJob: row('j1') }, job('wb', 'Login failed'), 'Login failed.'],
    ['a list without its name', [row('j1')], job('wb', 'Login failed'), 'Login failed.'],
    ['numbers for texts', { backgroundJob: [{ ...row('j1'), id: 1 }] }, job('wb', 404), undefined],
    [
      'bad jobs among good',
      { backgroundJob: [null, 'x', { id: {} }, row('j1')] },
      job('wb', 'Login failed'),
      'Login failed.',
    ],
    ['no times', { backgroundJob: [{ id: 'j1' }] }, job('wb', 'Login failed'), 'Login failed.'],
    ['nothing', {}, undefined, undefined],
    ['a job without details', { backgroundJob: row('j1') }, { job: {} }, undefined],
    [
      'notes elsewhere',
      { backgroundJob: row('j1') },
      {
        job: {
          extractRefreshJob: { workbook: { id: 'wb' } },
          statusNotes: { statusNote: [{ text: 'Out of memory' }] },
        },
      },
      'Out of memory.',
    ],
  ];
  for (const [name, backgroundJobs, one, cause] of shapes)
    test(name, async (t) => {
      const url = await tableauAnswering(t, { '/jobs?': { backgroundJobs }, '/jobs/': one });
      const found = await workerAt(url).activities.lookUpCause(event());
      assert.equal(found.cause, cause);
      assert.equal(found.problems.length, cause === undefined ? 1 : 0);
    });

  test('a version that refuses the filter is asked for the jobs without it', async (t) => {
    const outside = await tableauOutside(t);
    outside.sandbox.faults.add({ target: 'tableau.jobs', status: 400, code: 400_006 });
    const input = await outside.failing('Sales');
    assert.equal((await outside.activities.lookUpCause(input)).cause, 'Unable to connect to the server.');
  });
});

describe('the recovery check', () => {
  test('is true only for a later success of the same item', async (t) => {
    const outside = await tableauOutside(t);
    const now = Date.now();
    const sales = await outside.failing('Sales', { at: now - 10 * minute });
    const other = await outside.failing('Other', { at: now - 10 * minute });
    const find = (luid: string) => outside.sandbox.panel.find(luid) ?? assert.fail();
    await outside.sandbox.panel.recover(find(sales.item.luid), { createdAt: now - 5 * minute });
    assert.equal(await outside.activities.hasRecovered(sales), true);
    assert.equal(await outside.activities.hasRecovered({ ...sales, at: now - 4 * minute }), false);
    assert.equal(await outside.activities.hasRecovered(other), false);
  });

  test('is false, without a long wait, when Tableau does not answer', async (t) => {
    const outside = await tableauOutside(t, { lookUpTimeoutMs: 300 });
    const input = await outside.failing('Sales');
    for (const fault of [{ status: 503 }, { status: 403, code: 403_000 }, { delayMs: 2_000 }]) {
      outside.sandbox.faults.add({ target: 'tableau.jobs', ...fault });
      const before = performance.now();
      assert.equal(await outside.activities.hasRecovered(input), false);
      assert.ok(performance.now() - before < 1_000);
      outside.sandbox.faults.clear();
    }
    assert.equal(await workerAt('http://127.0.0.1:9').activities.hasRecovered(input), false);
  });
});

test('a failing list of jobs is a retryable failure', async (t) => {
  const outside = await tableauOutside(t);
  const input = await outside.failing('Sales');
  outside.sandbox.faults.add({ target: 'tableau.jobs', status: 503 });
  assert.equal((await failureOf(outside.activities.lookUpCause(input))).type, 'tableau-unavailable');
});
