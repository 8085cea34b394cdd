/**
 * Finds the job of a refresh. A webhook names no job and a row of the list names no item, so that jobs are looked into one by
 * one; what is learnt is shared, so that a storm fetches the list once and looks into each job once.
 */
import type { Item } from '../workflows/contract.js';
import type { JobsWanted, TableauClient } from './client.js';
import { isRefused } from './errors.js';
import { shown, timeOf } from './reading.js';
import { createRemembered } from './cache.js';
import { as, Named, StatusNote, type Job, type JobRow } from './schemas.js';

export interface KnownJob {
  item: string | undefined;
  notes: string;
  endedAt: number | undefined;
}

export interface Search {
  status: JobsWanted['status'];
  /** The job ended within these, milliseconds since the epoch. */
  from: number;
  to: number;
  /** The likeliest end: the nearest job is looked into first. */
  near: number;
  /** How old the list may be, milliseconds. */
  listAge: number;
  /** Only jobs that the list names as it names the item. */
  namedOnly?: boolean;
}

export interface Jobs {
  /** The job of the item, or undefined when there is none among those that could be looked into. */
  find(item: Item, search: Search, budget: Budget, signal: AbortSignal): Promise<KnownJob | undefined>;
}

/** How many jobs may be looked into for one incident; what others looked into costs nothing. */
export interface Budget {
  left: number;
}

const minute = 60_000;
/** The list is asked for from a full quarter of an hour on, so that a storm asks for the same. */
const quarter = 15 * minute;

export function createJobs(tableau: TableauClient, patience = 9_000): Jobs {
  const lists = createRemembered<JobRow[]>({
    keep: 5 * minute,
    keepFailure: (error) => (isRefused(error) ? 5 * minute : 500),
    most: 20,
  });
  // A job that has ended does not change.
  const details = createRemembered<KnownJob | null>({ keep: 15 * minute, keepFailure: () => 1_000, most: 5_000 });
  const learnt = new Map<string, KnownJob>();

  const list = ({ status, from, listAge }: Search): Promise<JobRow[]> => {
    const endedAfter = Math.floor(from / quarter) * quarter;
    // Whoever asks is not who waits alone: the fetch ends in its own time.
    const load = () => tableau.jobs({ status, endedAfter }, AbortSignal.timeout(patience));
    return lists.get(`${status} ${endedAfter}`, load, listAge);
  };

  const look = (id: string): Promise<KnownJob | null> =>
    details.get(id, async () => {
      try {
        const known = knownFrom(await tableau.job(id, AbortSignal.timeout(patience)));
        learnt.set(id, known);
        const oldest = learnt.keys().next().value;
        if (learnt.size > 5_000 && oldest !== undefined) learnt.delete(oldest);
        return known;
      } catch (error) {
        if (isRefused(error)) return null;
        throw error;
      }
    });

  return {
    async find(item, search, budget, signal) {
      const rows = candidates(await list(search), search);
      const found = (): KnownJob | undefined =>
        rows.map(({ id }) => learnt.get(String(id))).find((job) => job?.item === item.luid);
      const [named, others] = [rows.filter((row) => isNamed(row, item)), rows.filter((row) => !isNamed(row, item))];
      for (const group of search.namedOnly ? [named] : [named, others]) {
        // What others look into already is left to them at first, so that a storm looks into as many as it can at a time.
        for (const { id } of group) {
          const known = found();
          if (known) return known;
          if (budget.left === 0 || signal.aborted) break;
          if (details.has(String(id))) continue;
          budget.left -= 1;
          await look(String(id));
        }
        await Promise.all(group.filter(({ id }) => details.has(String(id))).map(({ id }) => look(String(id))));
        const known = found();
        if (known) return known;
      }
      return undefined;
    },
  };
}

/** Those that may be it, likeliest first. */
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
  const about = as(Named, workbook) ?? as(Named, datasource);
  const more = statusTexts(statusNotes);
  return {
    item: shown(about?.id),
    notes: String(notes ?? '').trim() || more,
    endedAt: timeOf(completedAt),
  };
}

function statusTexts(statusNotes: unknown): string {
  const notes = Object.values(statusNotes ?? {}).flat();
  return notes.flatMap((note) => as(StatusNote, note)?.text ?? []).join('\n');
}
