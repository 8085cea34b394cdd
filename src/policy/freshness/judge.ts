/** Judges whether the items of a site have the data that is promised. Pure. */
import { day } from '../../workflows/contract.js';
import { createLearning, type Learning } from './learning.js';
import type { FreshnessPromise } from './promise.js';
import { createHistories, newMemory, type Memory, type Remembered } from './remembered.js';
import { createDates, declaredVerdict, isLearned, isOlder, learnedVerdict, type Verdict } from './verdicts.js';
import { promisesOf } from './promises-of.js';
import { freshIn, hasBeenLate } from './ends.js';
import type { ItemFacts, Judgement, LateItem } from './judgement.js';

/** A run may begin a little before its time, by the clock of another machine. */
const toleranceMs = 60_000;

/** An item, and what it is built on. */
interface Parts {
  facts: ItemFacts;
  sources: ItemFacts[];
}

/** @param site the luid of the site; @param items all of it, by luid; @param learning kept from look to look */
export function judge(
  promises: readonly FreshnessPromise[],
  { site, items }: { site: string; items: ReadonlyMap<string, ItemFacts> },
  before: Memory,
  now: number,
  learning: Learning = createLearning(),
): Judgement {
  learning.begin();
  const memory: Memory = { ...newMemory(), episodes: before.episodes ?? [] };
  for (const { id } of promises) memory.promises[id] = before.promises[id] ?? now;
  const dates = createDates(now);
  const histories = createHistories(before, items);
  const late: LateItem[] = [];
  let nextAt: number | null = null;
  /** What Tableau does not show for the moment is what it was. */
  const withRemembered = (facts: ItemFacts): ItemFacts => {
    const { lastDataAt, project } = before.items[facts.luid] ?? {};
    return { ...(project !== undefined && { project }), ...(lastDataAt !== undefined && { lastDataAt }), ...facts };
  };
  for (const shownFacts of items.values()) {
    const facts = withRemembered(shownFacts);
    const own = promisesOf(facts, promises);
    const parts = { facts, sources: sourcesOf(facts, items).map(withRemembered) };
    if (own.length === 0) continue;
    const known = before.items[facts.luid];
    if (!facts.hasExtract && parts.sources.length === 0) {
      if (isKept(known, now)) memory.items[facts.luid] = { ...known, goneAt: known.goneAt ?? now };
      continue;
    }
    const seenAt = known?.seenAt ?? now;
    const hasHistory = own.some(isLearned);
    const data = dataOf(parts, hasHistory ? known : undefined);
    const history = hasHistory ? histories.with(known, data) : undefined;
    const verdictOf = (promise: (typeof own)[number], since: number): Verdict =>
      isLearned(promise)
        ? learnedVerdict(promise, dates, { data, since, known, history }, learning)
        : declaredVerdict(promise, dates, { data, since, known });
    const verdicts = own.map((promise) => {
      const verdict = verdictOf(promise, Math.max(seenAt, memory.promises[promise.id] ?? now));
      const lookAt = lookFor(verdict);
      if (lookAt !== null) nextAt = Math.min(nextAt ?? lookAt, lookAt);
      return verdict;
    });
    const shown = shownOf(verdicts);
    if (!shown) continue;
    // An edit of its promise is no reason to call it on time where it breaks the new one, too.
    const wasLate =
      !shown.isLate &&
      known !== undefined &&
      hasBeenLate(known) &&
      own.some((promise) => !promise.shadow && verdictOf(promise, 0).isLate);
    const row: Remembered = {
      ...rowOf(facts, site, shown, seenAt),
      ...(data !== undefined && { lastDataAt: data }),
      ...expected(facts, known, data, now),
      ...(history !== undefined && { history }),
      ...(shown.isLate && isLearned(shown.promise) && { lateBy: shown.promise.id }),
      ...(wasLate && { wasLate, ...(known.rootLuid !== undefined && { rootLuid: known.rootLuid }) }),
      state: 'on-time',
    };
    memory.items[facts.luid] = row;
    if (shown.isLate && shown.passed) late.push(lateItem(row, parts, shown.promise, shown.passed, known));
  }
  for (const [luid, known] of Object.entries(before.items))
    if (!items.has(luid) && isKept(known, now)) memory.items[luid] = gone(known, now);
  return { memory, late, nextAt, fresh: freshIn(items, before, { memory, late }), withoutHistory: histories.leftOut() };
}

/** Lists that change while they are read can miss an item, or what shows its data: it is known as it was when it is there again. */
const keptGoneMs = 7 * day;
const isKept = (known: Remembered | undefined, now: number): known is Remembered =>
  known !== undefined && now - (known.goneAt ?? now) < keptGoneMs;

const gone = ({ goneAt, ...known }: Remembered, now: number): Remembered => ({
  ...known,
  goneAt: goneAt ?? now,
  state: 'deleted',
  why: 'Tableau does not list it any more.',
});

const sourcesOf = ({ upstream }: ItemFacts, items: ReadonlyMap<string, ItemFacts>): ItemFacts[] =>
  upstream.flatMap((luid) => {
    const source = items.get(luid);
    return source?.hasExtract ? [source] : [];
  });

/**
 * The time of the item's data; undefined where it is not known. Where its history is kept, data that was found by its job counts before
 * Tableau's index shows it.
 */
function dataOf({ facts, sources }: Parts, known: Remembered | undefined): number | undefined {
  const data = oldest(facts.hasExtract ? [facts, ...sources] : sources);
  if (known?.history === undefined || known.lastDataAt === undefined) return data;
  return Math.max(data ?? 0, known.lastDataAt);
}

/** Deadlines that are learnt are about right: those of many items share a look. */
const learnedStepMs = 15 * 60_000;

const lookFor = ({ promise, nextAt }: Verdict): number | null =>
  nextAt !== null && isLearned(promise) ? Math.ceil(nextAt / learnedStepMs) * learnedStepMs : nextAt;

function shownOf(verdicts: readonly Verdict[]): Verdict | undefined {
  // The newest deadline, so that each one that passes is a report of its own.
  const broken = verdicts
    .filter(({ isLate }) => isLate)
    .toSorted((one, other) => (other.passed?.deadline ?? 0) - (one.passed?.deadline ?? 0));
  return (
    broken.find(({ promise }) => !promise.shadow) ??
    broken[0] ??
    verdicts.toSorted((one, other) => (one.nextAt ?? Infinity) - (other.nextAt ?? Infinity))[0]
  );
}

function lateItem(
  row: Remembered,
  { facts, sources }: Parts,
  promise: FreshnessPromise,
  { deadline, dataFrom }: { deadline: number; dataFrom: number },
  known: Remembered | undefined,
): LateItem {
  const source = sources.filter(({ lastDataAt }) => isOlder(lastDataAt, dataFrom)).toSorted(byData)[0];
  const root = source?.luid ?? facts.luid;
  row.rootLuid = root;
  return {
    row,
    promise,
    deadline,
    dataFrom,
    root,
    ...(known?.deadline === deadline &&
      known.state !== 'on-time' &&
      known.isWaiting !== true &&
      known.goneAt === undefined &&
      known.why !== undefined && { known: { state: known.state, why: known.why } }),
  };
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
  { promise, text, passed, nextAt }: Verdict,
  seenAt: number,
): Omit<Remembered, 'state'> => ({
  item: { kind, luid, name, site },
  ...(project !== undefined && { project }),
  promise: text,
  ...(promise.shadow && { shadow: true }),
  ...(passed && { deadline: passed.deadline }),
  ...(nextAt !== null && { nextDeadline: nextAt }),
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
