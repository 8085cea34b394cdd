/** When an item had new data, in so few characters that the history of thousands fits into the state of a workflow. Pure. */

/** Times and lengths are whole minutes, in milliseconds; times since the epoch. */
export interface History {
  /** The first data that was seen, or 35 days before the last where that is later. */
  from: number;
  /** The last data that was seen. */
  last: number;
  /** Oldest first; of a day (UTC) that had more, two or so that came after the longest waits. */
  seen: readonly Seen[];
}

export interface Seen {
  at: number;
  /** How long before it there was no new data; 0 for the first of all. */
  gapMs: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const keptMs = 35 * dayMs;
const maxSeen = 70;
const maxSeenOfDay = 2;

/**
 * The history with data that was seen now.
 * @param history null before anything was seen
 * @param seenAt the time of the data; what is not newer than the last by a minute changes nothing
 */
export function remember(history: History | null, seenAt: number): History {
  const at = Math.floor(seenAt / minuteMs) * minuteMs;
  if (history === null) return { from: at, last: at, seen: [{ at, gapMs: 0 }] };
  if (at <= history.last) return history;
  const from = Math.max(history.from, at - keptMs);
  const seen = [...history.seen.filter((it) => it.at >= from), { at, gapMs: at - history.last }];
  // One more, since what runs about midnight has three in one day and one in another.
  const room = Math.min(maxSeen, maxSeenOfDay * (Math.floor((at - from) / dayMs) + 1) + 1);
  return { from, last: at, seen: seen.length > room ? withoutShortest(seen) : seen };
}

const dayOf = (at: number): number => Math.floor(at / dayMs);

/** Without the one after the shortest wait of the day that has most; of equal days the last, of equal waits the first. */
function withoutShortest(seen: readonly Seen[]): readonly Seen[] {
  const counts = new Map<number, number>();
  for (const { at } of seen) counts.set(dayOf(at), (counts.get(dayOf(at)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const crowded = seen.filter(({ at }) => counts.get(dayOf(at)) === most);
  const day = dayOf(crowded.at(-1)?.at ?? 0);
  const shortest = crowded
    .filter(({ at }) => dayOf(at) === day)
    .reduce<Seen | null>((least, it) => (least === null || it.gapMs < least.gapMs ? it : least), null);
  return seen.filter((it) => it !== shortest);
}

/** Numbers in base 36, in minutes: `from`, `last` after it, then of each entry the time since the one before, and the gap where it is another. */
export function encodeHistory({ from, last, seen }: History): string {
  const entries = seen.map(({ at, gapMs }, index) => {
    const step = at - (seen[index - 1]?.at ?? from);
    return gapMs === step ? base36(step) : `${base36(step)}-${base36(gapMs)}`;
  });
  return [base36(from), base36(last - from), ...entries].join(' ');
}

const base36 = (ms: number): string => (ms / minuteMs).toString(36);
const msOf = (digits: string): number => Number.parseInt(digits, 36) * minuteMs;

const encodedPattern = /^[0-9a-z]{1,8} [0-9a-z]{1,8}( [0-9a-z]{1,8}(-[0-9a-z]{1,8})?){0,70}$/;

/** Null for what `encodeHistory` has not made. */
export function decodeHistory(text: string): History | null {
  // Cut to length before the pattern sees it: an entry has 18 characters at most.
  if (text.length > (maxSeen + 1) * 18 || !encodedPattern.test(text)) return null;
  const [first = '', span = '', ...entries] = text.split(' ');
  const from = msOf(first);
  let at = from;
  const seen = entries.map((entry): Seen => {
    const [step = '', gap = step] = entry.split('-');
    at += msOf(step);
    return { at, gapMs: msOf(gap) };
  });
  return { from, last: from + msOf(span), seen };
}
