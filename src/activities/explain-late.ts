/** Groups late items under what they are built on, and says of each group why it is late. */
import { deadlineText, itemsText, promiseText } from '../policy/freshness/deadlines.js';
import type { Episode } from '../policy/freshness/episodes.js';
import type { Judgement, LateItem } from '../policy/freshness/judgement.js';
import type { FreshnessPromise } from '../policy/freshness/promise.js';
import { clockText } from '../policy/local-time.js';
import { isSignInRefused, TableauError } from '../tableau/rest/errors.js';
import type { createLateReason, Reason } from '../tableau/look-ups/late-reason.js';
import type { SiteData, SiteItem } from '../tableau/look-ups/site-data.js';
import type { OpenJob } from '../tableau/rest/site-lists.js';
import { incidentIdFor, summaryOf } from '../temporal/incident-ids.js';
import { refreshMissing, type Late, type LateState } from '../workflows/freshness-contract.js';
import type { Item, TableauEvent } from '../workflows/contract.js';
import { duration } from '../workflows/words.js';
import { inLanes } from './long-work.js';

type LateReason = Extract<Reason, { state: LateState }>;

interface Options {
  openJobs: readonly OpenJob[];
  reasonOf: ReturnType<typeof createLateReason>;
  now: number;
}

/** Groups whose jobs are read; of the others the lists have to say enough. */
const mostExplained = 50;
const atOnce = 5;
const reasonMs = 20_000;

interface Group {
  root: string;
  items: LateItem[];
}

/** By the luid of the root of a group. */
export type Reasons = Map<string, LateReason>;

/** Groups of one look that reach the workflow, and of all looks: with what is remembered its state stays below 2 MB. */
const mostOfLook = 500;
const mostReported = 1_000;

/**
 * Finds the reasons of groups that have none yet. True: a job has refreshed something after all, which `data` says now, so that it has to be
 * judged again.
 */
export async function findReasons(
  { late }: Judgement,
  data: SiteData,
  { reasons, ...options }: Options & { reasons: Reasons },
): Promise<boolean> {
  const groups = grouped(late)
    .filter((group) => !reasons.has(group.root) && !isKnownShadow(group))
    .slice(0, mostExplained);
  let hasNewData = false;
  await inLanes(groups, atOnce, async (group) => {
    const { root } = group;
    const facts = data.items.get(root);
    if (!facts) return;
    // It is late all the same where Tableau does not answer; only why stays unknown.
    const reason = await reasonFor(group, facts, data, options).catch(rethrowUnlessUnavailable);
    if (!reason) return;
    if ('state' in reason) {
      reasons.set(root, reason);
      return;
    }
    facts.lastDataAt = Math.max(facts.lastDataAt ?? 0, reason.dataAt);
    hasNewData = true;
  });
  return hasNewData;
}

export interface LateReport {
  /** What is new first, then what earlier looks have reported. */
  late: Late[];
  /** Of the same, to be remembered. */
  episodes: Episode[];
  isComplete: boolean;
  /** New ones for the next look. */
  more: number;
  /** New ones beyond what is reported at all: they wait until others have new data. */
  waiting: number;
}

/** Groups late items under their roots, and writes state and reason into the rows of the judgement. */
export function reportLate(judgement: Judgement, data: SiteData, reasons: Reasons, now: number): LateReport {
  const groups = grouped(judgement.late);
  const old = groups.filter(isReported);
  const unreported = groups.filter((group) => !isReported(group));
  const room = Math.max(0, mostReported - old.length);
  const sent = unreported.slice(0, Math.min(room, mostOfLook));
  for (const { items } of unreported.slice(sent.length)) for (const { row } of items) row.isWaiting = true;
  const lines = new Map(groups.map((group) => [group, reported(group, reasons.get(group.root), data, now)]));
  const shown = [...sent, ...old].slice(0, mostOfLook);
  const late = shown.flatMap((group) => lines.get(group) ?? []);
  const episodes = shown.flatMap((group) => {
    const line = lines.get(group);
    return line ? [episodeOf(line, leading(group))] : [];
  });
  const more = Math.min(unreported.length, room) - sent.length;
  return {
    late,
    episodes,
    isComplete: shown.length === groups.length,
    more,
    waiting: unreported.length - sent.length - more,
  };
}

function rethrowUnlessUnavailable(error: unknown): undefined {
  if (!(error instanceof TableauError) || isSignInRefused(error)) throw error;
  return undefined;
}

const isReported = (group: Group): boolean => leading(group).known !== undefined;

/** Why it is late was found out, and nobody is paged: the next data shows in the lists. */
const isKnownShadow = ({ items }: Group): boolean =>
  items.every(({ promise, known }) => promise.shadow && known !== undefined);

/** What is new first, then what most depends on, then what is due longest. */
function grouped(late: readonly LateItem[]): Group[] {
  const byRoot = new Map<string, LateItem[]>();
  for (const one of late) byRoot.set(one.root, [...(byRoot.get(one.root) ?? []), one]);
  return [...byRoot]
    .map(([root, items]) => ({ root, items }))
    .toSorted(
      (one, other) =>
        Number(isReported(one)) - Number(isReported(other)) ||
        other.items.length - one.items.length ||
        leading(one).deadline - leading(other).deadline,
    );
}

/** By which the group is paged: of those that page somebody, the item of the newest deadline, which is the root where it is one of them. */
function leading({ root, items }: Group): LateItem {
  const [first] = items.toSorted(
    (one, other) =>
      Number(one.promise.shadow) - Number(other.promise.shadow) ||
      other.deadline - one.deadline ||
      Number(other.row.item.luid === root) - Number(one.row.item.luid === root),
  );
  if (!first) throw new RangeError('A group of late items has none.');
  return first;
}

const clockOf =
  ({ due }: FreshnessPromise) =>
  (at: number): string =>
    due.kind !== 'age' ? clockText(at, due.timezone).slice(-5) : `${new Date(at).toISOString().slice(11, 16)} UTC`;

async function reasonFor(
  group: Group,
  facts: SiteItem,
  data: SiteData,
  { openJobs, reasonOf, now }: Options,
): Promise<Reason> {
  const { promise, dataFrom } = leading(group);
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

function reported(group: Group, reason: LateReason | undefined, data: SiteData, now: number): Late {
  const { promise, known, row, deadline } = leading(group);
  const item = itemOf(group, data);
  const dependants = group.items.filter((one) => one.row.item.luid !== group.root).length;
  const what = whatIsLate(promise, deadline, now);
  const state = reason?.state ?? known?.state ?? 'unknown';
  const why = reason ? `${what}: ${reason.text}.` : (known?.why ?? `${what}.`);
  for (const one of group.items) {
    one.row.state = state;
    one.row.why = one.row.item.luid === group.root ? why : `It is built on "${item.name}", which is late.`;
    if (one.row.item.luid !== group.root) one.row.root = item.name;
  }
  const lastDataAt = data.items.get(group.root)?.lastDataAt ?? row.lastDataAt;
  const event: TableauEvent = { type: refreshMissing, item, createdAt: deadline, receivedAt: now, why };
  return {
    item,
    incident: incidentIdFor(event),
    summary: summaryOf(event),
    deadline,
    state,
    why,
    ...(!promise.shadow && { policy: promise.policy }),
    ...(lastDataAt !== undefined && { lastDataAt }),
    ...(dependants > 0 && { dependants }),
    ...(reason?.hasFailed && { hasFailed: true }),
  };
}

function episodeOf({ item, deadline, state }: Late, { promise, row: { nextDeadline } }: LateItem): Episode {
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
