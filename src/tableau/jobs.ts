/**
 * Finds the job of a refresh. A webhook names no job, and the rows of the job list name no item, so each job has to be read on its
 * own. The list and the jobs are cached, so that a storm reads the list once and each job once.
 */
import { minute, second, type Item } from '../workflows/contract.js';
import { createCache } from './cache.js';
import type { JobsWanted, TableauClient } from './client.js';
import { causeOf } from './cause.js';
import { isRefused } from './errors.js';
import { shown, timeOf } from './reading.js';
import { as, Named, StatusNote, type Job, type JobRow } from './schemas.js';
import { sharedRequestSignal } from './timeouts.js';

/** Never the notes themselves: they name hosts, users and passwords, and this reaches Temporal's histories. */
export interface KnownJob {
  item: string | undefined;
  cause: string | undefined;
  endedAt: number | undefined;
}

export interface Search {
  status: JobsWanted['status'];
  /** The job ended within these, milliseconds since the epoch. */
  from: number;
  to: number;
  /** The most probable end: the nearest job is read first. */
  near: number;
  maxListAgeMs: number;
  /** Only jobs whose title contains the name of the item. */
  namedOnly?: boolean;
}

export interface Jobs {
  /** The job of the item, or undefined when it is not among the jobs that could be read. */
  find(item: Item, search: Search, budget: Budget, signal: AbortSignal): Promise<KnownJob | undefined>;
}

/** How many jobs may still be read for one incident; cached jobs are free. */
export interface Budget {
  left: number;
}

/** The list begins at a full quarter of an hour, so that the incidents of a storm share it. */
const quarter = 15 * minute;
const maxJobs = 5_000;

export function createJobs(tableau: TableauClient): Jobs {
  const lists = createCache<JobRow[]>({
    ttlMs: 5 * minute,
    failureTtlMs: (error) => (isRefused(error) ? 5 * minute : 500),
    maxEntries: 20,
  });
  const { read, isCached, known } = createJobReader(tableau);

  const list = ({ status, from, maxListAgeMs }: Search): Promise<JobRow[]> => {
    const endedAfter = Math.floor(from / quarter) * quarter;
    const load = () => tableau.jobs({ status, endedAfter }, sharedRequestSignal());
    return lists.get(`${status} ${endedAfter}`, load, maxListAgeMs);
  };

  return {
    async find(item, search, budget, signal) {
      const rows = candidates(await list(search), search);
      const found = (): KnownJob | undefined =>
        rows.map(({ id }) => known(String(id))).find((job) => job?.item === item.luid);
      const [named, others] = [rows.filter((row) => isNamed(row, item)), rows.filter((row) => !isNamed(row, item))];
      for (const group of search.namedOnly ? [named] : [named, others]) {
        // Jobs that others are reading come last, so that a storm reads as many jobs as it can at a time.
        for (const { id } of group) {
          const job = found();
          if (job) return job;
          if (budget.left === 0 || signal.aborted) break;
          if (isCached(String(id))) continue;
          budget.left -= 1;
          await read(String(id));
        }
        await Promise.all(group.filter(({ id }) => isCached(String(id))).map(({ id }) => read(String(id))));
        const job = found();
        if (job) return job;
      }
      return undefined;
    },
  };
}

function createJobReader(tableau: TableauClient) {
  // A job that has ended does not change.
  const cache = createCache<KnownJob | null>({
    ttlMs: 15 * minute,
    failureTtlMs: () => second,
    maxEntries: maxJobs,
  });
  const jobs = new Map<string, KnownJob>();

  async function load(id: string): Promise<KnownJob | null> {
    try {
      const job = knownFrom(await tableau.job(id, sharedRequestSignal()));
      jobs.set(id, job);
      const oldest = jobs.keys().next().value;
      if (jobs.size > maxJobs && oldest !== undefined) jobs.delete(oldest);
      return job;
    } catch (error) {
      if (isRefused(error)) return null;
      throw error;
    }
  }

  return {
    read: (id: string) => cache.get(id, () => load(id)),
    isCached: (id: string) => cache.has(id),
    /** A job that was read before. */
    known: (id: string) => jobs.get(id),
  };
}

/** The rows that may be the job, the most probable first. */
function candidates(rows: JobRow[], { from, to, near }: Search): JobRow[] {
  const distance = ({ endedAt }: JobRow): number => Math.abs((timeOf(endedAt) ?? near + quarter) - near);
  return rows
    .filter(({ jobType }) => /refresh|increment|extract/i.test(String(jobType ?? 'refresh')))
    .filter(({ endedAt }) => {
      const ended = timeOf(endedAt) ?? near;
      return ended >= from && ended <= to;
    })
    .toSorted((one, other) => distance(one) - distance(other));
}

const isNamed = ({ title }: JobRow, { name }: Item): boolean =>
  shown(title)?.toLowerCase().includes(name.toLowerCase()) ?? false;

export function knownFrom({ extractRefreshJob, statusNotes, completedAt }: Job): KnownJob {
  const { notes, workbook, datasource } = extractRefreshJob ?? {};
  const item = as(Named, workbook) ?? as(Named, datasource);
  return {
    item: shown(item?.id),
    cause: causeOf(textOf(notes) || statusTexts(statusNotes)),
    endedAt: timeOf(completedAt),
  };
}

const textOf = (notes: string | number | null | undefined): string => String(notes ?? '').trim();

function statusTexts(statusNotes: unknown): string {
  const notes = Object.values(statusNotes ?? {}).flat();
  return notes.flatMap((note) => as(StatusNote, note)?.text ?? []).join('\n');
}
