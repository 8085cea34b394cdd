#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import type { Command } from './commands/arguments.js';
import type { Env } from './config/variables.js';
import { packageFile } from './config/places.js';

/** Loaded when it runs: the packages of all commands together take seconds. */
interface Row {
  summary: string;
  load: () => Promise<Command>;
}

const commands: Record<string, Row> = {
  start: {
    summary: 'API and worker in one process',
    load: async () => (await import('./commands/service.js')).start,
  },
  api: {
    summary: 'the API alone',
    load: async () => (await import('./commands/service.js')).api,
  },
  worker: {
    summary: 'the worker alone',
    load: async () => (await import('./commands/service.js')).worker,
  },
  webhooks: {
    summary: "manages Tableau's webhooks: webhooks sync, list, test or delete",
    load: async () => (await import('./commands/webhooks/webhooks.js')).webhooks,
  },
  whatsapp: {
    summary: 'creates the WhatsApp template of a page at Twilio, and shows its approval',
    load: async () => (await import('./commands/whatsapp.js')).whatsapp,
  },
  page: {
    summary: 'sends one real message or call to a contact, marked as a test',
    load: async () => (await import('./commands/page.js')).page,
  },
  oncall: {
    summary: 'who is on call by the schedules of the escalation file, as a table or a calendar',
    load: async () => (await import('./commands/oncall.js')).oncall,
  },
  policy: {
    summary: 'checks, explains or rehearses an escalation file: policy check, explain, rehearse or schema',
    load: async () => (await import('./commands/policy/policy.js')).policy,
  },
  silence: {
    summary: 'silences: list, add or end one',
    load: async () => (await import('./commands/silence.js')).silence,
  },
  notify: {
    summary: 'posts a test to an outgoing webhook of the escalation file: notify test <name>',
    load: async () => (await import('./commands/notify.js')).notify,
  },
  freshness: {
    summary: 'whether the items have the new data that the escalation file promises',
    load: async () => (await import('./commands/freshness.js')).freshness,
  },
  report: {
    summary: 'what happened in the last night and the last weeks, printed or sent to a contact',
    load: async () => (await import('./commands/report.js')).report,
  },
  export: {
    summary: 'writes episodes and messages as JSON lines, before Temporal removes them',
    load: async () => (await import('./commands/export.js')).exportHistory,
  },
  check: {
    summary: 'checks whether a release can start: configuration and Temporal, within 10 s',
    load: async () => (await import('./commands/check.js')).check,
  },
  doctor: {
    summary: 'finds what is wrong between Tableau, Twilio and this service, with a fix for each',
    load: async () => (await import('./commands/doctor/doctor.js')).doctor,
  },
};

const usage = `Usage: tableau-webhooks <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}
  help      this text; also --help, and <command> --help for each command
  --version

Configuration: the environment and the file .env. .env.example explains every variable.
`;

async function version(): Promise<string> {
  const [{ Type }, { Value }] = [await import('typebox'), await import('typebox/value')];
  const file: unknown = JSON.parse(readFileSync(packageFile, 'utf8'));
  return Value.Parse(Type.Object({ version: Type.String() }), file).version;
}

async function main([name = 'help', ...args]: string[]): Promise<number> {
  if (['help', '--help', '-h'].includes(name)) {
    process.stdout.write(usage);
    return 0;
  }
  if (['--version', '-v', 'version'].includes(name)) {
    process.stdout.write(`${await version()}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`There is no command "${name}".\n\n${usage}`);
    return 2;
  }
  try {
    const run = await command.load();
    const { readEnvironment } = await import('./config/config.js');
    const env = readEnvironment();
    await redactUncaught(env);
    return await run(env, args);
  } catch (error) {
    const { explainError } = await import('./service/process-end.js');
    process.stderr.write(`${explainError(error)}\n`);
    return 1;
  }
}

async function redactUncaught(env: Env): Promise<void> {
  const { exitOnUncaught } = await import('./service/process-end.js');
  const { redact } = await import('./service/redact.js');
  const { secretNames } = await import('./config/secret-files.js');
  const secrets = secretNames.flatMap((name) => env[name] ?? []);
  const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
  exitOnUncaught((error) => process.stderr.write(`${redact(textOf(error), secrets)}\n`));
}

/** A pipe takes what its reader has room for, and the rest would be lost at the exit. Whoever reads no more is not waited for. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });

const code = await main(process.argv.slice(2));
await Promise.all([process.stdout, process.stderr].map(written));
// By exit, not exitCode: an open connection must not keep the process alive.
process.exit(code);
