import { createFetchCalendar } from '../../../calendar/fetch.js';
import { readCalendars } from '../../../calendar/with-turns.js';
import { loadTemporal } from '../../../config/config.js';
import { readEscalationFile } from '../../../policy/load.js';
import { connectAsConfigured, type Temporal } from '../../../temporal/connection.js';
import { grpcCodeOf, reasonOf } from '../../../temporal/errors.js';
import type { IncidentHistory } from '../../../temporal/histories.js';
import { readIncidentHistories } from '../../../temporal/incident-histories.js';
import { readRetentionMs } from '../../../temporal/retention.js';
import { day } from '../../../workflows/contract.js';
import type { Command } from '../../arguments.js';
import { episodesOf } from '../../../history/episodes.js';
import { optionsFrom, usage } from './options.js';
import type { RecordedEpisode } from '../../../history/recorded.js';
import { reportOf } from './report.js';
import { rehearse as rehearseAll } from './summary.js';

const maxIncidents = 5_000;
const namespaceTimeoutMs = 10_000;
const progressEvery = 250;
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
  const { file, sinceMs, prices, isJson } = options;
  const now = Date.now();
  const since = now - sinceMs;
  const inFile = readEscalationFile(file);
  const configured = loadTemporal(env);
  const range = { from: since, to: now + weekMs };
  const { escalation, sentences } = await readCalendars(inFile, createFetchCalendar(), range);
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  const recorded = await recordedSince(connectAsConfigured(configured), since);
  if (typeof recorded === 'string') return (process.stderr.write(`${recorded}\n`), 1);
  const { episodes, incidents, notes } = recorded;
  const rehearsal = rehearseAll(escalation, episodes, { now, prices });
  const heading = { file, since, until: now, incidents, prices };
  const span = { since: new Date(since).toISOString(), until: new Date(now).toISOString() };
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ ...span, incidents, ...rehearsal, notes }, null, 2)}\n`
      : reportOf(heading, rehearsal, notes),
  );
  return 0;
};

interface Recorded {
  episodes: RecordedEpisode[];
  /** That have an episode in the time. */
  incidents: number;
  /** Sentences on what could not be read. */
  notes: string[];
}

/** The episodes that began in the time; a text says why Temporal does not give them. Closes the connection. */
async function recordedSince(temporal: Temporal, since: number): Promise<Recorded | string> {
  const episodes: RecordedEpisode[] = [];
  let unreadable = 0;
  const take = (history: IncidentHistory): void => {
    const read = episodesOf(history);
    if (read === null) unreadable += 1;
    else episodes.push(...read.filter(({ at }) => at >= since));
  };
  const onProgress = (read: number, all: number): void => {
    if (read % progressEvery === 0 || (read === all && all > progressEvery))
      process.stderr.write(`${read} of ${all} incidents read\n`);
  };
  try {
    const request = { since, max: maxIncidents, take, onProgress };
    const { isCut, gone } = await readIncidentHistories(temporal.client, request);
    const notes = [
      ...(isCut ? [`There are more than ${maxIncidents} incidents: those that ended first are left out.`] : []),
      ...(gone > 0 ? [`${gone} histories were removed by Temporal meanwhile.`] : []),
      ...(unreadable > 0 ? [`${unreadable} histories cannot be read: their payloads are encoded in another way.`] : []),
      ...(await retentionNotes(temporal, since)),
    ];
    return { episodes, incidents: new Set(episodes.map(({ incident }) => incident)).size, notes };
  } catch (error) {
    if (grpcCodeOf(error) === undefined) throw error;
    return `Temporal at ${temporal.address} did not answer (${reasonOf(error).trim()}).`;
  } finally {
    await temporal.close();
  }
}

/** Incidents that ended before that are not there any more. */
async function retentionNotes({ client }: Temporal, since: number): Promise<string[]> {
  try {
    const keptMs = await client.withDeadline(Date.now() + namespaceTimeoutMs, () => readRetentionMs(client));
    if (keptMs === null || keptMs >= Date.now() - since) return [];
    const days = Math.round((keptMs / day) * 10) / 10;
    return [`Temporal keeps incidents for ${days} days after their end: those that ended before are missing.`];
  } catch (error) {
    return [`For how long Temporal keeps incidents could not be read (${reasonOf(error)}): some may be missing.`];
  }
}
