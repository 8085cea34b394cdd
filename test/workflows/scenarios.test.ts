import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { onTimeSkippingService, type TimeSkippingService } from '../helpers/time-skipping-service.js';
import { recordingOf } from './replay/recordings.js';
import { scenarios } from './scenarios/index.js';

/** Stack traces in failures contain it. */
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const recording = process.env['RECORD_HISTORIES'] !== undefined;

/** Records the histories of a scenario, which the replay test replays with every later version. */
async function record(name: string, { client, workflows }: TimeSkippingService): Promise<void> {
  for (const workflowId of workflows()) {
    const history = await client.workflow
      .getHandle(workflowId)
      .fetchHistory()
      .catch(() => null);
    if (!history) continue;
    const file = recordingOf(name, workflowId);
    mkdirSync(new URL('.', file), { recursive: true });
    const json = JSON.stringify(JSON.parse(historyToJSON(history))).replaceAll(checkout, '');
    writeFileSync(file, `${json}\n`);
  }
}

describe('scenarios', () => {
  for (const scenario of scenarios) {
    const { name, run, ...options } = scenario;
    test(name.replaceAll('-', ' '), async () => {
      await onTimeSkippingService(options, async (service) => {
        await run(service);
        if (recording) await record(name, service);
      });
    });
  }

  test('every scenario has a unique name', () => {
    assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
  });
});
