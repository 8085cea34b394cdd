#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { check } from './commands/check.js';
import { doctor } from './commands/doctor/doctor.js';
import { api, start, worker } from './commands/service.js';
import { webhooks } from './commands/webhooks/webhooks.js';
import { whatsapp } from './commands/whatsapp.js';
import { readEnvironment } from './config/config.js';
import type { Env } from './config/environment.js';
import { explainError } from './service/process-end.js';

type Command = (env: Env, args: string[]) => Promise<number>;

const commands: Record<string, { summary: string; run: Command }> = {
  start: {
    summary: 'API and worker in one process, with an embedded Temporal unless TEMPORAL_ADDRESS is set',
    run: start,
  },
  api: { summary: 'the API alone', run: api },
  worker: { summary: 'the worker alone', run: worker },
  webhooks: {
    summary: "manages Tableau's webhooks: webhooks sync, list, test or delete",
    run: webhooks,
  },
  whatsapp: {
    summary: 'creates the WhatsApp template of a page at Twilio, and shows its approval',
    run: whatsapp,
  },
  check: { summary: 'checks whether a release can start: configuration and Temporal, within 10 s', run: check },
  doctor: { summary: 'finds what is wrong between Tableau and this service, with a fix for each', run: doctor },
};

const usage = `Usage: tableau-webhooks <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}
  help      this text; also --help
  --version

Configuration: the environment and the file .env. .env.example explains every variable.
`;

function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return Value.Parse(Type.Object({ version: Type.String() }), file).version;
}

async function main([name = 'help', ...args]: string[]): Promise<number> {
  if (['help', '--help', '-h'].includes(name)) {
    process.stdout.write(usage);
    return 0;
  }
  if (['--version', '-v', 'version'].includes(name)) {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`There is no command "${name}".\n\n${usage}`);
    return 2;
  }
  try {
    return await command.run(readEnvironment(), args);
  } catch (error) {
    process.stderr.write(`${explainError(error)}\n`);
    return 1;
  }
}

// By exit, not exitCode: an open connection must not keep the process alive.
process.exit(await main(process.argv.slice(2)));
