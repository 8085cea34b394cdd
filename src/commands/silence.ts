import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import { createFetchCalendar } from '../calendar/fetch.js';
import { readCalendars } from '../calendar/with-turns.js';
import type { Escalation } from '../policy/route.js';
import { silenceRequest } from '../policy/silence-notices.js';
import { readSilence, type SilenceFields } from '../policy/silences.js';
import { loadSettings } from '../service/settings.js';
import { connectAsConfigured } from '../temporal/connection.js';
import { endSilence, makeSilence, readOverrides, readSilences, within } from '../temporal/on-call.js';
import { isEntryId, silenceKeys, type Silence } from '../workflows/on-call-contract.js';
import type { Command } from './arguments.js';

const timeoutMs = 10_000;

const usage = `Usage: tableau-webhooks silence list
       tableau-webhooks silence add <patterns> --for 2h --reason <text> [--by <name>]
       tableau-webhooks silence add <patterns> [--start <time>] --end <time> --reason <text> [--by <name>]
       tableau-webhooks silence end <id>

A silence: failures of what matches are recorded, and nobody is paged until it ends. All patterns that are given must match; * stands for
anything. A worker must run to make or end one. Whoever is on call when it begins or ends, and whom the first steps of the policies name, gets
a text at both times.

  --item <pattern>     the name of the workbook or data source
  --project <pattern>  its project: "Finance/**" is Finance and everything below it
  --tag <pattern>      one of its tags
  --site <pattern>     the site, by its luid or name
  --event <pattern>    the event, such as "*RefreshFailed"

Exits with 0 when it is done, 1 when not, 2 for wrong arguments.
`;

/** @throws ConfigError */
export const silence: Command = async (env, args) => {
  if (args.includes('--help') || args.includes('-h')) return (process.stdout.write(usage), 0);
  const request = requestFrom(args);
  if (typeof request === 'string') {
    process.stderr.write(`${request}\n\n${usage}`);
    return 2;
  }
  const { config, escalation: file } = loadSettings(env);
  const escalation = request.do === 'add' ? await withCalendars(file, request.silence) : file;
  const temporal = connectAsConfigured(config.temporal);
  try {
    const answer = await within(temporal.client, timeoutMs, (client) => perform(client, request, escalation));
    (answer.isDone ? process.stdout : process.stderr).write(`${answer.text}\n`);
    return answer.isDone ? 0 : 1;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Temporal at ${temporal.address} did not answer (${why}), or no worker runs.`, { cause: error });
  } finally {
    await temporal.close();
  }
};

/** The escalation with the turns of duty in calendars, for whom the silence concerns. */
async function withCalendars(file: Escalation, { from, to }: Silence): Promise<Escalation> {
  const { escalation, sentences } = await readCalendars(file, createFetchCalendar(), { from, to: to + 1 });
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  return escalation;
}

type Request = { do: 'list' } | { do: 'add'; silence: Silence } | { do: 'end'; id: string };

const option = { type: 'string' } as const;

/** A text says what is wrong. */
function requestFrom([what, ...args]: string[]): Request | string {
  try {
    switch (what) {
      case 'list':
        parseArgs({ args });
        return { do: 'list' };
      case 'end': {
        const [id = '', ...more] = parseArgs({ args, allowPositionals: true }).positionals;
        return isEntryId(id) && more.length === 0 ? { do: 'end', id } : 'silence end takes the id of one silence.';
      }
      case 'add':
        return addFrom(args);
      case undefined:
      default:
        return 'silence takes list, add or end.';
    }
  } catch (error) {
    return `silence: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

function addFrom(args: string[]): Request | string {
  const { values } = parseArgs({
    args,
    options: {
      item: option,
      project: option,
      tag: option,
      site: option,
      event: option,
      for: option,
      start: option,
      end: option,
      reason: option,
      by: option,
    },
  });
  const { for: length, start, end, by, reason = '' } = values;
  const match = Object.fromEntries(
    silenceKeys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])),
  );
  if (Object.keys(match).length === 0) return `Give at least one of --${silenceKeys.join(', --')}.`;
  const fields: SilenceFields = { match, for: length, start, end, reason, by };
  const read = readSilence(fields, { id: randomUUID(), now: Date.now() });
  return 'problem' in read ? read.problem.message : { do: 'add', silence: read.value };
}

interface Answer {
  isDone: boolean;
  text: string;
}

async function perform(client: Client, request: Request, escalation: Escalation): Promise<Answer> {
  switch (request.do) {
    case 'list': {
      const now = Date.now();
      const lines = (await readSilences(client)).filter(({ to }) => to > now).map(lineOf);
      return { isDone: true, text: lines.length > 0 ? lines.join('\n') : 'There are no silences.' };
    }
    case 'add': {
      const made = await readOverrides(client);
      const refusal = await makeSilence(client, silenceRequest(escalation, request.silence, { made }));
      return refusal === null
        ? { isDone: true, text: lineOf(request.silence) }
        : { isDone: false, text: refusal.message };
    }
    case 'end': {
      const isKnown = await endSilence(client, request.id);
      return isKnown
        ? { isDone: true, text: 'The silence has ended. What is still broken is paged within 5 minutes.' }
        : { isDone: false, text: `There is no silence ${request.id}.` };
    }
  }
}

const iso = (at: number): string => new Date(at).toISOString();

function lineOf({ id, match, from, to, reason, by }: Silence): string {
  const patterns = Object.entries(match).map(([key, pattern]) => `${key} ${pattern}`);
  return `${id}  ${iso(from)}  ${iso(to)}  ${patterns.join(', ')}  (${by}: ${reason})`;
}
