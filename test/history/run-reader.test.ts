import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunReader, type Request } from '../../src/history/run-reader.js';
import type { Run } from '../../src/temporal/histories.js';

const runs = (count: number): Run[] =>
  Array.from({ length: count }, (_, n) => ({
    workflowId: `incident:${n}`,
    runId: String(n),
    startedAt: 0,
    isRunning: true,
    stamp: '',
  }));

test('reads as many histories at once as it may, also where there are no more', () => {
  let calls = 0;
  const request: Request = () => {
    calls += 1;
    return new Promise(() => {});
  };
  const reader = createRunReader({ request, atOnce: 4, maxBytes: 1e6, clock: () => 0 });
  void reader.read('incident', runs(4));
  assert.equal(calls, 4);
  const other = createRunReader({ request, atOnce: 4, maxBytes: 1e6, clock: () => 0 });
  void other.read('incident', runs(40));
  assert.equal(calls, 8);
});

test('where one history after the other fails, the others fail without being tried, for a while', async () => {
  let [now, calls] = [0, 0];
  const request: Request = async () => {
    calls += 1;
    throw new Error('Temporal does not answer');
  };
  const reader = createRunReader({ request, atOnce: 4, maxBytes: 1e6, clock: () => now });
  const all = runs(100);
  await Promise.all(reader.read('incident', all));
  assert.ok(calls >= 20 && calls < 30, `${calls} calls`);
  assert.ok(all.every((run) => reader.isSettled(run) && reader.problem(run) !== undefined));
  const before = calls;
  await Promise.all(reader.read('incident', all));
  assert.equal(calls, before, 'nothing is tried again at once');
  now += 60_000;
  await Promise.all(reader.read('incident', all));
  assert.ok(calls > before && calls < before + 10, 'later some are, until they fail, too');
});
