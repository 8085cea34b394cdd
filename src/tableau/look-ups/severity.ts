import { canBeRefreshed, day, minute, type Item, type Severity } from '../../workflows/contract.js';
import { isRefused, TableauError } from '../rest/errors.js';
import type { Jobs } from './jobs.js';
import type { LineageOf } from './lineage.js';
import { optional, timeOf } from '../rest/reading.js';
import { as, Schedule, type Task } from '../rest/schemas.js';
import { failuresInARow, type TasksOf } from './tasks.js';

type TaskFacts = Pick<Severity, 'consecutiveFailures' | 'nextRunAt'>;

/** Looks up how severe a failure is. Throws only when nothing was learnt and a later try may succeed. */
export function createSeverityLookUp(
  tasksOf: TasksOf,
  lineageOf: LineageOf,
  jobs: Jobs,
): (item: Item, at: number, signal: AbortSignal) => Promise<Severity> {
  /** From the jobs of the last days, where the Metadata API has no time. */
  const lastSuccess = async (item: Item, at: number, signal: AbortSignal): Promise<number | undefined> => {
    const search = {
      status: 'Success',
      from: at - 7 * day,
      to: at,
      near: at,
      listedSince: Date.now() - 5 * minute,
      namedOnly: true,
    } as const;
    return (await jobs.find(item, search, { left: 2 }, signal).catch(() => undefined))?.endedAt;
  };

  return async (item, at, signal) => {
    if (!canBeRefreshed(item)) return { problems: [] };
    const [ofTasks, ofLineage] = await Promise.allSettled([tasksOf(item.luid), lineageOf(item.luid)]);
    const lineage = ofLineage.status === 'fulfilled' ? ofLineage.value : undefined;
    // A time after the failure is not that of the last good refresh: a part was refreshed, or the index is newer than the event.
    const updatedAt = lineage?.updatedAt !== undefined && lineage.updatedAt < at ? lineage.updatedAt : undefined;
    const lastGoodAt = updatedAt ?? (await lastSuccess(item, at, signal));
    const facts = {
      ...(ofTasks.status === 'fulfilled' && factsIn(ofTasks.value)),
      ...optional('lastGoodAt', lastGoodAt),
      ...(item.kind === 'datasource' && optional('downstreamWorkbooks', lineage?.downstreamWorkbooks)),
    };
    const error: unknown = ofTasks.status === 'rejected' ? ofTasks.reason : undefined;
    if (error === undefined) return { ...facts, problems: [] };
    if (!(error instanceof TableauError)) throw error;
    if (!isRefused(error) && Object.keys(facts).length === 0) throw error;
    // This version of Tableau has no refresh tasks: no problem for anybody.
    const isUnsupported = / 404\d{3}:/.test(error.message);
    return { ...facts, problems: isUnsupported ? [] : [error.message] };
  };
}

/** The worst count and the next run of an item's schedules. */
function factsIn(tasks: Task[]): TaskFacts {
  const runs = tasks.flatMap(({ extractRefresh }) => timeOf(as(Schedule, extractRefresh.schedule)?.nextRunAt) ?? []);
  return {
    ...optional('consecutiveFailures', failuresInARow(tasks)),
    ...(runs.length > 0 && { nextRunAt: Math.min(...runs) }),
  };
}
