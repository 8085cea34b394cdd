/** A short run of `npm run chaos`: every process is killed, one is frozen, and all that can go wrong outside does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportOf } from './report.js';
import { runChaos } from './run.js';
import { troubles } from './troubles.js';

const incidents = 30;

test('whatever dies in between: nothing is lost, nobody is paged after an answer, nobody is told twice', async (t) => {
  const said: string[] = [];
  const result = await runChaos({
    incidents,
    kills: 6,
    freezes: 1,
    frozenFor: 11,
    minutes: 0.6,
    seed: 20_261_124,
    json: null,
    logs: null,
    lanes: 20,
    wait: 3_000,
    restarts: 0,
    spells: Object.keys(troubles).length,
    patience: 240_000,
    say: (line) => said.push(line),
  });
  const { verdict, struck } = result;
  const story = [...said, reportOf(result)].join('\n');
  assert.deepEqual(verdict.findings, [], story);
  assert.deepEqual([verdict.accepted, verdict.refused], [incidents, 0], story);
  assert.deepEqual([...new Set(struck.filter(({ way }) => way === 'kill').map(({ target }) => target))].toSorted(), [
    'api',
    'front',
    'temporal',
    'worker 1',
    'worker 2',
  ]);
  assert.deepEqual(Object.keys(result.troubles).toSorted(), Object.keys(troubles).toSorted());
  t.diagnostic(story.replaceAll('\n', '\n  '));
});
