import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import { secretsOf } from '../config/config.js';
import type { Env } from '../config/env.js';
import { createLogger } from '../service/logger.js';
import { connectTemporal, type Temporal } from '../temporal/connection.js';
import { createSearchAttributes } from '../temporal/search-attributes.js';
import { loadSettings } from '../service/settings.js';

/** Milliseconds. */
const patience = 10_000;

const usage = `Usage: tableau-webhooks check

For a release, before anything of it runs: reads the environment and the escalation file, asks for Temporal's namespace,
and registers the search attributes where that is allowed. Tableau and Twilio are not asked; that is what doctor is for.
Ends with 0 when api and worker can start, else 1, within ${patience / 1000} s.
`;

/** Whether a release can start. Gives the exit code; ConfigError where the configuration is wrong. */
export async function check(env: Env, args: string[]): Promise<number> {
  if (args.length > 0) {
    const asked = ['--help', '-h'].includes(args.join(' '));
    (asked ? process.stdout : process.stderr).write(asked ? usage : `check takes no arguments.\n\n${usage}`);
    return asked ? 0 : 2;
  }
  const { config, escalation } = loadSettings(env);
  const contacts = Object.keys(escalation.contacts).length;
  say('ok', `configuration: complete, ${contacts} ${contacts === 1 ? 'contact' : 'contacts'}.`);
  if (config.temporal.embedded) {
    say('ok', 'Temporal: the development server begins with the service.');
    return 0;
  }
  const temporal = connectTemporal(config.temporal.connect);
  try {
    const problem = await problemWith(temporal, Date.now() + patience);
    const where = `${temporal.namespace} at ${temporal.address}`;
    say(problem === null ? 'ok' : 'FAILED', `Temporal: namespace ${where}${problem === null ? '.' : `: ${problem}.`}`);
    if (problem !== null) return 1;
    const logger = createLogger({ level: 'silent', pretty: false, secrets: secretsOf(config) });
    const indexed = await createSearchAttributes(temporal, logger)();
    if (indexed) say('ok', 'search attributes: registered.');
    else say('warning', 'search attributes: not registered. All works but the filters of the Web UI.');
    return 0;
  } finally {
    await temporal.close();
  }
}

function say(status: 'ok' | 'warning' | 'FAILED', text: string): void {
  process.stdout.write(`${status.padEnd(9)}${text}\n`);
}

/** What asking again does not mend, by the status of gRPC. */
const final: Readonly<Record<number, string>> = {
  5: 'there is no such namespace',
  7: 'we are not allowed to use it (API key or certificate)',
  16: 'it does not know us (API key or certificate)',
};

async function problemWith({ connection, namespace }: Temporal, deadline: number): Promise<string | null> {
  for (;;) {
    try {
      await connection.withDeadline(deadline, () => connection.workflowService.describeNamespace({ namespace }));
      return null;
    } catch (error) {
      const refused = isGrpcServiceError(error) ? final[error.code] : undefined;
      if (refused !== undefined) return refused;
      if (Date.now() + 500 > deadline) return `it does not answer${told(error)}`;
      await sleep(500);
    }
  }
}

function told(error: unknown): string {
  const said = isGrpcServiceError(error) ? error.details : error instanceof Error ? error.message : '';
  const [, last = said] = /Last error: (?:Error: )?(.*?)\.? Resolution note:/s.exec(said) ?? [];
  return last === '' ? '' : ` (${last})`;
}
