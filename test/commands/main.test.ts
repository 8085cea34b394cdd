import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from './process.js';

describe('the command line', { concurrency: 2 }, () => {
  test('help and version', async (t) => {
    const [help, version] = [await run(t, ['help']), await run(t, ['--version'])];
    assert.equal(await help.ended, 0);
    for (const command of ['start', 'api', 'worker']) assert.match(help.output(), new RegExp(`^  ${command} `, 'm'));
    assert.equal(await version.ended, 0);
    assert.match(version.output(), /^\d+\.\d+\.\d+\n$/);
  });

  test('an unknown command is refused with the usage and exit code 2', async (t) => {
    const started = await run(t, ['dance']);
    assert.equal(await started.ended, 2);
    assert.match(started.output(), /There is no command "dance"\.\n\nUsage:/);
  });

  test('start prints every problem of environment and escalation file at once, without a stack, and exits with 1', async (t) => {
    const file = join(tmpdir(), `escalation-${process.pid}.yaml`);
    await writeFile(file, 'contacts:\n  ana: { whatsapp: "+15550000001" }\npolicies:\n  default: { steps: [] }\n');
    const env = {
      ESCALATION_FILE: file,
      TWILIO_ACCOUNT_SID: 'sesame',
      API_TOKEN: 'kZ8v9qaRw3Tn5bLx',
      NODE_ENV: 'production',
    };
    const started = await run(t, ['start'], env);
    assert.equal(await started.ended, 1);
    for (const problem of [
      /PUBLIC_URL is missing/,
      /TABLEAU_DOMAIN is missing/,
      /TABLEAU_WEBHOOK_SECRET is missing/,
      /TABLEAU_PAT_NAME and TABLEAU_PAT_SECRET are missing/,
      /TWILIO_ACCOUNT_SID is wrong/,
      /TWILIO_AUTH_TOKEN is missing/,
      /TWILIO_FROM_NUMBER is missing/,
      /TEMPORAL_ADDRESS is missing/,
      /escalation-\d+\.yaml:4: policies\.default\.steps must be/,
    ]) {
      assert.match(started.output(), problem);
    }
    assert.doesNotMatch(started.output(), /\bat .*\.ts|sesame|API_TOKEN|TWILIO_TO_NUMBER/);
  });
});
