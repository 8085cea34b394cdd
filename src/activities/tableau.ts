import type { BaseLogger } from 'pino';
import { tableauUnavailable, type TableauActivities } from '../workflows/activity-contract.js';
import type { Cause, Item } from '../workflows/contract.js';
import { causeOf, notesOf } from '../tableau/cause.js';
import type { TableauClient } from '../tableau/client.js';
import { isRefused, silence, tableauFailure } from '../tableau/errors.js';
import { createItemLookUp } from '../tableau/item.js';
import { createJobs, type KnownJob } from '../tableau/jobs.js';
import { createLookUp, type LookUps } from '../tableau/look-up.js';
import { optional } from '../tableau/reading.js';
import { standingOf, startRefresh } from '../tableau/rerun.js';
import { createSeverityLookUp } from '../tableau/severity.js';
import { untilAborted } from '../tableau/until.js';

export interface TableauDependencies {
  tableau: TableauClient;
  logger: BaseLogger;
  /** How long one look-up may take, milliseconds. */
  deadline?: number;
  /** Pauses before a job that is not yet marked failed is looked for again, milliseconds. */
  looksAgain?: readonly number[];
}

const minute = 60_000;
/** How far a job's end is from the `created_at` of its event at most, milliseconds. */
const nearby = 10 * minute;
/** Look-ups that wait for a job to be marked failed: more would stand before the others of their task queue. */
const mostWaiting = 10;
const notYet = {
  type: tableauUnavailable,
  retryable: true,
  message: 'Tableau does not show the failed job yet.',
} as const;
const otherSite = 'The event is of another Tableau site than ours, so nothing was looked up.';

/**
 * Asks Tableau about items and runs their refreshes. Throws for one reason, of type `tableau-unavailable`, retryable: nothing
 * could be learnt now, and a later try may succeed.
 */
export function createTableauActivities(dependencies: TableauDependencies): TableauActivities & LookUps {
  const { tableau, logger, deadline = 11_000, looksAgain = [2_000, 4_000] } = dependencies;
  const jobs = createJobs(tableau);
  let waiting = 0;
  const lookUpItem = createItemLookUp(tableau);
  const lookUpSeverity = createSeverityLookUp(tableau, jobs);

  /** Work that ends in time, however long what it shares with others takes. */
  function within<T>(time: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(time);
    return untilAborted(signal, work(signal), () => tableauFailure(silence({ code: 'ERR_CANCELED' }, time / 1000)));
  }

  /** Why nothing can be looked up of an item, if so: told once, by the look-up of the item. */
  async function obstacle({ kind, luid, site }: Item, signal: AbortSignal): Promise<string | undefined> {
    if (kind !== 'workbook' && kind !== 'datasource') return '';
    if (!/^[\w-]+$/.test(luid)) return 'The event names nothing that can be looked up in Tableau.';
    if (site === '-') return undefined;
    const ours = await tableau.site(signal);
    return site.toLowerCase() === ours.toLowerCase() ? undefined : otherSite;
  }

  async function failedJob(
    item: Item,
    at: number,
    pauses: readonly number[],
    signal: AbortSignal,
  ): Promise<KnownJob | undefined> {
    const budget = { left: 5 };
    const search = { status: 'Failed', from: at - nearby, to: at + nearby, near: at } as const;
    let job = await jobs.find(item, { ...search, listAge: 1_500 }, budget, signal);
    for (const pause of pauses) {
      if (job || signal.aborted || waiting >= mostWaiting) break;
      waiting += 1;
      await new Promise((resolve) => setTimeout(resolve, pause));
      waiting -= 1;
      job = await jobs.find(item, { ...search, listAge: pause / 2 }, budget, signal);
    }
    return job;
  }

  const told = <T>(what: string, item: Item, found: T & { problems: string[] }): T => {
    if (found.problems.length > 0) logger.warn({ kind: item.kind, luid: item.luid, what }, found.problems.join(' '));
    return found;
  };

  /** What a refusal leaves: the sentence that says it. */
  const orProblem = <T extends { problems: string[] }>(work: Promise<T>): Promise<T | { problems: string[] }> =>
    work.catch((error: unknown) => {
      if (isRefused(error)) return { problems: [error.message] };
      throw error;
    });

  const looks: LookUps = {
    lookUpItem: ({ item }) =>
      within(deadline, async (signal) => {
        const facts = orProblem(
          obstacle(item, signal).then((problem) => {
            if (problem === undefined) return lookUpItem(item, signal);
            return { name: item.name, problems: problem === '' ? [] : [problem] };
          }),
        );
        return told('item', item, { name: item.name, ...(await facts) });
      }),

    lookUpCause: ({ item, event, at, once = false }) =>
      within(deadline, async (signal) => {
        const work = async (): Promise<Cause> => {
          if (!event.endsWith('RefreshFailed')) return { problems: [] };
          if ((await obstacle(item, signal)) !== undefined) return { problems: [] };
          const job = await failedJob(item, at, once ? [] : looksAgain, signal);
          if (!job && once) throw tableauFailure(notYet);
          if (!job) return { problems: ['Tableau shows no failed job of this refresh.'] };
          const cause = causeOf(job.notes);
          return {
            ...optional('cause', cause),
            ...optional('notes', notesOf(job.notes)),
            problems: cause === undefined ? ['The failed job does not say why.'] : [],
          };
        };
        return told('cause', item, await orProblem(work()));
      }),

    lookUpSeverity: ({ item, at }) =>
      within(deadline, async (signal) => {
        const work = async () =>
          (await obstacle(item, signal)) === undefined ? lookUpSeverity(item, at, signal) : { problems: [] };
        return told('severity', item, await orProblem(work()));
      }),
  };

  return {
    ...looks,
    lookUp: createLookUp(looks),

    hasRecovered: ({ item, at }) =>
      within(Math.min(deadline, 4_000), async (signal) => {
        if ((await obstacle(item, signal)) !== undefined) return false;
        const search = {
          status: 'Success',
          from: at + 1,
          to: Number.MAX_SAFE_INTEGER,
          near: at,
          listAge: 5_000,
        } as const;
        return (await jobs.find(item, search, { left: 5 }, signal)) !== undefined;
      }).catch(() => false),

    rerun: ({ item }) =>
      within(deadline, async (signal) => {
        try {
          const problem = await obstacle(item, signal);
          if (problem === otherSite) return { state: 'refused', why: 'It is of another Tableau site than ours.' };
          if (problem) return { state: 'refused', why: problem };
        } catch (error) {
          if (isRefused(error)) return { state: 'refused', why: error.message };
          throw error;
        }
        return startRefresh(tableau, item, signal);
      }),

    checkJob: ({ job }) =>
      within(deadline, async (signal) =>
        /^[\w-]+$/.test(job) ? standingOf(tableau, job, signal) : { state: 'unknown' },
      ),
  };
}
