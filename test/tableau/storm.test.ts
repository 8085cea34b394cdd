import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableauOutside, workerAt, type Worker } from './outside.js';
import type { LookUpInput } from '../../src/workflows/activity-contract.js';

const everything = (worker: Worker, input: LookUpInput) =>
  Promise.all([
    worker.activities.lookUpItem(input),
    worker.activities.lookUpCause(input),
    worker.activities.lookUpSeverity(input),
  ]);

describe('200 items that fail at once', () => {
  for (const jobTitles of [true, false])
    test(`are looked up in one session and few requests, ${jobTitles ? 'with' : 'without'} job titles`, async (t) => {
      const outside = await tableauOutside(t, {}, { settings: { jobTitles } });
      const inputs = await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          outside.failing(`Report ${n}.`, {
            kind: n % 2 ? 'workbook' : 'datasource',
            downstream: n,
            notes: `Login failed, reason ${n}.`,
          }),
        ),
      );
      const found = await Promise.all(inputs.map((input) => everything(outside, input)));
      for (const [n, [item, cause, severity]] of found.entries()) {
        assert.deepEqual([item.owner, item.problems], ['Ana Lima', []]);
        if (jobTitles) assert.equal(cause.cause, `Login failed, reason ${n}.`);
        assert.equal(severity.consecutiveFailures, 1);
        if (n % 2 === 0) assert.equal(severity.downstreamWorkbooks, n);
      }
      const calls = {
        'sign-ins': outside.paths(/auth\/signin/),
        items: outside.paths(/GET .*\/(workbooks|datasources)\//),
        users: outside.paths(/GET .*\/users\//),
        projects: outside.paths(/GET .*\/projects/),
        'failed and successful jobs': outside.paths(/GET .*\/jobs$/),
        'single jobs': outside.paths(/GET .*\/jobs\//),
        tasks: outside.paths(/GET .*\/tasks/),
      };
      const lineage = outside.paths(/graphql/);
      t.diagnostic(JSON.stringify({ ...calls, lineage }));
      assert.ok(lineage <= 8, `${lineage} requests for the lineage`);
      assert.equal(outside.paths(/./), 406 + lineage);
      assert.deepEqual(calls, {
        'sign-ins': 1,
        items: 200,
        users: 1,
        projects: 1,
        'failed and successful jobs': 2,
        'single jobs': 200,
        tasks: 1,
      });
      const causes = found.filter(([, cause], n) => cause.cause === `Login failed, reason ${n}.`).length;
      assert.equal(causes, 200);
    });
});

test('three workers with one token: every look-up succeeds, with few sign-ins', async (t) => {
  const outside = await tableauOutside(t);
  outside.sandbox.faults.add({ target: 'tableau', times: 'always', delayMs: 40 });
  const workers = [outside, workerAt(outside.url), workerAt(outside.url)];
  const inputs = await Promise.all(Array.from({ length: 60 }, (_, n) => outside.failing(`Report ${n}.`)));
  const found = await Promise.all(inputs.map((input, n) => everything(workers[n % 3] ?? outside, input)));
  for (const [item, cause, severity] of found) {
    assert.equal(item.owner, 'Ana Lima', item.problems.join());
    assert.match(cause.cause ?? cause.problems.join(), /^Unable to connect to the server\.$/);
    assert.equal(severity.consecutiveFailures, 1, severity.problems.join());
  }
  const signIns = outside.paths(/auth\/signin/);
  t.diagnostic(`${signIns} sign-ins`);
  assert.ok(signIns <= 12, `${signIns} sign-ins`);
});
