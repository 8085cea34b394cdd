/** Looks at the freshness of a site: reads the promises and Tableau, judges, and finds out why what is late is late (docs/decisions, 36). */
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { allWithdrawn, withdrawnIn } from '../policy/freshness/ends.js';
import { withLook } from '../policy/freshness/episodes.js';
import { judge } from '../policy/freshness/judge.js';
import type { Judgement } from '../policy/freshness/judgement.js';
import { createLearning } from '../policy/freshness/learning.js';
import { packMemory, unpackMemory, watchedText } from '../policy/freshness/memory.js';
import type { FreshnessPromise } from '../policy/freshness/promise.js';
import { newMemory, type Memory } from '../policy/freshness/remembered.js';
import { shownPromises } from '../policy/freshness/shown-promises.js';
import { noticeChannelOf } from '../policy/overrides.js';
import type { Escalation } from '../policy/route.js';
import type { TableauClient } from '../tableau/rest/client.js';
import { isSignInRefused, TableauError } from '../tableau/rest/errors.js';
import { createJobs } from '../tableau/look-ups/jobs.js';
import { createLateReason } from '../tableau/look-ups/late-reason.js';
import { addJobTimes, readSiteData, type SiteData } from '../tableau/look-ups/site-data.js';
import type { Webhook } from '../tableau/rest/webhook-list.js';
import { day, hour, minute } from '../workflows/contract.js';
import type {
  CheckInput,
  FreshnessActivities,
  FreshnessAlarm,
  FreshnessCheck,
  Found,
} from '../workflows/freshness-contract.js';
import { withHeartbeat } from './long-work.js';
import { foundOf, nothingFound } from './found-late.js';
import { findReasons, reportLate, type LateReport, type Reasons } from './explain-late.js';

export interface FreshnessDependencies {
  escalation: EscalationSource;
  tableau: TableauClient;
  /** The address that webhooks must have, without a trailing slash. */
  publicUrl: string;
  logger: BaseLogger;
  clock?: () => number;
}

/** While something is late new data is looked for, less and less often: Tableau's webhook of a success is faster. */
const lookAgainMs = { least: 5 * minute, most: hour } as const;
/** A job that has new data after all changes the judgement of others. */
const mostRounds = 3;

export function createFreshnessActivities(dependencies: FreshnessDependencies): FreshnessActivities {
  const { escalation, tableau, publicUrl, logger, clock = Date.now } = dependencies;
  const reasonOf = createLateReason(tableau, createJobs(tableau));
  const learning = createLearning();
  const warnedAt = new Map<string, number>();

  async function look(inForce: Escalation, { memory: text, reported }: CheckInput): Promise<FreshnessCheck> {
    const promises = inForce.freshness ?? [];
    const now = clock();
    const check: FreshnessCheck = {
      promises: watchedText(inForce),
      memory: text ?? packMemory(newMemory()),
      found: null,
      alarms: [],
      operators: operatorsOf(inForce),
      ...(inForce.flows && { flows: { everyMs: inForce.flows.everyMs } }),
      next: { at: now + day, what: 'Nothing is promised' },
    };
    const before = unpackMemory(text);
    if (promises.length === 0) {
      const withdrawn = reported && allWithdrawn(reported, before);
      return { ...check, memory: packMemory(newMemory()), found: nothingFound(inForce, withdrawn) };
    }
    try {
      const [data, alarms] = await Promise.all([readSiteData(tableau, now), webhookAlarms()]);
      data.problems.forEach(warn);
      if (data.timesBy === null)
        return { ...check, alarms: [...alarms, noTimes], next: { at: now + 5 * minute, what: 'Ask Tableau again' } };
      const [judgement, reasons] = await judged(promises, data, before, now);
      const report = reportLate(judgement, data, reasons, now);
      if (report.waiting > 0) logger.warn({ waiting: report.waiting }, 'More items are late than are reported');
      warnOfHistories(judgement);
      const withdrawn = reported && withdrawnIn(reported, data, before, judgement);
      const found = foundOf(inForce, judgement, report, withdrawn);
      const memory = packMemory(withEpisodes(judgement, report, data, now));
      const shown = shownPromises(judgement.memory, now);
      return { ...check, memory, found, alarms, next: nextLook(judgement, found, now), shown };
    } catch (error) {
      if (!(error instanceof TableauError)) throw error;
      logger.warn({ why: error.message }, 'Tableau does not tell how fresh its data is');
      const alarms: FreshnessAlarm[] = isSignInRefused(error)
        ? [{ code: 'tableau-sign-in', text: `${error.message} Nobody knows which data is late.` }]
        : [];
      return { ...check, alarms, next: { at: now + minute, what: 'Ask Tableau again' } };
    }
  }

  /** What seems late is looked for among jobs, too, of which the index of the Metadata API may not know yet. */
  async function judged(
    promises: readonly FreshnessPromise[],
    data: SiteData,
    before: Memory,
    now: number,
  ): Promise<[Judgement, Reasons]> {
    const judgeNow = (): Judgement => judge(promises, data, before, now, learning);
    const reasons: Reasons = new Map();
    let judgement = judgeNow();
    if (judgement.late.length === 0) return [judgement, reasons];
    const [openJobs = []] = await Promise.all([
      orUnknown(tableau.openJobs(AbortSignal.timeout(minute))),
      data.timesBy === 'extracts' && orUnknown(addJobTimes(data.items, tableau, now, AbortSignal.timeout(minute))),
    ]);
    judgement = judgeNow();
    for (let round = 0; round < mostRounds && judgement.late.length > 0; round += 1) {
      if (!(await findReasons(judgement, data, { openJobs, reasonOf, now, reasons }))) break;
      judgement = judgeNow();
    }
    return [judgement, reasons];
  }

  function warnOfHistories({ withoutHistory: items }: Judgement): void {
    if (items > 0)
      logger.warn({ items }, 'Not all items with learned promises have a history: nothing is due of the others');
  }

  async function webhookAlarms(): Promise<FreshnessAlarm[]> {
    const hooks = await orUnknown(tableau.webhooks(AbortSignal.timeout(minute)));
    return hooks === undefined ? [] : alarmsFor(hooks, publicUrl);
  }

  /** Once a day: a connected app may never see webhooks, for example. */
  function warn(problem: string): void {
    if (clock() - (warnedAt.get(problem) ?? Number.NEGATIVE_INFINITY) < day) return;
    warnedAt.set(problem, clock());
    logger.warn({ problem }, 'Tableau does not show all of the freshness');
  }

  /** What a look can do without. */
  async function orUnknown<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof TableauError)) throw error;
      const { message: problem } = error;
      if (isSignInRefused(error)) throw error;
      warn(problem);
      return undefined;
    }
  }

  return {
    checkFreshness: (input) => withHeartbeat(() => look(escalation.current(), input)),
  };
}

function operatorsOf(escalation: Escalation): FreshnessCheck['operators'] {
  return (escalation.operators ?? []).flatMap((contact) => {
    const channel = noticeChannelOf(escalation, contact);
    return channel === undefined ? [] : [{ contact, channel }];
  });
}

function withEpisodes(judgement: Judgement, { episodes: late }: LateReport, { items }: SiteData, now: number): Memory {
  const { memory } = judgement;
  const luids = new Set(judgement.late.flatMap(({ row, root }) => [row.item.luid, root]));
  const episodes = withLook(memory.episodes ?? [], {
    late,
    isLate: (luid) => luids.has(luid),
    dataAt({ luid, deadline }) {
      const row = memory.items[luid];
      if (row) return row.goneAt === undefined ? row.lastDataAt : undefined;
      // A data source may be late although only what is built on it is promised.
      const at = items.get(luid)?.lastDataAt;
      return at !== undefined && at > deadline ? at : undefined;
    },
    now,
  });
  return { ...memory, episodes };
}

function nextLook({ nextAt }: Judgement, { late, more }: Found, now: number): FreshnessCheck['next'] {
  if (more > 0) return { at: now, what: 'Report the other late items' };
  // Where nobody is paged the time of the data is enough, whenever it is seen.
  const newest = Math.max(0, ...late.flatMap(({ deadline, policy }) => (policy === undefined ? [] : [deadline])));
  const again = now + Math.min(lookAgainMs.most, Math.max(lookAgainMs.least, Math.round((now - newest) / 4)));
  return nextAt !== null && nextAt <= again
    ? { at: nextAt, what: 'A deadline' }
    : { at: again, what: 'Look at Tableau again' };
}

const noTimes: FreshnessAlarm = {
  code: 'data-times-unknown',
  text:
    'Tableau shows neither by its Metadata API nor by its jobs when data was refreshed, so that nobody knows which data is late. ' +
    'The user that we sign in as must be a site administrator.',
};

const neededEvents = ['WorkbookRefreshFailed', 'DatasourceRefreshFailed'];

/** @param publicUrl the beginning of the address of our webhooks */
export function alarmsFor(hooks: readonly Webhook[], publicUrl: string): FreshnessAlarm[] {
  const ours = hooks.filter(({ url }) => url.startsWith(`${publicUrl}/notifier`));
  const missing = neededEvents.filter((event) => !ours.some((hook) => hook.event === event));
  const disabled = neededEvents.filter(
    (event) => !missing.includes(event) && !ours.some((hook) => hook.event === event && hook.enabled),
  );
  const fix = 'The command "webhooks sync" makes them.';
  return [
    ...(missing.length > 0
      ? [{ code: 'webhooks-missing', text: `Tableau has no webhook for ${missing.join(' and ')}. ${fix}` } as const]
      : []),
    ...(disabled.length > 0
      ? [
          {
            code: 'webhooks-disabled',
            text: `Tableau has disabled the webhook for ${disabled.join(' and ')}. ${fix}`,
          } as const,
        ]
      : []),
  ];
}
