/** Groups late items under what they are built on, and says of each group why it is late. */
import { deadlineText, itemsText, promiseText } from '../policy/freshness/deadlines.js';
import type { Judgement, LateItem } from '../policy/freshness/judge.js';
import type { Episode } from '../policy/freshness/episodes.js';
import type { FreshnessPromise } from '../policy/freshness/promise.js';
import { clockText } from '../policy/local-time.js';
import { isSignInRefused, TableauError } from '../tableau/errors.js';
import type { createLateReason, Reason } from '../tableau/late-reason.js';
import type { SiteData } from '../tableau/site-data.js';
import type { OpenJob } from '../tableau/site-lists.js';
import { incidentIdFor, summaryOf } from '../temporal/incident-ids.js';
import { refreshMissing, type Late } from '../workflows/freshness-contract.js';
import type { Item, TableauEvent } from '../workflows/contract.js';
import { duration } from '../workflows/words.js';

interface Options {
  openJobs: readonly OpenJob[];
  reasonOf: ReturnType<typeof createLateReason>;
  /** What was found out in this look. */
  reasons: Map<string, Reason>;
  now: number;
}

/** Groups whose jobs are read; of the others the lists have to say enough. */
const mostExplained = 50;
const atOnce = 5;
const reasonMs = 20_000;

/** What the workflow reports, and what is remembered of it. */
export interface ReportedLate {
  late: Late;
  episode: Episode;
}

interface Group {
  root: string;
  items: LateItem[];
}

/**
 * Writes state and reason into the rows of the judgement. `hasNewData`: a job has refreshed something after all, and `data` says so now; `late` is
 * what is left.
 */
export async function explainLate(
  { late }: Judgement,
  data: SiteData,
  options: Options,
): Promise<{ late: ReportedLate[]; hasNewData: boolean }> {
  const groups = grouped(late);
  const { reasons } = options;
  const queue = groups.filter((group) => !isKnownShadow(group) && !reasons.has(keyOf(group))).slice(0, mostExplained);
  const lane = async (): Promise<void> => {
    for (let group = queue.shift(); group; group = queue.shift())
      await reasonFor(group, data, options).then(
        (reason) => reasons.set(keyOf(group), reason),
        // It is late all the same; only why stays unknown.
        rethrowUnlessUnavailable,
      );
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  let hasNewData = false;
  const left = groups.filter((group) => {
    const reason = reasons.get(keyOf(group));
    const facts = data.items.get(group.root);
    if (!reason || !('dataAt' in reason) || !facts || reason.dataAt <= (facts.lastDataAt ?? 0)) return true;
    facts.lastDataAt = reason.dataAt;
    hasNewData = true;
    return false;
  });
  return { late: left.map((group) => reported(group, reasons.get(keyOf(group)), data, options.now)), hasNewData };
}

/** A reason holds for a data source, and for what would be in time. */
const keyOf = (group: Group): string => `${group.root} ${leading(group).dataFrom}`;

function rethrowUnlessUnavailable(error: unknown): void {
  if (!(error instanceof TableauError) || isSignInRefused(error)) throw error;
}

/** What most depends on first, then what is due longest. */
function grouped(late: readonly LateItem[]): Group[] {
  const groups = new Map<string, LateItem[]>();
  for (const one of late) groups.set(one.root, [...(groups.get(one.root) ?? []), one]);
  return [...groups]
    .map(([root, items]) => ({ root, items }))
    .toSorted((one, other) => other.items.length - one.items.length || deadlineOf(one) - deadlineOf(other));
}

/** Of those that page somebody, where there are any: an earlier one that nobody was paged for must not count as the same. */
function deadlineOf({ items }: Group): number {
  const paging = items.filter(({ promise }) => !promise.shadow);
  return Math.min(...(paging.length > 0 ? paging : items).map(({ deadline }) => deadline));
}

/** Why it is late was found out, and nobody is paged: the next data shows in the lists. */
const isKnownShadow = ({ items }: Group): boolean =>
  items.every(({ promise, known }) => promise.shadow && known !== undefined);

/** The promise by which the group is paged: that of its root, else the first that pages somebody. */
function leading({ root, items }: Group): LateItem {
  const paging = items.filter(({ promise }) => !promise.shadow);
  const [first = items[0]] = paging;
  const own = paging.find(({ row }) => row.item.luid === root);
  const found = own ?? first;
  if (!found) throw new RangeError('A group of late items has none.');
  return found;
}

const clockOf =
  ({ due }: FreshnessPromise) =>
  (at: number): string =>
    due.kind !== 'age' ? clockText(at, due.timezone).slice(-5) : `${new Date(at).toISOString().slice(11, 16)} UTC`;

async function reasonFor(group: Group, data: SiteData, { openJobs, reasonOf, now }: Options): Promise<Reason> {
  const { promise, dataFrom } = leading(group);
  const facts = data.items.get(group.root);
  if (!facts) return { state: 'deleted', text: 'Tableau does not show it any more' };
  const own = group.items.find((one) => one.row.item.luid === group.root);
  const { expectedAt } = own?.row ?? {};
  const input = {
    item: itemOf(group, data),
    facts,
    dataFrom,
    ...(expectedAt !== undefined && { expectedAt }),
    openJobs,
    clock: clockOf(promise),
  };
  return reasonOf(input, now, AbortSignal.timeout(reasonMs));
}

function itemOf({ root, items }: Group, data: SiteData): Item {
  const own = items.find(({ row }) => row.item.luid === root);
  const facts = data.items.get(root);
  if (own) return own.row.item;
  return { kind: 'datasource', luid: root, name: facts?.name ?? root, site: data.site };
}

function whatIsLate({ due }: FreshnessPromise, deadline: number, now: number): string {
  if (due.kind === 'age') return `Its data is more than ${duration(due.maxAgeMs)} old`;
  const by = `No new data by ${deadlineText(deadline, due, now)}`;
  return due.kind === 'learned' ? `${by} (learned)` : by;
}

function reported(group: Group, reason: Reason | undefined, data: SiteData, now: number): ReportedLate {
  const { promise, known, row } = leading(group);
  const item = itemOf(group, data);
  const deadline = deadlineOf(group);
  const dependants = group.items.filter((one) => one.row.item.luid !== group.root).length;
  const what = whatIsLate(promise, deadline, now);
  const found = reason && 'state' in reason ? reason : undefined;
  const state = found?.state ?? known?.state ?? 'unknown';
  const why = found ? `${what}: ${found.text}.` : (known?.why ?? `${what}.`);
  for (const one of group.items) {
    one.row.state = state;
    one.row.why = one.row.item.luid === group.root ? why : `It is built on "${item.name}", which is late.`;
    if (one.row.item.luid !== group.root) one.row.root = item.name;
  }
  const lastDataAt = data.items.get(group.root)?.lastDataAt ?? row.lastDataAt;
  const event: TableauEvent = { type: refreshMissing, item, createdAt: deadline, receivedAt: now, why };
  const late: Late = {
    item,
    incident: incidentIdFor(event),
    summary: summaryOf(event),
    deadline,
    state,
    why,
    ...(!promise.shadow && { policy: promise.policy }),
    ...(lastDataAt !== undefined && { lastDataAt }),
    ...(dependants > 0 && { dependants }),
  };
  return { late, episode: episodeOf(late, promise, row.nextDeadline) };
}

function episodeOf(
  { item, deadline, state }: Late,
  promise: FreshnessPromise,
  nextDeadline: number | undefined,
): Episode {
  return {
    luid: item.luid,
    name: item.name ?? item.luid,
    promise: `${itemsText(promise.items)}: ${promiseText(promise)}`,
    ...(promise.due.kind === 'learned' && { learned: true }),
    deadline,
    ...(nextDeadline !== undefined && { nextDeadline }),
    state,
    ...(promise.shadow && { shadow: true }),
  };
}
