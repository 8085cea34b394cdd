/** Every failure of Tableau for every activity: a problem in a sentence or a retryable failure, always within the deadline. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import type { Fault } from '../../sandbox/faults.js';
import { tableauUnavailable, type LookUpInput } from '../../src/workflows/activity-contract.js';
import { serverThat, tableauOutside, workerAt, type Worker } from './outside.js';

type Trouble = Omit<Fault, 'target'>;
const troubles: Record<string, Trouble> = {
  '400': { status: 400, code: 400_000 },
  '401 once': { status: 401, code: 401_002, times: 1 },
  '401': { status: 401, code: 401_002 },
  '403': { status: 403, code: 403_004 },
  '404': { status: 404, code: 404_003 },
  '409': { status: 409, code: 409_004 },
  '429': { status: 429, code: 429_000 },
  '500': { status: 500, code: 500_000 },
  '503 of a proxy': { status: 503, body: '<html>Service unavailable</html>' },
  '200 of a page': { status: 200, body: '<html>Sign in</html>' },
  '200 of something else': { status: 200, body: { unexpected: [] } },
  '302': { status: 302, body: '' },
  'a cut connection': { drop: 'before' },
  'a cut connection after the work': { drop: 'after' },
  'a slow response': { delayMs: 1_500 },
};
const targets = ['signin', 'items', 'users', 'projects', 'jobs', 'tasks', 'graphql', 'refresh'];

const calls: Record<string, (activities: Worker['activities'], input: LookUpInput) => Promise<unknown>> = {
  lookUpItem: (activities, input) => activities.lookUpItem(input),
  lookUpCause: (activities, input) => activities.lookUpCause(input),
  lookUpSeverity: (activities, input) => activities.lookUpSeverity(input),
  hasHealed: (activities, input) => activities.hasRecovered(input),
  rerun: (activities, { item }) => activities.rerun({ item }),
  checkJob: (activities) => activities.checkJob({ job: 'some-job' }),
};

for (const target of targets)
  describe(`the target ${target} answers with`, () => {
    for (const [name, trouble] of Object.entries(troubles))
      test(name, async (t) => {
        const outside = await tableauOutside(t, { timeoutMs: 100, lookUpTimeoutMs: 250 });
        const input = await outside.failing('Customers', { kind: 'datasource' });
        outside.sandbox.faults.add({ times: 'always', ...trouble, target: `tableau.${target}` });
        for (const [call, activity] of Object.entries(calls)) {
          const before = performance.now();
          try {
            const found = await activity(outside.activities, input);
            assert.ok(found !== undefined, call);
            if (
              name === '401 once' &&
              typeof found === 'object' &&
              found !== null &&
              'problems' in found &&
              target !== 'signin'
            )
              assert.deepEqual(found.problems, [], call);
          } catch (error) {
            assert.ok(error instanceof ApplicationFailure, `${call}: ${String(error)}`);
            assert.deepEqual([error.type, error.nonRetryable], [tableauUnavailable, false], call);
            assert.doesNotMatch(error.message + String(error.stack), /must-not-leak/);
          }
          assert.ok(performance.now() - before < 1_500, `${call} took ${performance.now() - before} ms`);
        }
        assert.doesNotMatch(outside.logged.join(), /must-not-leak|Ana Lima/);
      });
  });

test('a Tableau that accepts a connection and never answers: the look-up ends with its deadline', async (t) => {
  const url = await serverThat(t, () => undefined);
  const { activities } = workerAt(url, { lookUpTimeoutMs: 300 });
  const item = { kind: 'workbook', luid: 'wb', name: 'Sales', site: '-' } as const;
  for (const [call, activity] of Object.entries(calls)) {
    const before = performance.now();
    await activity(activities, { item, event: 'WorkbookRefreshFailed', at: Date.now() }).catch((error: unknown) =>
      assert.ok(error instanceof ApplicationFailure && error.type === tableauUnavailable, call),
    );
    assert.ok(performance.now() - before < 1_000, call);
  }
});
