/**
 * Finds the job of a refresh. A webhook names no job, and the rows of the job list name no item, so each job has to be read on its
 * own. The list and the jobs are cached, so that a storm reads the list once and each job once.
 */
import { minute, second, type Item } from '../../workflows/contract.js';
import { createCache } from '../cache.js';
import type { JobsWanted, TableauClient } from '../rest/client.js';
import { causeOf } from './cause.js';
import { isRefused } from '../rest/errors.js';
import { shown, timeOf } from '../rest/reading.js';
import { as, Named, StatusNote, type Job, type JobRow } from '../rest/schemas.js';
import { sharedRequestSignal } from '../rest/timeouts.js';

/** Never the notes themselves: they name hosts, users and passwords, and this reaches Temporal's histories. */
export interface KnownJob {
  item: string | undefined;
  cause: string | undefined;
  endedAt: number | undefined;
  /** Its notes say that Tableau does not run it any more. */
  isSuspended: boolean;
  /** Its notes say that no client of Tableau Bridge took it. */
  isBridgeOffline: boolean;
}

export interface Search {
  status: JobsWanted['status'];
  /** The job ended within these, milliseconds since the epoch. */
  from: number;
  to: number;
  /** The most probable end: the nearest job is read first. */
  near: number;
  /** A list that was requested before this does not count. */
  listedSince: number;
  /** Only jobs whose title contains the name of the item. */
  namedOnly?: boolean;
}

export interface Jobs {
  /** The job of the item, or undefined when it is not among the jobs that could be read. */
  find(item: Item, search: Search, budget: Budget, signal: AbortSignal): Promise<KnownJob | undefined>;
}

/** How many jobs may still be read for one incident; cached jobs are free, and so are those of the moment of its event. */
export interface Budget {
  left: number;
}

/** The list begins at a full quarter of an hour, so that the incidents of a storm share it. */
const quarter = 15 * minute;
const maxJobs = 5_000;

/** A row of the list, read once for all who search in it. */
interface Listed {
  id: string;
  endedAt: number | undefined;
  /** In lower case. */
  title: string;
}

export function createJobs(tableau: TableauClient): Jobs {
  const lists = createCache<Listed[]>({
    ttlMs: 5 * minute,
    failureTtlMs: (error) => (isRefused(error) ? 5 * minute : 500),
    maxEntries: 20,
    gatherMs: 50,
  });
  const { read, isCached, known } = createJobReader(tableau);

  const list = ({ status, from, listedSince }: Search): Promise<Listed[]> => {
    const endedAfter = Math.floor(from / quarter) * quarter;
    const load = async () =>
      listedIn(await tableau.jobs({ status, endedAfter, pages: maxJobs / 1_000 }, sharedRequestSignal()));
    return lists.get(`${status} ${endedAfter}`, load, listedSince);
  };

  return {
    async find(item, search, budget, signal) {
      const rows = candidates(await list(search), search);
      const found = (): KnownJob | undefined => {
        const row = rows.find(({ id }) => known(id)?.item === item.luid);
        return row && known(row.id);
      };
      const name = item.name.toLowerCase();
      // "Report 1" is part of "Report 12", too: the title that is all but the name comes first.
      const named = rows
        .filter(({ title }) => title.includes(name))
        .toSorted((one, other) => one.title.length - other.title.length);
      const others = search.namedOnly ? [] : rows.filter(({ title }) => !title.includes(name));
      const groups = [
        { group: named, atOnce: 1, isFree: false },
        { group: others.filter((row) => isNear(row, search)).slice(0, maxNear), atOnce: 5, isFree: true },
        { group: others, atOnce: 1, isFree: false },
      ];
      for (const { group, atOnce, isFree } of groups) {
        // Jobs that others are reading come last, so that a storm reads as many jobs as it can at a time.
        for (;;) {
          const job = found();
          if (job) return job;
          const unread = group.filter(({ id }) => !isCached(id)).slice(0, atOnce);
          if (unread.length === 0 || signal.aborted || (!isFree && budget.left === 0)) break;
          if (!isFree) budget.left -= unread.length;
          await Promise.all(unread.map(({ id }) => read(id)));
        }
        await Promise.all(group.filter(({ id }) => isCached(id)).map(({ id }) => read(id)));
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

const listedIn = (rows: JobRow[]): Listed[] =>
  rows
    .filter(({ jobType }) => /refresh|increment|extract/i.test(String(jobType ?? 'refresh')))
    .map(({ id, endedAt, title }) => ({
      id: String(id),
      endedAt: timeOf(endedAt),
      title: shown(title)?.toLowerCase() ?? '',
    }));

/** The rows that may be the job, the most probable first. */
function candidates(rows: Listed[], { from, to, near }: Search): Listed[] {
  const distance = ({ endedAt = near + quarter }: Listed): number => Math.abs(endedAt - near);
  return rows
    .filter(({ endedAt = near }) => endedAt >= from && endedAt <= to)
    .toSorted((one, other) => distance(one) - distance(other));
}

/** In a storm without titles every one of these may be the job. */
const maxNear = 60;
const isNear = ({ endedAt }: Listed, { near }: Search): boolean =>
  endedAt !== undefined && Math.abs(endedAt - near) <= 2 * second;

export function knownFrom({ extractRefreshJob, runFlowJobType, statusNotes, completedAt }: Job): KnownJob {
  const { workbook, datasource } = extractRefreshJob ?? {};
  const item = as(Named, workbook) ?? as(Named, datasource);
  const text = textOf(extractRefreshJob?.notes ?? runFlowJobType?.notes) || statusTexts(statusNotes);
  return {
    item: shown(item?.id),
    cause: causeOf(text),
    endedAt: timeOf(completedAt),
    isSuspended: saysSuspended(text),
    isBridgeOffline:
      /REMOTE_EXTRACT_REFRESH_ALL_AGENTS_BUSY|\bBridge\b.{0,80}\b(?:offline|disconnected|unavailable)\b/i.test(
        text.slice(0, maxReadLength),
      ),
  };
}

/** More of the notes is not searched. */
const maxReadLength = 32_768;
/** In one sentence: it is not, say, the account of the database that is suspended. */
const saysSuspended = (text: string): boolean =>
  text
    .slice(0, maxReadLength)
    .split(/[.\n]/)
    .some((sentence) => /\bsuspended\b/i.test(sentence) && /\b(?:task|schedule|refresh)/i.test(sentence));

const textOf = (notes: string | number | null | undefined): string => String(notes ?? '').trim();

function statusTexts(statusNotes: unknown): string {
  const notes = Object.values(statusNotes ?? {}).flat();
  return notes.flatMap((note) => as(StatusNote, note)?.text ?? []).join('\n');
}
