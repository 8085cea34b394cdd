import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import { createFetchCalendar } from '../calendar/fetch.js';
import { holidayProblems, readCalendars } from '../calendar/with-turns.js';
import { misspelt } from '../config/misspelt.js';
import type { Escalation } from '../policy/route.js';
import { createLogger } from '../service/logger.js';
import { connectTemporal, type Temporal } from '../temporal/connection.js';
import { createSearchAttributes } from '../temporal/search-attributes.js';
import { loadSettings } from '../service/settings.js';
import { withoutArguments } from './arguments.js';

const timeoutMs = 10_000;
const calendarTimeoutMs = 5_000;
const calendarAheadMs = 60 * 24 * 3_600_000;

const usage = `Usage: tableau-webhooks check

To run before a release: reads the environment and the escalation file, looks up Temporal's namespace, and registers the
search attributes where that is allowed. Calendars of the escalation file are read once; one that cannot be is a warning. Tableau and
Twilio are not contacted; doctor does that.
Exits with 0 when api and worker can start, else 1, within ${timeoutMs / 1000} s.
`;

/**
 * Checks whether a release can start.
 *
 * @throws ConfigError
 */
export const check = withoutArguments('check', usage, async (env) => {
  const { config, escalation } = loadSettings(env);
  const contacts = Object.keys(escalation.contacts).length;
  print('ok', `configuration: complete, ${contacts} ${contacts === 1 ? 'contact' : 'contacts'}.`);
  for (const sentence of misspelt(env)) print('warning', `configuration: ${sentence}`);
  for (const warning of escalation.warnings ?? []) print('warning', warning);
  const calendars = printCalendars(escalation);
  if (config.temporal.embedded) {
    await calendars;
    print('ok', 'Temporal: the development server starts with the service.');
    return 0;
  }
  const temporal = connectTemporal(config.temporal.connect);
  try {
    const [problem] = await Promise.all([problemWith(temporal, Date.now() + timeoutMs), calendars]);
    const where = `${temporal.namespace} at ${temporal.address}`;
    print(
      problem === null ? 'ok' : 'FAILED',
      `Temporal: namespace ${where}${problem === null ? '.' : `: ${problem}.`}`,
    );
    if (problem !== null) return 1;
    const logger = createLogger({ level: 'silent', pretty: false, secrets: config.secrets });
    const indexed = await createSearchAttributes(temporal, logger)();
    if (indexed) print('ok', 'search attributes: registered.');
    else print('warning', 'search attributes: not registered. Everything works but the filters of the Web UI.');
    return 0;
  } finally {
    await temporal.close();
  }
});

/** One that cannot be read is no reason to refuse a release: the service starts without it, too. */
async function printCalendars(escalation: Escalation): Promise<void> {
  const now = Date.now();
  const fetchCalendar = createFetchCalendar({ timeoutMs: calendarTimeoutMs });
  const [{ sentences }, problems] = await Promise.all([
    readCalendars(escalation, fetchCalendar, { from: now, to: now + calendarAheadMs }),
    holidayProblems(escalation, fetchCalendar, now),
  ]);
  for (const sentence of [...sentences, ...problems.map(({ text }) => text)]) print('warning', sentence);
}

function print(status: 'ok' | 'warning' | 'FAILED', text: string): void {
  process.stdout.write(`${status.padEnd(9)}${text}\n`);
}

/** Errors that a retry does not fix, by gRPC status code. */
const final: Readonly<Record<number, string>> = {
  5: 'there is no such namespace',
  7: 'the API key or certificate has no access to it',
  16: 'it does not know the API key or certificate',
};

async function problemWith({ connection, namespace }: Temporal, deadline: number): Promise<string | null> {
  for (;;) {
    try {
      await connection.withDeadline(deadline, () => connection.workflowService.describeNamespace({ namespace }));
      return null;
    } catch (error) {
      const refused = isGrpcServiceError(error) ? final[error.code] : undefined;
      if (refused !== undefined) return refused;
      if (Date.now() + 500 > deadline) return `it does not answer${detailOf(error)}`;
      await sleep(500);
    }
  }
}

function detailOf(error: unknown): string {
  const text = isGrpcServiceError(error) ? error.details : error instanceof Error ? error.message : '';
  const [, last = text] = /Last error: (?:Error: )?(.*?)\.? Resolution note:/s.exec(text) ?? [];
  return last === '' ? '' : ` (${last})`;
}
