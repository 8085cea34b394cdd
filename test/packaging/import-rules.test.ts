/** Which folder may import which is in the linter's configuration. Each rule is seen to refuse what it is there for. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './files.js';

/** A file, an import that it may have, and one that it may not. */
const rules = [
  ['src/workflows/incident/escalation.ts', '../contract.js', '../pager/outbox.js'],
  ['src/workflows/incident/workflow.ts', '@temporalio/workflow', '../pager/state.js'],
  ['src/workflows/incident/machine.ts', '../machine.js', '@temporalio/workflow'],
  ['src/workflows/pager/outbox.ts', './limits.js', '../incident/state.js'],
  ['src/workflows/pager/workflow.ts', '../driver.js', '../incident/machine.js'],
  ['src/workflows/pager/machine.ts', '../channels.js', '@temporalio/common'],
  ['src/workflows/intake/machine.ts', '../intake-contract.js', '../incident/state.js'],
  ['src/workflows/intake/workflow.ts', '@temporalio/workflow', '../incident/machine.js'],
  ['src/workflows/incident/state.ts', '../machine.js', '../intake/machine.js'],
  ['src/workflows/pager/workflow.ts', '../messages.js', '../intake/machine.js'],
  ['src/workflows/on-call/workflow.ts', '../messages.js', '../pager/machine.js'],
  ['src/workflows/on-call/machine.ts', '../machine.js', '@temporalio/workflow'],
  ['src/workflows/webhook/workflow.ts', '../messages.js', '../incident/machine.js'],
  ['src/workflows/webhook/machine.ts', '../machine.js', '@temporalio/workflow'],
  ['src/outgoing/post.ts', '../policy/webhooks.js', '../activities/index.js'],
  ['src/outgoing/slack.ts', '../workflows/words.js', '@temporalio/common'],
  ['src/api/app.ts', '../policy/webhooks.js', '../outgoing/post.js'],
  ['src/workflows/freshness/workflow.ts', '../driver.js', '../incident/machine.js'],
  ['src/workflows/freshness/machine.ts', '../machine.js', '@temporalio/workflow'],
  ['src/workflows/incident/state.ts', '../names.js', '../freshness/state.js'],
  ['src/workflows/view-contract.ts', './contract.js', '@temporalio/common'],
  ['src/api/app.ts', '../workflows/freshness-contract.js', '../workflows/freshness/machine.js'],
  ['src/workflows/sessions/machine.ts', '../sessions-contract.js', '@temporalio/workflow'],
  ['src/workflows/sessions/workflow.ts', '../driver.js', '../on-call/state.js'],
  ['src/api/sign-in/ended-sessions.ts', '../workflows/sessions-contract.js', '../workflows/sessions/machine.js'],
  ['src/workflows/words.ts', './contract.js', '@temporalio/workflow'],
  ['src/workflows/driver.ts', '@temporalio/workflow', '../config/config.js'],
  ['src/workflows/pager/compose.ts', '../words.js', '../../policy/duration.js'],
  ['src/workflows/incident/state.ts', '../activity-contract.js', 'node:crypto'],
  ['src/tableau/rest/client.ts', '../workflows/contract.js', '@temporalio/common'],
  ['src/twilio/client.ts', 'twilio', '@temporalio/activity'],
  ['src/history/archive.ts', '../temporal/histories.js', '../policy/route.js'],
  ['src/history/messages.ts', '../workflows/contract.js', '../workflows/pager/state.js'],
  ['src/report/report.ts', '../policy/route.js', '../temporal/histories.js'],
  ['src/twilio/channels/sms.ts', '../../workflows/contract.js', '../../activities/twilio.js'],
  ['src/activities/twilio.ts', '../twilio/client.js', '../workflows/pager/outbox.js'],
  ['src/activities/tableau.ts', '@temporalio/common', '../api/app.js'],
  ['src/api/app.ts', '../policy/route.js', '../activities/index.js'],
  ['src/api/routes/notifier.ts', '../../workflows/messages.js', '../../workflows/incident/state.js'],
  ['src/policy/load.ts', '../workflows/contract.js', '../api/app.js'],
  ['src/policy/load.ts', './calendar.js', '../calendar/fetch.js'],
  ['src/links/token.ts', '../workflows/contract.js', '../policy/route.js'],
  ['src/calendar/fetch.ts', '../policy/calendar.js', '../service/service.js'],
  ['src/api/app.ts', '../policy/escalation-source.js', '../calendar/fetch.js'],
  ['src/config/config.ts', './variables.js', '../service/service.js'],
  ['src/service/service.ts', '../api/app.js', '../../sandbox/sandbox.js'],
  ['src/commands/check.ts', '../service/settings.js', '../../demo/settings.js'],
  ['sandbox/sandbox.ts', './phones.js', '../src/workflows/contract.js'],
  ['sandbox/twilio/calls.ts', '../faults.js', '@temporalio/client'],
] as const;

type Rule = (typeof rules)[number];

const importsOf = (file: string): string[] => [
  ...new Set(rules.flatMap(([one, allowed, refused]) => (one === file ? [allowed, refused] : []))),
];

/** What the linter refuses: "file:line", of files that have an import in each line. */
let refusals = new Set<string>();
before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'imports-'));
  try {
    await copyFile(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'));
    for (const file of new Set(rules.map(([one]) => one))) {
      const lines = importsOf(file).map((from, n) => `import { n${n} } from '${from}'; export const m${n} = n${n};\n`);
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), lines.join(''));
    }
    refusals = await lint(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
});

async function lint(directory: string): Promise<Set<string>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=unix'],
    { cwd: directory },
  ).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error) return { stdout: String(error.stdout) };
    throw error;
  });
  const found = stdout.split('\n').filter((line) => line.includes('no-restricted-imports'));
  return new Set(found.map((line) => line.split(':').slice(0, 2).join(':')));
}

const isRefused = ([file]: Rule, from: string): boolean => refusals.has(`${file}:${importsOf(file).indexOf(from) + 1}`);

for (const rule of rules) {
  const [file, allowed, refused] = rule;
  test(`${file} may import ${allowed}, and not ${refused}`, () => {
    assert.deepEqual([isRefused(rule, allowed), isRefused(rule, refused)], [false, true]);
  });
}
