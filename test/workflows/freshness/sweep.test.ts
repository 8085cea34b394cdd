import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, hour } from '../../../src/workflows/contract.js';
import { newFreshness } from '../../../src/workflows/freshness/state.js';
import { applySweep, beginSweep, sweepAt } from '../../../src/workflows/freshness/sweep.js';

const now = Date.parse('2026-11-30T07:00Z');

function begun() {
  const freshness = newFreshness();
  const [effect] = beginSweep(freshness, now);
  assert.ok(effect);
  return { freshness, id: effect.id };
}

test('labels are swept at once, one sweep at a time, and again after a day', () => {
  const { freshness, id } = begun();
  assert.deepEqual(beginSweep(freshness, now), []);
  assert.equal(sweepAt(freshness), null);
  applySweep(freshness, 'another', null, now);
  assert.equal(sweepAt(freshness), null);
  applySweep(freshness, id, { seen: 10, removed: 0, failed: 0 }, now);
  assert.equal(sweepAt(freshness), now + day);
  assert.deepEqual(freshness.logLines, []);
  assert.deepEqual(beginSweep(freshness, now + day - 1), []);
  assert.equal(beginSweep(freshness, now + day).length, 1);
});

test('a sweep that fails, or leaves something, is repeated after an hour', () => {
  const failed = begun();
  applySweep(failed.freshness, failed.id, null, now);
  assert.equal(sweepAt(failed.freshness), now + hour);
  const left = begun();
  applySweep(left.freshness, left.id, { seen: 10, removed: 1, failed: 2 }, now);
  assert.equal(sweepAt(left.freshness), now + hour);
  assert.deepEqual(
    left.freshness.logLines.map(({ level, about }) => [level, about]),
    [['warn', { seen: 10, removed: 1, failed: 2 }]],
  );
});
