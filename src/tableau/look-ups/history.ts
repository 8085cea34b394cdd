/** The last refreshes of an item, by the lists of jobs: two requests for all items of the site. */
import { day, minute, second, type Item } from '../../workflows/contract.js';
import type { RefreshRun } from '../../workflows/background-contract.js';
import { createCache } from '../cache.js';
import type { JobsWanted, TableauClient } from '../rest/client.js';
import { isRefused } from '../rest/errors.js';
import { shown, timeOf } from '../rest/reading.js';
import type { JobRow } from '../rest/schemas.js';
import { sharedRequestSignal } from '../rest/timeouts.js';

/** Tableau keeps jobs for about a month. */
const historyMs = 30 * day;
const mostRuns = 30;

const results = { Success: 'ok', Failed: 'failed', Cancelled: 'cancelled' } as const satisfies Record<
  JobsWanted['status'],
  RefreshRun['result']
>;

/** A run with the title of its job in lower case, which is the name of the item. */
type TitledRun = RefreshRun & { title: string };

/**
 * `since`: a list that was read before does not count. Throws a TableauError. A list of a large site goes back less than a month: the newest thousand of each result are
 * read.
 */
export function createHistory(tableau: TableauClient): (item: Item, since: number) => Promise<RefreshRun[]> {
  const lists = createCache<TitledRun[]>({
    ttlMs: 2 * minute,
    failureTtlMs: (error) => (isRefused(error) ? 5 * minute : second),
    maxEntries: 3,
  });
  const list = (status: JobsWanted['status'], since: number): Promise<TitledRun[]> => {
    const load = async (): Promise<TitledRun[]> => {
      const endedAfter = Date.now() - historyMs;
      return (await tableau.jobs({ status, endedAfter }, sharedRequestSignal())).flatMap(runOf(results[status]));
    };
    return lists.get(status, load, since);
  };

  return async ({ name }, since) => {
    const title = name.toLowerCase();
    const statuses = ['Success', 'Failed', 'Cancelled'] as const;
    const runs = (await Promise.all(statuses.map((status) => list(status, since)))).flat();
    return runs
      .filter((run) => run.title === title)
      .toSorted((a, b) => a.endedAt - b.endedAt)
      .slice(-mostRuns)
      .map(({ endedAt, ms, result }) => ({ endedAt, ms, result }));
  };
}

const runOf =
  (result: RefreshRun['result']) =>
  (row: JobRow): TitledRun[] => {
    const [startedAt, endedAt] = [timeOf(row.startedAt), timeOf(row.endedAt)];
    const title = shown(row.title)?.toLowerCase();
    if (endedAt === undefined || title === undefined) return [];
    return [{ title, endedAt, ms: startedAt === undefined ? null : Math.max(0, endedAt - startedAt), result }];
  };
