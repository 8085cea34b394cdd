/** A short run of `npm run chaos`: every process is killed, one is frozen, and every vendor fault is injected. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportOf } from './report.js';
import { runChaos } from './run.js';
import { faultKinds } from './vendor-faults.js';

const incidents = 20;

test('with processes killed and frozen: nothing is lost, nobody is paged after an answer, nothing is sent twice', async (t) => {
  const printed: string[] = [];
  const result = await runChaos({
    incidents,
    kills: 6,
    freezes: 1,
    freezeSeconds: 11,
    minutes: 0.45,
    seed: 20_261_124,
    json: null,
    logs: null,
    lanes: 20,
    waitMs: 3_000,
    restarts: 0,
    vendorFaults: Object.keys(faultKinds).length,
    timeoutMs: 240_000,
    print: (line) => printed.push(line),
  });
  const { verdict, processFaults } = result;
  const output = [...printed, reportOf(result)].join('\n');
  assert.deepEqual(verdict.findings, [], output);
  assert.deepEqual([verdict.accepted, verdict.refused], [incidents, 0], output);
  assert.deepEqual(
    [...new Set(processFaults.filter(({ kind }) => kind === 'kill').map(({ target }) => target))].toSorted(),
    ['api', 'front', 'temporal', 'worker 1', 'worker 2'],
  );
  assert.deepEqual(Object.keys(result.vendorFaults).toSorted(), Object.keys(faultKinds).toSorted());
  t.diagnostic(output.replaceAll('\n', '\n  '));
});
