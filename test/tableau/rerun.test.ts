import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../helpers/until.js';
import { failureOf, tableauOutside, tableauAnswering, workerAt } from './outside.js';

const quick = { settings: { refreshWaitsMs: 10, refreshRunsMs: 20 } };

describe('the rerun of a refresh', () => {
  test('returns the job, which can be checked until it succeeds', async (t) => {
    const outside = await tableauOutside(t, {}, quick);
    const { item } = await outside.failing('Sales');
    const found = outside.sandbox.panel.find(item.luid) ?? assert.fail();
    found.condition = 'flaky';
    const started = await outside.activities.rerun({ item });
    assert.ok(started.state === 'queued' && started.job !== undefined);
    const job = started.job;
    assert.deepEqual(await outside.activities.checkJob({ job }), { state: 'running' });
    await until('the job', async () => (await outside.activities.checkJob({ job })).state === 'succeeded');
  });

  test('or until it fails, with the cause', async (t) => {
    const outside = await tableauOutside(t, {}, quick);
    const { item } = await outside.failing('Sales', { notes: 'Login failed for user "svc".' });
    const started = await outside.activities.rerun({ item });
    const job = started.state === 'queued' ? (started.job ?? '') : '';
    const end = await until('the end', async () => {
      const status = await outside.activities.checkJob({ job });
      return status.state !== 'running' && status;
    });
    assert.deepEqual(end, { state: 'failed', cause: 'Login failed for user.' });
  });

  test('is "queued" when it was queued already, as by an earlier attempt whose response was lost', async (t) => {
    const outside = await tableauOutside(t, { timeoutMs: 300 });
    const { item } = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau.refresh', drop: 'after' });
    assert.equal((await failureOf(outside.activities.rerun({ item }))).type, 'tableau-unavailable');
    assert.deepEqual(await outside.activities.rerun({ item }), { state: 'queued' });
  });

  const detail = "Too many requests for 'api.rest.refresh_extracts'. Please retry after 29 minutes.";
  const refusals: [status: number, code: number, why: RegExp, body?: object][] = [
    [409, 409_090, /^It has no extract that Tableau could refresh\.$/],
    [403, 403_004, /^We may not refresh it in Tableau \(403004\): the user that we sign in as needs permission/],
    [404, 404_003, /^Tableau does not know it any more \(404003\)\.$/],
    [429, 429_000, /^Tableau takes no more refreshes now; it can be tried again later\.$/],
    [
      429,
      429_000,
      /^Tableau takes no more refreshes now; it can be tried again in 29 minutes\.$/,
      { error: { code: '429000', summary: 'Too Many Requests', detail } },
    ],
    [400, 400_003, /^Tableau answered 400003: Fault\.$/],
  ];
  for (const [status, code, why, body] of refusals)
    test(`is refused with a sentence: ${why.source}`, async (t) => {
      const outside = await tableauOutside(t);
      const { item } = await outside.failing('Sales');
      outside.sandbox.faults.add({ target: 'tableau.refresh', status, code, ...(body && { body: { ...body } }) });
      const start = await outside.activities.rerun({ item });
      assert.match(start.state === 'refused' ? start.why : start.state, why);
    });

  test('is refused for an item without extract and for other kinds of items', async (t) => {
    const outside = await tableauOutside(t);
    const { item } = await outside.failing('Sales', { hasExtracts: false });
    const none = await outside.activities.rerun({ item });
    assert.match(none.state === 'refused' ? none.why : '', /no extract/);
    const user = await outside.activities.rerun({ item: { ...item, kind: 'user' } });
    assert.match(user.state === 'refused' ? user.why : '', /^Only workbooks and data sources/);
  });

  test('fails retryably when its outcome is unknown', async (t) => {
    const outside = await tableauOutside(t, { timeoutMs: 200 });
    const { item } = await outside.failing('Sales');
    for (const fault of [{ status: 500 }, { status: 503 }, { delayMs: 1_000 }, { drop: 'before' as const }]) {
      outside.sandbox.faults.add({ target: 'tableau.refresh', ...fault });
      assert.equal((await failureOf(outside.activities.rerun({ item }))).nonRetryable, false);
    }
  });
});

describe('the status of a job', () => {
  const rows: [job: object, status: object][] = [
    [{ finishCode: 0 }, { state: 'succeeded' }],
    [{ finishCode: '3' }, { state: 'succeeded' }],
    [{ status: 'Success' }, { state: 'succeeded' }],
    [
      { finishCode: '1', extractRefreshJob: { notes: 'Out of memory' } },
      { state: 'failed', cause: 'Out of memory.' },
    ],
    [{ finishCode: '1' }, { state: 'failed' }],
    [{ finishCode: '2' }, { state: 'failed', cause: 'It was cancelled in Tableau.' }],
    [{ status: 'Cancelled' }, { state: 'failed', cause: 'It was cancelled in Tableau.' }],
    [{ progress: '30' }, { state: 'running' }],
    [{ finishCode: '', status: null }, { state: 'running' }],
  ];
  for (const [job, status] of rows)
    test(JSON.stringify(job), async (t) => {
      const url = await tableauAnswering(t, { '/jobs/': { job } });
      assert.deepEqual(await workerAt(url).activities.checkJob({ job: 'j' }), status);
    });

  test('is "unknown" when Tableau does not know the job, or the id is invalid', async (t) => {
    const outside = await tableauOutside(t);
    assert.deepEqual(await outside.activities.checkJob({ job: 'nothing' }), { state: 'unknown' });
    const calls = outside.paths(/./);
    assert.deepEqual(await outside.activities.checkJob({ job: '../users' }), { state: 'unknown' });
    assert.equal(outside.paths(/./), calls);
  });
});
