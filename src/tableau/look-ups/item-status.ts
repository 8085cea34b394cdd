import type { ItemStatus } from '../../workflows/activity-contract.js';
import { minute, type Item, type RefreshableKind } from '../../workflows/contract.js';
import type { JobsWanted, TableauClient } from '../rest/client.js';
import { isRefused, undefinedIfRefused } from '../rest/errors.js';
import type { Jobs, KnownJob } from './jobs.js';
import type { LineageOf } from './lineage.js';
import { optional } from '../rest/reading.js';
import { as, Schedule, type Task } from '../rest/schemas.js';
import { failuresInARow, type TasksOf } from './tasks.js';

/** The job of a failure ends at most this long after the `created_at` of its event. */
const sameFailureMs = 10 * minute;
/** How many single jobs are read for each list. */
const maxJobs = 3;

interface Sources {
  tableau: TableauClient;
  jobs: Jobs;
  tasksOf: TasksOf;
  lineageOf: LineageOf;
}

/**
 * Looks up what became of an item that failed at `failedAt`, ms since the epoch, and of which Tableau has sent no event since. The newest job
 * decides, then the extract and the schedule. Throws a TableauError when a later try may succeed.
 */
export function createItemStatus({ tableau, jobs, tasksOf, lineageOf }: Sources) {
  async function newest(
    item: Item,
    status: JobsWanted['status'],
    from: number,
    signal: AbortSignal,
  ): Promise<KnownJob | undefined> {
    const now = Date.now();
    const search = { status, from, to: Number.MAX_SAFE_INTEGER, near: now, listedSince: now };
    return jobs.find(item, search, { left: maxJobs }, signal).catch(undefinedIfRefused);
  }

  return async (item: Item & { kind: RefreshableKind }, failedAt: number, signal: AbortSignal): Promise<ItemStatus> => {
    try {
      await tableau[item.kind](item.luid, signal);
    } catch (error) {
      if (!isRefused(error)) throw error;
      return isNotFound(error) ? { state: 'deleted' } : { state: 'unknown', why: error.message };
    }
    const [succeeded, failed, cancelled, lineage, tasks = []] = await Promise.all([
      newest(item, 'Success', failedAt + 1, signal),
      newest(item, 'Failed', failedAt + sameFailureMs, signal),
      newest(item, 'Cancelled', failedAt + 1, signal),
      // The Metadata API is often off, and nothing depends on it alone.
      lineageOf(item.luid).catch(() => undefined),
      tasksOf(item.luid, Date.now()).catch(undefinedIfRefused),
    ]);
    const inARow = failuresInARow(tasks) ?? 0;
    const last = [succeeded, failed, cancelled]
      .filter((job) => job !== undefined)
      .toSorted((one, other) => (other.endedAt ?? 0) - (one.endedAt ?? 0))[0];
    if (last?.isSuspended || isSuspended(tasks)) return { state: 'suspended' };
    if (last !== undefined && last === succeeded) return { state: 'recovered', at: last.endedAt ?? failedAt + 1 };
    if (last !== undefined && last === failed) return { state: 'failing', ...optional('inARow', inARow || undefined) };
    // A workbook that was published again has a newer extract, and its schedule may still fail.
    const updatedAt = lineage?.updatedAt;
    if (updatedAt !== undefined && updatedAt > failedAt && inARow === 0) return { state: 'recovered', at: updatedAt };
    if (inARow > 0) return { state: 'failing', inARow };
    return { state: 'unknown', why: 'Tableau shows neither a success nor a failure since.' };
  };
}

/** Every schedule of the item is suspended. */
const isSuspended = (tasks: readonly Task[]): boolean =>
  tasks.length > 0 &&
  tasks.every(({ extractRefresh }) => /^suspended$/i.test(String(as(Schedule, extractRefresh.schedule)?.state)));

const isNotFound = ({ message }: Error): boolean => / 404\d{3}:/.test(message);
