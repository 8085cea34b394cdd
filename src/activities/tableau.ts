import { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import { createCatalog, type Catalog } from '../tableau/look-ups/catalog.js';
import type { TableauClient } from '../tableau/rest/client.js';
import { isRefused, isSignInRefused, TableauError } from '../tableau/rest/errors.js';
import { createFindFailedJob } from '../tableau/look-ups/failed-job.js';
import { createItemLookUp } from '../tableau/look-ups/item.js';
import { createJobs, type Jobs } from '../tableau/look-ups/jobs.js';
import { createLookUp, type LookUps } from '../tableau/look-ups/look-up.js';
import { jobStatusOf, startRefresh } from '../tableau/look-ups/rerun.js';
import { createItemStatus } from '../tableau/look-ups/item-status.js';
import { createLineage } from '../tableau/look-ups/lineage.js';
import { createSeverityLookUp } from '../tableau/look-ups/severity.js';
import { withTimeout } from '../tableau/rest/timeouts.js';
import { tableauUnavailable, type TableauActivities } from '../workflows/activity-contract.js';
import { canBeRefreshed, type Cause, type Item } from '../workflows/contract.js';

export interface TableauDependencies {
  tableau: TableauClient;
  /** Shared with other activities; by default one of its own. */
  catalog?: Catalog;
  logger: BaseLogger;
  /** The key of the contact whom Tableau knows by one of these names; null where there is none, which is the default. */
  contactOf?: (names: readonly string[]) => string | null;
  /** Of one look-up. */
  lookUpTimeoutMs?: number;
  /** Delays before further searches for a job that is not yet marked failed. */
  jobRetryDelaysMs?: readonly number[];
}

/** For a look-up that must not wait until the job is marked failed, but has a moment. */
const onceDelaysMs = [100, 200];
const recoveryTimeoutMs = 4_000;
const jobNotFailedYet = {
  type: tableauUnavailable,
  retryable: true,
  message: 'Tableau does not show the failed job yet.',
} as const;
const unlookable = 'The event names nothing that can be looked up in Tableau.';
const otherSite = 'The event is of another Tableau site than ours, so nothing was looked up.';

/**
 * Looks up items in Tableau and runs their refreshes. Every failure is of type `tableau-unavailable` and retryable: nothing could be
 * learnt now, and a later try may succeed.
 */
export function createTableauActivities(dependencies: TableauDependencies): TableauActivities & LookUps {
  const { tableau, lookUpTimeoutMs = 11_000, jobRetryDelaysMs = [2_000, 4_000] } = dependencies;
  const { catalog = createCatalog(tableau), contactOf = () => null } = dependencies;
  const jobs = createJobs(tableau);
  const { tasksOf } = catalog;
  const lineageOf = createLineage(tableau);
  const statusOf = createItemStatus({ tableau, jobs, tasksOf, lineageOf });
  const lookUpSeverity = createSeverityLookUp(tasksOf, lineageOf, jobs);
  const lookUps = createLookUps(jobs, lookUpSeverity, {
    ...dependencies,
    catalog,
    contactOf,
    lookUpTimeoutMs,
    jobRetryDelaysMs,
  });
  return {
    lookUp: createLookUp(lookUps),
    lookUpItem: (input) => orApplicationFailure(lookUps.lookUpItem(input)),
    lookUpCause: (input) => orApplicationFailure(lookUps.lookUpCause(input)),
    lookUpSeverity: (input) => orApplicationFailure(lookUps.lookUpSeverity(input)),

    hasRecovered: ({ item, at }) =>
      withTimeout(Math.min(lookUpTimeoutMs, recoveryTimeoutMs), async (signal) => {
        if ((await lookUpProblem(tableau, item, signal)) !== undefined) return false;
        const to = Number.MAX_SAFE_INTEGER;
        const search = { status: 'Success', from: at + 1, to, near: at, listedSince: Date.now() - 5_000 } as const;
        return (await jobs.find(item, search, { left: 5 }, signal)) !== undefined;
      }).catch(() => false),

    rerun: ({ item }) =>
      orApplicationFailure(
        withTimeout(lookUpTimeoutMs, async (signal) => {
          try {
            const problem = await lookUpProblem(tableau, item, signal);
            if (problem === otherSite) return { state: 'refused', why: 'It is of another Tableau site than ours.' };
            if (problem) return { state: 'refused', why: problem };
          } catch (error) {
            if (isRefused(error) || isSignInRefused(error)) return { state: 'refused', why: error.message };
            throw error;
          }
          return startRefresh(tableau, item, signal);
        }),
      ),

    checkJob: ({ job }) =>
      orApplicationFailure(
        withTimeout(lookUpTimeoutMs, async (signal) =>
          /^[\w-]+$/.test(job) ? jobStatusOf(tableau, job, signal) : { state: 'unknown' },
        ),
      ),

    checkItem: ({ item, at }) =>
      orApplicationFailure(
        withTimeout(lookUpTimeoutMs, async (signal) => {
          const problem = await lookUpProblem(tableau, item, signal);
          if (problem !== undefined) return { state: 'unknown', why: problem };
          return canBeRefreshed(item) ? statusOf(item, at, signal) : { state: 'unknown', why: '' };
        }),
      ),
  };
}

function createLookUps(
  jobs: Jobs,
  lookUpSeverity: ReturnType<typeof createSeverityLookUp>,
  dependencies: Required<TableauDependencies>,
): LookUps {
  const { tableau, catalog, contactOf, logger, lookUpTimeoutMs, jobRetryDelaysMs } = dependencies;
  const lookUpItem = createItemLookUp(catalog, contactOf);
  const findFailedJob = createFindFailedJob(jobs);

  const logged = <T>(what: string, item: Item, found: T & { problems: string[] }): T => {
    if (found.problems.length > 0) logger.warn({ kind: item.kind, luid: item.luid, what }, found.problems.join(' '));
    return found;
  };
  async function causeIn(item: Item, at: number, once: boolean, signal: AbortSignal): Promise<Cause> {
    if ((await lookUpProblem(tableau, item, signal)) !== undefined) return { problems: [] };
    const job = await findFailedJob(item, at, once ? onceDelaysMs : jobRetryDelaysMs, signal);
    if (!job && once) throw new TableauError(jobNotFailedYet);
    if (!job) return { problems: ['Tableau shows no failed job of this refresh.'] };
    return job.cause === undefined
      ? { problems: ['The failed job gives no reason.'] }
      : { cause: job.cause, problems: [] };
  }

  return {
    lookUpItem: ({ item }) =>
      withTimeout(lookUpTimeoutMs, async (signal) => {
        const facts = orProblem(
          lookUpProblem(tableau, item, signal).then((problem) => {
            if (problem === undefined) return lookUpItem(item, signal);
            const problems = problem === '' ? [] : [problem];
            return { name: item.name, problems, ...(problem === unlookable && { unknownItem: true }) };
          }),
        );
        return logged('item', item, { name: item.name, ...(await facts) });
      }),

    lookUpCause: ({ item, event, at, once = false }) =>
      withTimeout(lookUpTimeoutMs, async (signal) => {
        const cause = event.endsWith('RefreshFailed') ? causeIn(item, at, once, signal) : { problems: [] };
        return logged('cause', item, await orProblem(Promise.resolve(cause)));
      }),

    lookUpSeverity: ({ item, at }) =>
      withTimeout(lookUpTimeoutMs, async (signal) => {
        const severity = lookUpProblem(tableau, item, signal).then((problem) =>
          problem === undefined ? lookUpSeverity(item, at, signal) : { problems: [] },
        );
        return logged('severity', item, await orProblem(severity));
      }),
  };
}

/**
 * Why an item cannot be looked up; '' when there is nothing to look up for its kind, undefined when it can be looked up. The look-up of the
 * item alone reports it.
 */
async function lookUpProblem(tableau: TableauClient, item: Item, signal: AbortSignal): Promise<string | undefined> {
  if (!canBeRefreshed(item)) return '';
  const { luid, site } = item;
  if (!/^[\w-]+$/.test(luid)) return unlookable;
  if (site === '-') return undefined;
  const ours = await tableau.site(signal);
  return site.toLowerCase() === ours.toLowerCase() ? undefined : otherSite;
}

/** A refusal of Tableau is a problem of the result, not a failure. */
const orProblem = <T extends { problems: string[] }>(work: Promise<T>): Promise<T | { problems: string[] }> =>
  work.catch((error: unknown) => {
    if (isRefused(error)) return { problems: [error.message] };
    throw error;
  });

/** A TableauError as the ApplicationFailure that leaves an activity. */
export const orApplicationFailure = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (!(error instanceof TableauError)) throw error;
    const { type, retryable, message } = error;
    if (isSignInRefused(error)) throw ApplicationFailure.create({ type: tableauUnavailable, message });
    throw ApplicationFailure.create({ type, nonRetryable: !retryable, message });
  });
