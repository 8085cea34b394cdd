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

  test('every command is listed, and prints its usage for --help without a configuration', async (t) => {
    const help = await run(t, ['help']);
    await help.ended;
    const listed = [...help.output().matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name);
    assert.deepEqual(listed, ['start', 'api', 'worker', 'webhooks', 'whatsapp', 'page', 'check', 'doctor', 'help']);
    for (const command of listed.filter((name) => name !== 'help')) {
      const started = await run(t, [command, '--help']);
      assert.equal(await started.ended, 0, command);
      assert.match(started.output(), new RegExp(`^Usage: tableau-webhooks ${command}\\b`));
    }
  });

  test('start, api and worker refuse arguments with their usage and exit code 2, and start nothing', async (t) => {
    for (const args of [
      ['start', '--port=80'],
      ['api', 'worker'],
      ['worker', '--help', '--now'],
    ]) {
      const started = await run(t, args);
      assert.equal(await started.ended, 2, args.join(' '));
      assert.match(
        started.output(),
        new RegExp(`^${args[0]} takes no arguments\\.\n\nUsage: tableau-webhooks ${args[0]}\n`),
      );
    }
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
