import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** Runs `work`, which gives whether it changed anything, when its turn has come, and gives its result. */
  run: (work: () => Promise<boolean>) => Promise<boolean>;
}

export interface PaceOptions {
  /** Milliseconds, monotonic. */
  clock?: () => number;
  pause?: (ms: number) => Promise<unknown>;
}

/** Per second. */
const rates = { least: 8, most: 500 } as const;
/** Latency at which the server has room, and at which it has none, in multiples of what it was without load. */
const latency = { low: 3, high: 6, leastMs: 30 } as const;
/** With each call: more per second, or this share of it. The load of what was begun shows about a second later. */
const change = { more: 0.4, share: 0.95 } as const;
/** What is known of the latency without load is forgotten by and by: it rises by this share each second. */
const forgetting = 0.01;
/** After a pause the next burst begins slowly again. */
const restartAfterMs = 10_000;

/**
 * Spreads calls of Temporal, so that what they cause leaves the server and the workers room for pages and answers: faster while calls
 * return about as fast as without load, slower while they take much longer or are refused. All that run in one process share one pace.
 */
export function createPace({ clock = () => performance.now(), pause = (ms) => sleep(ms) }: PaceOptions = {}): Pace {
  let perSecond: number = rates.least;
  let idleMs = Number.POSITIVE_INFINITY;
  let nextAt = 0;
  let lastAt = 0;

  function learn(tookMs: number, now: number): void {
    const known = idleMs * (1 + forgetting) ** ((now - lastAt) / 1_000);
    idleMs = Math.max(latency.leastMs, Math.min(tookMs, known));
    lastAt = now;
    if (tookMs > latency.high * idleMs) slowDown();
    else if (tookMs < latency.low * idleMs) perSecond = Math.min(rates.most, perSecond + change.more);
  }
  function slowDown(): void {
    perSecond = Math.max(rates.least, perSecond * change.share);
  }

  return {
    async run(work) {
      const now = clock();
      if (now - nextAt > restartAfterMs) perSecond = rates.least;
      const at = Math.max(now, nextAt);
      nextAt = at + 1_000 / perSecond;
      if (at > now) await pause(at - now);
      const began = clock();
      try {
        const changed = await work();
        // What finds nothing to change is no measure: it is faster.
        if (changed) learn(clock() - began, clock());
        return changed;
      } catch (error) {
        slowDown();
        throw error;
      }
    },
  };
}
