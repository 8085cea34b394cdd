import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { ClockLockedError } from '../helpers/skip-time.js';
import { startTimeSkippingService, type TimeSkippingService } from '../helpers/time-skipping-service.js';
import { recordingOf } from './replay/recordings.js';
import { scenarios } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';

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

/** A scenario whose server does not skip time any more begins again, on a new one. */
async function onNewServer(
  scenario: Scenario,
  play: (service: TimeSkippingService) => Promise<void>,
  tries = 3,
): Promise<void> {
  const { policy, batched = false } = scenario;
  const service = await startTimeSkippingService(policy, { batched });
  try {
    await play(service);
    return;
  } catch (error) {
    if (!(error instanceof ClockLockedError) || tries === 1) throw error;
    process.stderr.write(`${error.message} The scenario begins again.\n`);
  } finally {
    await service.close();
  }
  await onNewServer(scenario, play, tries - 1);
}

describe('scenarios', () => {
  for (const scenario of scenarios) {
    const { name, run } = scenario;
    test(name.replaceAll('-', ' '), async () => {
      await onNewServer(scenario, async (service) => {
        await run(service);
        if (recording) await record(name, service);
      });
    });
  }

  test('every scenario has a unique name', () => {
    assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
  });
});
