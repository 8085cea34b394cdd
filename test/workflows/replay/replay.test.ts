import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { loadWorkflowBundle } from '../../../src/service/workflow-bundle.js';
import { scenarios } from '../scenarios/index.js';
import { historiesFolder } from './recordings.js';

const recordings = readdirSync(historiesFolder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .toSorted();

test('every scenario has a recording, and every recording a scenario', () => {
  const recorded = new Set(recordings.map((file) => file.split('/')[0]));
  assert.deepEqual([...recorded].toSorted(), scenarios.map(({ name }) => name).toSorted());
});

test('every recorded history replays with the present workflow code', async () => {
  const histories = recordings.map((file) => ({
    workflowId: file,
    history: historyFromJSON(JSON.parse(readFileSync(new URL(file, historiesFolder), 'utf8'))),
  }));
  const workflowBundle = await loadWorkflowBundle(new DefaultLogger('ERROR'));
  const broken: string[] = [];
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    replayed += 1;
    if (error) broken.push(`${workflowId}: ${error.message}`);
  }
  assert.deepEqual(broken, []);
  assert.equal(replayed, recordings.length);
});

test('with waits of 5 min each step starts one timer, and the state after them one', () => {
  const file = new URL('nobody-answers/incident-1.json', historiesFolder);
  const { events } = historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
  const timers = (events ?? []).flatMap((event) => {
    if (event.timerStartedEventAttributes) return ['started'];
    if (event.timerFiredEventAttributes) return ['fired'];
    return event.timerCanceledEventAttributes ? ['canceled'] : [];
  });
  const step = ['started', 'fired'];
  assert.deepEqual(timers, [...step, ...step, ...step, ...step, ...step, ...step, 'started']);
});
