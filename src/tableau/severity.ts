import { ApplicationFailure } from '@temporalio/common';
import type { Item, Severity } from '../workflows/contract.js';
import type { TableauClient } from './client.js';
import { isRefused } from './errors.js';
import type { Jobs } from './jobs.js';
import { createLineage } from './lineage.js';
import { countOf, optional, shown, timeOf } from './reading.js';
import { createRemembered } from './cache.js';
import { as, Named, Schedule, type Task } from './schemas.js';

type OfTasks = Pick<Severity, 'consecutiveFailures' | 'nextRunAt'>;

const minute = 60_000;
const week = 7 * 24 * 60 * minute;

/** Looks up how bad it is. Throws only where nothing was learnt and a later try may learn it. */
export function createSeverityLookUp(
  tableau: TableauClient,
  jobs: Jobs,
): (item: Item, at: number, signal: AbortSignal) => Promise<Severity> {
  const tasks = createRemembered<Map<string, Task[]>>({
    keep: minute,
    keepFailure: (error) => (isRefused(error) ? 10 * minute : 1_000),
  });
  const lineageOf = createLineage(tableau);

  const ofTasks = async ({ luid }: Item): Promise<OfTasks> =>
    inTasks((await tasks.get('all', async () => byItem(await tableau.tasks(AbortSignal.timeout(9_000))))).get(luid));

  /** By the jobs of the last days, where the Metadata API does not say. */
  const lastGood = async (item: Item, at: number, signal: AbortSignal): Promise<number | undefined> => {
    const search = {
      status: 'Success',
      from: at - week,
      to: at,
      near: at,
      listAge: 5 * minute,
      namedOnly: true,
    } as const;
    return (await jobs.find(item, search, { left: 2 }, signal).catch(() => undefined))?.endedAt;
  };

  return async (item, at, signal) => {
    if (item.kind !== 'workbook' && item.kind !== 'datasource') return { problems: [] };
    const [counted, lineage] = await Promise.allSettled([ofTasks(item), lineageOf(item.luid)]);
    const known = lineage.status === 'fulfilled' ? lineage.value : undefined;
    // What is newer than the failure is no last good refresh: the index is ahead, or a part was refreshed.
    const updatedAt = known?.updatedAt !== undefined && known.updatedAt < at ? known.updatedAt : undefined;
    const lastGoodAt = updatedAt ?? (await lastGood(item, at, signal));
    const facts = {
      ...(counted.status === 'fulfilled' && counted.value),
      ...optional('lastGoodAt', lastGoodAt),
      ...(item.kind === 'datasource' && optional('downstreamWorkbooks', known?.downstreamWorkbooks)),
    };
    const error: unknown = counted.status === 'rejected' ? counted.reason : undefined;
    if (error === undefined) return { ...facts, problems: [] };
    if (!(error instanceof ApplicationFailure)) throw error;
    if (!isRefused(error) && Object.keys(facts).length === 0) throw error;
    // A version that does not know the tasks says nothing of them.
    const unknown = / 404\d{3}:/.test(error.message);
    return { ...facts, problems: unknown ? [] : [error.message] };
  };
}

function byItem(tasks: Task[]): Map<string, Task[]> {
  const found = new Map<string, Task[]>();
  for (const task of tasks) {
    const about = as(Named, task.extractRefresh.workbook) ?? as(Named, task.extractRefresh.datasource);
    const luid = shown(about?.id);
    if (luid !== undefined) found.set(luid, [...(found.get(luid) ?? []), task]);
  }
  return found;
}

/** The worst count and the next run of an item's schedules. */
function inTasks(tasks: Task[] = []): OfTasks {
  const counts = tasks.flatMap(({ extractRefresh }) => countOf(extractRefresh.consecutiveFailedCount) ?? []);
  const runs = tasks.flatMap(({ extractRefresh }) => timeOf(as(Schedule, extractRefresh.schedule)?.nextRunAt) ?? []);
  return {
    ...(counts.length > 0 && { consecutiveFailures: Math.max(...counts) }),
    ...(runs.length > 0 && { nextRunAt: Math.min(...runs) }),
  };
}
