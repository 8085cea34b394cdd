import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import type { Client } from '@temporalio/client';
import { startOnCallWorker } from '../api/on-call-worker.js';
import { eventually, startTemporal, textsTo } from '../api/service.js';
import { production } from '../packaging/files.js';
import { run } from './process.js';

let env: Record<string, string>;
let client: Client;
before(async () => {
  const temporal = await startTemporal();
  ({ client } = temporal);
  await startOnCallWorker(temporal);
  env = {
    ...production,
    NODE_ENV: 'test',
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace ?? 'default',
  };
});

async function silence(t: TestContext, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = await run(t, ['silence', ...args], env);
  return { code: await command.ended, output: command.output() };
}

describe('silence', () => {
  test('makes, lists and ends a silence', async (t) => {
    const made = await silence(
      t,
      'add',
      '--project',
      'Finance/**',
      '--for',
      '2h',
      '--reason',
      'Upgrade',
      '--by',
      'lead',
    );
    assert.equal(made.code, 0, made.output);
    assert.match(made.output, /^[0-9a-f-]{36} {2}\S+Z {2}\S+Z {2}project Finance\/\*\* {2}\(lead: Upgrade\)\n$/);
    const id = made.output.slice(0, 36);
    const notices = (count: number) =>
      eventually(
        () => textsTo(client, 'duty'),
        (texts) => texts.length === count,
      );
    assert.match((await notices(1))[0] ?? '', /^lead has silenced project "Finance\/\*\*" until .* Upgrade\.$/);
    const listed = await silence(t, 'list');
    assert.match(listed.output, new RegExp(`^${id} .*\\(lead: Upgrade\\.\\)\n$`));
    assert.deepEqual(await silence(t, 'end', id), {
      code: 0,
      output: 'The silence has ended. What is still broken is paged within 5 minutes.\n',
    });
    assert.match((await notices(2))[1] ?? '', /was ended early/);
    assert.equal((await silence(t, 'list')).output, 'There are no silences.\n');
    const unknown = await silence(t, 'end', id.replaceAll(/[0-9a-f]/g, '0'));
    assert.deepEqual([unknown.code, /There is no silence 0/.test(unknown.output)], [1, true]);
  });

  test('names wrong arguments', async (t) => {
    for (const [args, problem] of [
      [[], /silence takes list, add or end/],
      [['add', '--for', '2h', '--reason', 'x'], /Give at least one of --item/],
      [['add', '--item', 'x', '--for', '2h'], /reason must have 1 to 200 characters/],
      [['add', '--item', 'x', '--for', 'soon', '--reason', 'x'], /for must be a time from 1m to 90d/],
      [['add', '--owner', 'x'], /Unknown option '--owner'/],
      [['end', 'x'], /takes the id of one silence/],
      [['list', '--all'], /Unknown option '--all'/],
    ] as const) {
      const { code, output } = await silence(t, ...args);
      assert.equal(code, 2, output);
      assert.match(output, problem);
    }
  });
});
