import { createFetchCalendar } from '../../../calendar/fetch.js';
import { readCalendars } from '../../../calendar/with-turns.js';
import { loadTemporal } from '../../../config/config.js';
import { readEscalationFile } from '../../../policy/load.js';
import { isWhole, retentionNotes, unreadNotes } from '../../../report/notes.js';
import { connectAsConfigured, type Temporal } from '../../../temporal/connection.js';
import { day } from '../../../workflows/contract.js';
import type { Command } from '../../arguments.js';
import { readEpisodes } from '../../read-archive.js';
import { optionsFrom, usage } from './options.js';
import { reportOf } from './report.js';
import { rehearse as rehearseAll } from './summary.js';

/** An escalation takes less. */
const weekMs = 7 * day;

/** @throws ConfigError with what is wrong with the file or with TEMPORAL_* */
export const rehearse: Command = async (env, args) => {
  const options = optionsFrom(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  const { file, sinceMs, isJson } = options;
  const now = Date.now();
  const since = now - sinceMs;
  const inFile = readEscalationFile(file);
  const configured = loadTemporal(env);
  const range = { from: since, to: now + weekMs };
  const { escalation, sentences } = await readCalendars(inFile, createFetchCalendar(), range);
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  const read = await readSince(connectAsConfigured(configured), since);
  if (typeof read === 'string') return (process.stderr.write(`${read}\n`), 1);
  const { episodes } = read.incidents;
  const incidents = new Set(episodes.map(({ incident }) => incident)).size;
  const notes = [...unreadNotes(read.incidents), ...retentionNotes(read.keptMs, sinceMs)];
  if (episodes.length === 0 && !isWhole(read.incidents)) return (process.stderr.write(`${notes.join('\n')}\n`), 1);
  const prices = { ...escalation.prices?.each, ...options.prices };
  const currency = escalation.prices?.currency ?? null;
  const rehearsal = rehearseAll(escalation, episodes, { now, prices });
  const heading = { file, since, until: now, incidents, prices, currency };
  const span = { since: new Date(since).toISOString(), until: new Date(now).toISOString() };
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ ...span, incidents, currency, ...rehearsal, notes }, null, 2)}\n`
      : reportOf(heading, rehearsal, notes),
  );
  return 0;
};

async function readSince(temporal: Temporal, since: number): ReturnType<typeof readEpisodes> {
  try {
    return await readEpisodes(temporal, since);
  } finally {
    await temporal.close();
  }
}
