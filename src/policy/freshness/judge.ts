/** Judges whether the items of a site have the data that is promised. Pure. */
import type { FreshnessRow, LateState } from '../../workflows/freshness-contract.js';
import type { RefreshableKind } from '../../workflows/contract.js';
import { matchesName, matchesPath } from '../glob.js';
import { lastDeadline, nextDeadline, promiseText } from './deadlines.js';
import type { FreshnessPromise, ItemMatch } from './promise.js';

/** What is known of an item now. */
export interface ItemFacts {
  kind: RefreshableKind;
  luid: string;
  name: string;
  project?: string;
  tags: readonly string[];
  hasExtract: boolean;
  nextRunAt?: number;
  lastDataAt?: number;
  /** The luids of the published data sources that it is built on. */
  upstream: readonly string[];
}

/** What one look remembers for the next. */
export interface Memory {
  version: 1;
  /** When each promise was first seen, by its id: earlier deadlines do not count. */
  promises: Record<string, number>;
  /** Every promised item, by its luid. */
  items: Record<string, Remembered>;
}

export interface Remembered extends FreshnessRow {
  /** When it was first seen as promised. */
  seenAt: number;
  /** The luid of the item because of which it is late; its own where there is none. */
  rootLuid?: string;
  /** It is late, and no look has reported it yet: there were too many. */
  isWaiting?: true;
}

export const newMemory = (): Memory => ({ version: 1, promises: {}, items: {} });

/** A promised item that has no new data at its deadline. */
export interface LateItem {
  row: Remembered;
  promise: FreshnessPromise;
  deadline: number;
  /** The luid of the data source because of which it is late; its own where there is none. */
  root: string;
  /** It was reported for this deadline, by a look that found out why. */
  known?: { state: LateState; why: string };
}

export interface Judgement {
  memory: Memory;
  late: LateItem[];
  /** When the next deadline is; null where there is none. */
  nextAt: number | null;
  /** Items that were late at the last look, or because of which others were, and are not any more, with the time of their data. */
  fresh: { luid: string; at: number }[];
}

/** A run may begin a little before its time, by the clock of another machine. */
const toleranceMs = 60_000;

const isMatch = ({ item, project, tag }: ItemMatch, facts: ItemFacts): boolean =>
  (item === undefined || matchesName(item, facts.name)) &&
  (project === undefined || (facts.project !== undefined && matchesPath(project, facts.project))) &&
  (tag === undefined || facts.tags.some((one) => matchesName(tag, one)));

/** How old data may be: the earliest time of data that counts, and the deadline that has passed. */
interface Limit {
  deadline: number;
  dataFrom: number;
}

/** A promise, and where its due is a time of day the deadlines around now: the same for every item. */
interface Dated {
  promise: FreshnessPromise;
  last: number | null;
  next: number | null;
}

function dated(promise: FreshnessPromise, now: number): Dated {
  const { due } = promise;
  return due.kind === 'by'
    ? { promise, last: lastDeadline(due, now), next: nextDeadline(due, now) }
    : { promise, last: null, next: null };
}

/** @param seenAt deadlines up to then do not count */
function limitOf(
  { promise: { due }, last, next }: Dated,
  lastDataAt: number | undefined,
  seenAt: number,
  now: number,
): { passed: Limit | null; nextAt: number | null } {
  if (due.kind === 'by')
    return {
      passed: last === null || last <= seenAt ? null : { deadline: last, dataFrom: last - due.sinceMs },
      nextAt: next,
    };
  // Data that was too old when the promise was made gets its time once more.
  const from = lastDataAt === undefined || lastDataAt + due.maxAgeMs <= seenAt ? seenAt : lastDataAt;
  const deadline = from + due.maxAgeMs;
  return deadline <= now
    ? { passed: { deadline, dataFrom: from + 1 }, nextAt: null }
    : { passed: null, nextAt: deadline };
}

const isOlder = (data: number | undefined, from: number): boolean => data === undefined || data < from;

/** @param site the luid of the site; @param items all of it, by luid */
export function judge(
  promises: readonly FreshnessPromise[],
  { site, items }: { site: string; items: ReadonlyMap<string, ItemFacts> },
  before: Memory,
  now: number,
): Judgement {
  const memory = newMemory();
  for (const { id } of promises) memory.promises[id] = before.promises[id] ?? now;
  const all = promises.map((promise) => dated(promise, now));
  const late: LateItem[] = [];
  let nextAt: number | null = null;
  /** What Tableau does not show for the moment is what it was. */
  const withRemembered = (facts: ItemFacts): ItemFacts => {
    const { lastDataAt, project } = before.items[facts.luid] ?? {};
    return { ...(project !== undefined && { project }), ...(lastDataAt !== undefined && { lastDataAt }), ...facts };
  };
  for (const shownFacts of items.values()) {
    const facts = withRemembered(shownFacts);
    const own = all.filter(({ promise }) => isMatch(promise.items, facts));
    const sources = facts.upstream.flatMap((luid) => {
      const source = items.get(luid);
      return source?.hasExtract ? [withRemembered(source)] : [];
    });
    if (own.length === 0 || (!facts.hasExtract && sources.length === 0)) continue;
    const known = before.items[facts.luid];
    const seenAt = known?.seenAt ?? now;
    const parts = facts.hasExtract ? [facts, ...sources] : sources;
    const data = oldest(parts);
    const verdicts = own.map((one) => {
      const { promise } = one;
      const since = Math.max(seenAt, memory.promises[promise.id] ?? now);
      const { passed, nextAt: next } = limitOf(one, data, since, now);
      if (next !== null) nextAt = Math.min(nextAt ?? next, next);
      return { promise, passed, next, isLate: passed !== null && isOlder(data, passed.dataFrom) };
    });
    // The newest deadline, so that each one that passes is a report of its own.
    const broken = verdicts
      .filter(({ isLate }) => isLate)
      .toSorted((one, other) => (other.passed?.deadline ?? 0) - (one.passed?.deadline ?? 0));
    const shown =
      broken.find(({ promise }) => !promise.shadow) ??
      broken[0] ??
      verdicts.toSorted((one, other) => (one.next ?? Infinity) - (other.next ?? Infinity))[0];
    if (!shown) continue;
    const row: Remembered = {
      ...rowOf(facts, site, shown.promise, seenAt),
      ...(data !== undefined && { lastDataAt: data }),
      ...(shown.passed && { deadline: shown.passed.deadline }),
      ...(shown.next !== null && { nextDeadline: shown.next }),
      ...expected(facts, known, data, now),
      state: 'on-time',
    };
    memory.items[facts.luid] = row;
    if (!shown.isLate || !shown.passed) continue;
    const { deadline, dataFrom } = shown.passed;
    const source = sources.filter(({ lastDataAt }) => isOlder(lastDataAt, dataFrom)).toSorted(byData)[0];
    const root = source?.luid ?? facts.luid;
    row.rootLuid = root;
    late.push({
      row,
      promise: shown.promise,
      deadline,
      root,
      ...(known?.deadline === deadline &&
        known.state !== 'on-time' &&
        known.isWaiting !== true &&
        known.why !== undefined && { known: { state: known.state, why: known.why } }),
    });
  }
  return { memory, late, nextAt, fresh: freshIn(items, before, { memory, late }) };
}

/** Of what was late, and of the roots of it: what is not late any more and has newer data than was known. A changed promise is no new data. */
function freshIn(
  items: ReadonlyMap<string, ItemFacts>,
  before: Memory,
  { memory, late }: Pick<Judgement, 'memory' | 'late'>,
): Judgement['fresh'] {
  const open = new Set(late.flatMap(({ row, root }) => [row.item.luid, root]));
  const fresh = new Map<string, number>();
  for (const { item, state, rootLuid = item.luid, lastDataAt = 0 } of Object.values(before.items)) {
    if (state === 'on-time') continue;
    for (const luid of [item.luid, rootLuid]) {
      const at = (memory.items[luid] ?? items.get(luid))?.lastDataAt;
      if (at !== undefined && at > lastDataAt && !open.has(luid)) fresh.set(luid, at);
    }
  }
  return [...fresh].map(([luid, at]) => ({ luid, at }));
}

const byData = (one: ItemFacts, other: ItemFacts): number => (one.lastDataAt ?? 0) - (other.lastDataAt ?? 0);

/** The age of an item is that of its oldest part; undefined where that of one is not known. */
function oldest(parts: readonly ItemFacts[]): number | undefined {
  const times = parts.map(({ lastDataAt }) => lastDataAt);
  return times.includes(undefined) ? undefined : Math.min(...times.flatMap((at) => at ?? []));
}

const rowOf = (
  { kind, luid, name, project }: ItemFacts,
  site: string,
  promise: FreshnessPromise,
  seenAt: number,
): Omit<Remembered, 'state'> => ({
  item: { kind, luid, name, site },
  ...(project !== undefined && { project }),
  promise: promiseText(promise),
  ...(promise.shadow && { shadow: true }),
  seenAt,
});

/** The run that was last seen as the next one, until there is data of it. */
function expected(
  { nextRunAt }: ItemFacts,
  known: Remembered | undefined,
  data: number | undefined,
  now: number,
): { expectedAt?: number } {
  const at = known?.expectedAt;
  const isOpen = at !== undefined && at <= now && isOlder(data, at - toleranceMs);
  if (isOpen) return { expectedAt: at };
  return nextRunAt === undefined ? {} : { expectedAt: nextRunAt };
}
