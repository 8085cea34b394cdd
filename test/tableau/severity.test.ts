import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureOf, tableauOutside, tableauAnswering, workerAt } from './outside.js';

const day = 24 * 3_600_000;
const second = (at: number) => Math.floor(at / 1_000) * 1_000;

describe('the look-up of the severity', () => {
  test('returns failures in a row, last good refresh, next run and the number of downstream workbooks', async (t) => {
    const outside = await tableauOutside(t);
    const good = second(Date.now() - 3 * day);
    const first = await outside.failing('Customers', { kind: 'datasource', downstream: 12, at: good - day });
    const item = outside.sandbox.panel.find(first.item.luid) ?? assert.fail();
    await outside.sandbox.panel.recover(item, { createdAt: good });
    await outside.failsAgain(first.item.luid, { at: good + day });
    const last = await outside.failsAgain(first.item.luid, { at: good + 2 * day });
    assert.deepEqual(await outside.activities.lookUpSeverity(last), {
      consecutiveFailures: 2,
      lastGoodAt: good,
      nextRunAt: good + 3 * day,
      downstreamWorkbooks: 12,
      problems: [],
    });
  });

  test('works without the Metadata API, which is tried once an hour', async (t) => {
    const outside = await tableauOutside(t, {}, { settings: { metadataApi: 'off' } });
    const good = second(Date.now() - 3 * day);
    const { item } = await outside.failing('Sales', { at: good - day });
    await outside.sandbox.panel.recover(outside.sandbox.panel.find(item.luid) ?? assert.fail(), { createdAt: good });
    const input = await outside.failsAgain(item.luid);
    const { lastGoodAt, downstreamWorkbooks, problems } = await outside.activities.lookUpSeverity(input);
    // By the job of that refresh.
    assert.deepEqual([lastGoodAt, downstreamWorkbooks, problems], [good, undefined, []]);
    await outside.activities.lookUpSeverity(await outside.failing('Customers', { kind: 'datasource', downstream: 3 }));
    assert.equal(outside.paths(/graphql/), 1);
  });

  test('uses what a partial response of the Metadata API contains', async (t) => {
    const outside = await tableauOutside(t, {}, { settings: { metadataApi: 'partial' } });
    const source = await outside.failing('Customers', { kind: 'datasource', downstream: 3 });
    const book = await outside.failing('Sales');
    const [one, other] = await Promise.all([source, book].map((input) => outside.activities.lookUpSeverity(input)));
    assert.deepEqual([one?.downstreamWorkbooks, one?.problems], [3, []]);
    assert.deepEqual([other?.downstreamWorkbooks, other?.problems], [undefined, []]);
  });

  test('counts each workbook once, and skips invalid parts of responses', async (t) => {
    const node = {
      luid: 'ds',
      extractLastUpdateTime: 'never',
      downstreamWorkbooks: [{ luid: 'a' }, null, { luid: 'a' }, { luid: 'b' }],
    };
    const tasks = [
      null,
      { extractRefresh: { consecutiveFailedCount: 2, schedule: 'daily', datasource: { id: 'ds' } } },
      {
        extractRefresh: {
          consecutiveFailedCount: '4',
          schedule: { nextRunAt: '2026-03-02T03:00:00Z' },
          datasource: { id: 'ds' },
        },
      },
      { extractRefresh: { consecutiveFailedCount: {}, datasource: { id: 'ds' } } },
    ];
    const url = await tableauAnswering(t, {
      '/graphql': { data: { publishedDatasourcesConnection: { nodes: [{}, node] } }, errors: [{ message: 'PT5S' }] },
      '/tasks/': { tasks: { task: tasks } },
      '/jobs?': { backgroundJobs: {} },
    });
    const item = { kind: 'datasource' as const, luid: 'ds', name: 'Customers', site: '-' };
    const found = await workerAt(url).activities.lookUpSeverity({
      item,
      event: 'DatasourceRefreshFailed',
      at: Date.now(),
    });
    assert.deepEqual(found, {
      consecutiveFailures: 4,
      nextRunAt: Date.parse('2026-03-02T03:00:00Z'),
      downstreamWorkbooks: 2,
      problems: [],
    });
  });

  test('returns the rest, and why a part is missing', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Customers', { kind: 'datasource', downstream: 3 });
    outside.sandbox.faults.add({ target: 'tableau.tasks', times: 'always', status: 403, code: 403_000 });
    const { downstreamWorkbooks, consecutiveFailures, problems } = await outside.activities.lookUpSeverity(input);
    assert.deepEqual([downstreamWorkbooks, consecutiveFailures], [3, undefined]);
    assert.match(problems.join(), /^Tableau answered 403000: we may not see the refresh schedules\./);
    await outside.activities.lookUpSeverity(input);
    assert.equal(outside.paths(/tasks/), 1);
  });

  test('leaves out what the API version does not have', async (t) => {
    const outside = await tableauOutside(t, { apiVersion: '3.6' });
    const input = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau.tasks', status: 404, code: 404_003 });
    outside.sandbox.faults.add({ target: 'tableau.graphql', status: 404, code: 404_003 });
    outside.sandbox.faults.add({ target: 'tableau.jobs', status: 404, code: 404_003 });
    assert.deepEqual(await outside.activities.lookUpSeverity(input), { problems: [] });
  });

  test('fails retryably when nothing could be read', async (t) => {
    const outside = await tableauOutside(t);
    const input = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau.tasks', status: 503 });
    outside.sandbox.faults.add({ target: 'tableau.graphql', status: 503 });
    assert.equal((await failureOf(outside.activities.lookUpSeverity(input))).type, 'tableau-unavailable');
  });
});
