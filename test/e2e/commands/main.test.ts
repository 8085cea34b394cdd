import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../helpers/free-port.js';
import { until } from '../../helpers/until.js';
import { production } from '../../packaging/files.js';
import { programs, run, type Started } from '../../commands/process.js';

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
    const ofPeople = ['page', 'oncall', 'policy', 'silence', 'notify', 'freshness', 'report', 'export'];
    assert.deepEqual(listed, [
      'start',
      'api',
      'worker',
      'webhooks',
      'whatsapp',
      ...ofPeople,
      'check',
      'doctor',
      'help',
    ]);
    for (const command of listed.filter((name) => name !== 'help')) {
      const started = await run(t, [command, '--help']);
      assert.equal(await started.ended, 0, command);
      assert.match(started.output(), new RegExp(`^Usage: tableau-webhooks ${command}\\b`));
    }
  });

  describe('more output than a pipe holds', () => {
    const routes = Array.from({ length: 800 }, (_, n) => ({
      events: ['*RefreshFailed'],
      policy: `${'x'.repeat(1_000)}-${n}`,
    }));
    const file = join(tmpdir(), `many-problems-${process.pid}.yaml`);
    before(() =>
      writeFile(
        file,
        JSON.stringify({
          contacts: { ana: { phone: '+15550000001' } },
          policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '5m' }] } },
          routes,
        }),
      ),
    );
    after(() => rm(file, { force: true }));
    const check = (t: TestContext) => {
      const args = [...programs.service, 'policy', 'check', '--json', file];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      t.after(() => void child.kill());
      return child;
    };

    test('reaches a reader that is slow', async (t) => {
      const child = check(t);
      await once(child.stdout, 'readable');
      // A command that does not wait for its reader is over by then.
      await Promise.race([once(child, 'exit'), sleep(500)]);
      const problems = JSON.parse(await textOf(child.stdout)) as { level: string }[];
      assert.equal(problems.filter(({ level }) => level === 'error').length, routes.length);
    });

    test('and holds up no command whose reader leaves', async (t) => {
      const child = check(t);
      await once(child.stdout, 'readable');
      child.stdout.destroy();
      const [[code], errors] = await Promise.all([once(child, 'exit'), textOf(child.stderr)]);
      assert.deepEqual([code, errors], [1, '']);
    });
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

  for (const [what, code] of [
    ['an exception', 'throw new Error(text)'],
    ['a rejection', 'Promise.reject(new Error(text))'],
  ] as const)
    test(`${what} that nothing caught ends service and command with 1, without a secret in the output`, async (t) => {
      const text = `call +15550000001 with ${production.API_TOKEN}`;
      const script = `process.on('SIGUSR2', () => { const text = ${JSON.stringify(text)}; ${code}; });`;
      const env = {
        ...production,
        HOST: '127.0.0.1',
        PORT: String(await freePort()),
        TEMPORAL_ADDRESS: '127.0.0.1:9',
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
      };
      const [service, check] = await Promise.all([run(t, ['api'], env), run(t, ['check'], env)]);
      const failsAfter = async ({ ended, output, signal }: Started, begun: RegExp) => {
        await until(output, () => begun.test(output()), 60_000);
        signal('SIGUSR2');
        assert.equal(await ended, 1, output());
        assert.match(output(), /call \+1\*{6}0001 with \*\*\*/);
        assert.doesNotMatch(output(), new RegExp(production.API_TOKEN));
      };
      // At the same time, for a check ends by itself after 10 s.
      await Promise.all([failsAfter(service, /listening at/), failsAfter(check, /configuration: complete/)]);
      assert.match(service.output(), /"level":"fatal".*"alarm":"broken".*an exception that nothing caught/);
    });

  test('start prints every problem of environment and escalation file at once, without a stack, and exits with 1', async (t) => {
    const file = join(tmpdir(), `escalation-${process.pid}.yaml`);
    await writeFile(file, 'contacts:\n  ana: { whatsapp: "+15550000001" }\npolicies:\n  default: { steps: [] }\n');
    const env = {
      ESCALATION_FILE: file,
      TWILIO_ACCOUNT_SID: 'sesame',
      TWILIO_FROM_NUMBR: '+15550000001',
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
      /TWILIO_FROM_NUMBR is set and has no effect: is it TWILIO_FROM_NUMBER\?/,
      /escalation-\d+\.yaml:4:14: policies\.default\.steps must be/,
    ]) {
      assert.match(started.output(), problem);
    }
    assert.doesNotMatch(started.output(), /\bat .*\.ts|sesame|API_TOKEN|TWILIO_TO_NUMBER/);
  });
});
