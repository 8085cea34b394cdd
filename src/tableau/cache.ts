import { setTimeout as sleep } from 'node:timers/promises';

export interface Cache<V> {
  /**
   * The value of a key. One that was requested before `requestedSince` does not count (default: any that is valid): then all callers
   * share one further request, which begins soon, also while the one before is in flight.
   */
  get(key: string, load: () => Promise<V>, requestedSince?: number): Promise<V>;
  /** Whether the value is cached or being loaded. */
  has(key: string): boolean;
}

export interface CacheOptions {
  /** How long a value is valid. */
  ttlMs: number;
  /** How long a failure is kept, so that a storm does not repeat it. By default not at all. */
  failureTtlMs?: (error: unknown) => number;
  /** When there are more, the oldest are removed. */
  maxEntries?: number;
  /** How long a further request waits for callers who come at nearly the same time; the first one never waits. */
  gatherMs?: number;
  now?: () => number;
}

interface Entry<V> {
  value: Promise<V>;
  requestedAt: number;
  /** Infinity while the value is being loaded. */
  expiresAt: number;
  /** The request after this one, which others wait for. */
  next?: Promise<V>;
}

/** A cache that loads a value once for all callers at the same time. */
export function createCache<V>({
  ttlMs,
  failureTtlMs = () => 0,
  maxEntries = 1_000,
  gatherMs = 0,
  now = Date.now,
}: CacheOptions): Cache<V> {
  const entries = new Map<string, Entry<V>>();

  function request(key: string, load: () => Promise<V>): Promise<V> {
    const requestedAt = now();
    const value = load();
    const entry: Entry<V> = { value, requestedAt, expiresAt: Infinity };
    entries.delete(key);
    entries.set(key, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break;
      entries.delete(oldest);
    }
    value.then(
      () => {
        entry.expiresAt = now() + ttlMs;
      },
      (error: unknown) => {
        entry.expiresAt = now() + failureTtlMs(error);
      },
    );
    return value;
  }

  return {
    get(key, load, requestedSince = -Infinity) {
      const cached = entries.get(key);
      if (cached === undefined || now() >= cached.expiresAt) return request(key, load);
      if (cached.requestedAt >= requestedSince) return cached.value;
      if (cached.expiresAt !== Infinity) return cached.next ?? request(key, load);
      cached.next ??= sleep(gatherMs).then(() => request(key, load));
      return cached.next;
    },
    has(key) {
      const cached = entries.get(key);
      return cached !== undefined && now() < cached.expiresAt;
    },
  };
}
