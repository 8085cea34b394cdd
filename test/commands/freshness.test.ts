import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import { startTemporal } from '../api/service.js';
import { run } from './process.js';

let env: Record<string, string>;
before(async () => {
  const { address, namespace } = await startTemporal();
  env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace ?? 'default' };
});

async function freshness(t: TestContext, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = await run(t, ['freshness', ...args], env);
  return { code: await command.ended, output: command.output() };
}

describe('freshness', () => {
  test('says that nothing is promised, and that this is no good news for a script', async (t) => {
    const { code, output } = await freshness(t);
    assert.equal(code, 1);
    assert.match(output, /^Nothing is promised or watched, or no worker has started since it is: see "freshness"/);
  });

  test('gives with --json what GET /freshness does', async (t) => {
    const { code, output } = await freshness(t, '--json');
    assert.deepEqual([code, JSON.parse(output)], [1, { sites: [] }]);
  });

  test('explains itself, and refuses arguments that it does not have', async (t) => {
    const help = await freshness(t, '--help');
    assert.equal(help.code, 0);
    assert.match(help.output, /^Usage: tableau-webhooks freshness/);
    for (const [args, says] of [
      [['--limit', '0'], /^--limit takes a whole number from 1\./],
      [['--limit', 'many'], /^--limit takes a whole number from 1\./],
      [['--early'], /^freshness: Unknown option '--early'/],
    ] as const) {
      const { code, output } = await freshness(t, ...args);
      assert.equal(code, 2, output);
      assert.match(output, says);
    }
  });

  test('names the address of a Temporal that does not answer', async (t) => {
    const command = await run(t, ['freshness'], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    assert.notEqual(await command.ended, 0);
    assert.match(command.output(), /Temporal at 127\.0\.0\.1:1 did not answer/);
  });
});
