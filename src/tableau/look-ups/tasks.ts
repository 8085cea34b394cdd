import { minute, second } from '../../workflows/contract.js';
import { createCache } from '../cache.js';
import type { TableauClient } from '../rest/client.js';
import { isRefused } from '../rest/errors.js';
import { countOf, shown } from '../rest/reading.js';
import { as, Named, type Task } from '../rest/schemas.js';
import { sharedRequestSignal } from '../rest/timeouts.js';

/**
 * The extract refresh tasks of an item. What was requested before `requestedSince` does not count. Throws a TableauError when Tableau does not
 * show any.
 */
export type TasksOf = (luid: string, requestedSince?: number) => Promise<Task[]>;

/** Reads the tasks of the whole site in one request, which is cached: Tableau can neither filter nor page them. */
export function createTasks(tableau: TableauClient): TasksOf {
  const tasks = createCache<Map<string, Task[]>>({
    ttlMs: minute,
    failureTtlMs: (error) => (isRefused(error) ? 10 * minute : second),
  });
  const load = async () => byItem(await tableau.tasks(sharedRequestSignal()));
  return async (luid, requestedSince) => (await tasks.get('all', load, requestedSince)).get(luid) ?? [];
}

/** By the luid of what they refresh. */
export function byItem(tasks: readonly Task[]): Map<string, Task[]> {
  const found = new Map<string, Task[]>();
  for (const task of tasks) {
    const item = as(Named, task.extractRefresh.workbook) ?? as(Named, task.extractRefresh.datasource);
    const luid = shown(item?.id);
    if (luid !== undefined) found.set(luid, [...(found.get(luid) ?? []), task]);
  }
  return found;
}

/** Failures in a row, of the worst of these tasks. */
export function failuresInARow(tasks: readonly Task[]): number | undefined {
  const counts = tasks.flatMap(({ extractRefresh }) => countOf(extractRefresh.consecutiveFailedCount) ?? []);
  return counts.length > 0 ? Math.max(...counts) : undefined;
}
