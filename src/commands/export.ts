import { renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadTemporal } from '../config/config.js';
import { parseDuration } from '../policy/duration.js';
import { exported } from '../report/export.js';
import { histories, retentionNotes } from '../report/notes.js';
import { connectAsConfigured } from '../temporal/connection.js';
import { reasonOf } from '../temporal/errors.js';
import { day, hour } from '../workflows/contract.js';
import type { Command } from './arguments.js';
import { readArchive, type ReadArchive } from './read-archive.js';

const usage = `Usage: tableau-webhooks export [--since 30d] [--out FILE]

Writes what Temporal will remove when its retention is over: each episode of an incident and each message or call as one line of JSON, in the
order of their times. Without phone numbers, texts and names of owners; docs/report.md has the fields. Reads the histories from Temporal
(TEMPORAL_*), without a worker. The same command again writes the same lines, and what has happened since.

  --since <time>  how far back, from 1h to 400d (30d)
  --out <file>    writes to a file, which is replaced when all is read, in place of the standard output

Exits with 0, 1 when Temporal does not answer, not all could be read or the file cannot be written, 2 for wrong arguments.
`;

/** @throws ConfigError with what is wrong with TEMPORAL_* */
export const exportHistory: Command = async (env, args) => {
  const options = optionsFrom(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  const temporal = connectAsConfigured(loadTemporal(env));
  try {
    const read = await readArchive(temporal, Date.now() - options.sinceMs);
    if (typeof read === 'string') return (process.stderr.write(`${read}\n`), 1);
    for (const note of retentionNotes(read.keptMs, options.sinceMs)) process.stderr.write(`${note}\n`);
    const problem = problemOf(read);
    if (problem !== null) return (process.stderr.write(`${problem} Nothing is written.\n`), 1);
    const lines = exported(read.incidents.episodes, read.pagers.messages).map((one) => `${JSON.stringify(one)}\n`);
    return write(options.out, lines);
  } finally {
    await temporal.close();
  }
};

interface Options {
  sinceMs: number;
  out: string | null;
}

/** A text says what is wrong. */
function optionsFrom(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        since: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const sinceMs = parseDuration(values.since ?? '30d');
    if (sinceMs === null || sinceMs < hour || sinceMs > 400 * day)
      return '--since must be a time from 1h to 400d, such as 30d.';
    return { sinceMs, out: values.out ?? null };
  } catch (error) {
    return `export: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

/** A file with holes would be taken for the whole. */
function problemOf({ incidents, pagers }: ReadArchive): string | null {
  const count = (of: 'failed' | 'unreadable'): number => incidents[of] + pagers[of];
  const reason = reasonOf(incidents.reason ?? pagers.reason).trim();
  if (count('failed') > 0) return `${histories(count('failed'))} could not be read (${reason}): try again.`;
  if (count('unreadable') > 0)
    return `${histories(count('unreadable'))} cannot be read: the payloads are encoded in another way.`;
  return incidents.isCut || pagers.isCut ? 'There are more than 5,000 incidents: take a shorter --since.' : null;
}

function write(out: string | null, lines: readonly string[]): number {
  if (out === null) return (process.stdout.write(lines.join('')), 0);
  try {
    writeFileSync(`${out}.part`, lines.join(''), { mode: 0o600 });
    renameSync(`${out}.part`, out);
  } catch (error) {
    process.stderr.write(`${out} cannot be written (${error instanceof Error ? error.message : String(error)}).\n`);
    return 1;
  }
  process.stderr.write(`${lines.length} lines are in ${out}.\n`);
  return 0;
}
