import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { openNight, type Night } from '../helpers/night.js';
import { recordingOf } from './replay/recordings.js';
import { pagerScenarios } from './pager-scenarios.js';
import { scenarios } from './scenarios.js';

const nights = [...scenarios, ...pagerScenarios];

const recording = process.env['RECORD_HISTORIES'] !== undefined;

/** Writes what the server remembers of this night, for the replay test of every later version. */
async function record(name: string, { client, workflows }: Night): Promise<void> {
  for (const workflowId of workflows()) {
    const history = await client.workflow
      .getHandle(workflowId)
      .fetchHistory()
      .catch(() => null);
    if (!history) continue;
    const file = recordingOf(name, workflowId);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(JSON.parse(historyToJSON(history)))}\n`);
  }
}

describe('a night on call', { concurrency: false }, () => {
  for (const { name, policy, run } of nights) {
    test(name.replaceAll('-', ' '), async () => {
      const night = await openNight(policy);
      try {
        await run(night);
        if (recording) await record(name, night);
      } finally {
        await night.close();
      }
    });
  }

  test('every scenario has a name of its own', () => {
    assert.equal(new Set(nights.map(({ name }) => name)).size, nights.length);
  });
});
