import { createTokenBucket } from '../policy/token-bucket.js';
import { minute, second } from '../workflows/contract.js';

export interface Turn {
  /** What is to be labelled: a luid. */
  key: string;
  /** How many requests it may take. */
  requests: number;
  /** The highest goes first. */
  rank: number;
}

/** Whoever was told to come at a time, and has not come so long after it, is not waited for any more. */
const lateMs = minute;
/** One of a higher rank who comes so soon goes before. */
const soonMs = 5 * second;
/** At most so much of a minute's requests goes at once. */
const burstShare = 0.1;

/**
 * Lets so many requests go in a minute, those of the highest rank first. Nobody waits in here: an activity that waited would keep pages from
 * running. Whose turn has not come is told when to come again.
 */
export function createLabelTurns(clock: () => number) {
  const waiting = new Map<string, { rank: number; since: number; dueAt: number }>();
  let bucket: { perMinute: number; take: (count: number) => boolean } | null = null;

  /** The file may have another limit by now. */
  function bucketFor(perMinute: number): (count: number) => boolean {
    if (bucket?.perMinute === perMinute) return bucket.take;
    // At least what one label takes.
    const size = { burst: Math.max(3, perMinute * burstShare), perSecond: perMinute / 60 };
    bucket = { perMinute, take: createTokenBucket(size, clock) };
    return bucket.take;
  }

  /** 0: its turn has come, and its requests are counted. Else after how many milliseconds to ask again. */
  return function waitMs({ key, requests, rank }: Turn, perMinute: number): number {
    const take = bucketFor(perMinute);
    const now = clock();
    for (const [other, { dueAt }] of waiting) if (dueAt + lateMs < now) waiting.delete(other);
    const since = waiting.get(key)?.since ?? now;
    waiting.delete(key);
    const ahead = [...waiting.values()].filter(
      (other) => other.rank > rank || (other.rank === rank && other.since <= since),
    );
    if (ahead.every(({ dueAt }) => dueAt > now + soonMs) && take(requests)) return 0;
    const afterMs = Math.max(second, ((ahead.length + 1) * requests * minute) / perMinute);
    waiting.set(key, { rank, since, dueAt: now + afterMs });
    return afterMs;
  };
}
