export interface Cache<V> {
  /** The value of a key: the cached one if it is no older than `maxAgeMs`, else what `load` gives now. */
  get(key: string, load: () => Promise<V>, maxAgeMs?: number): Promise<V>;
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
  now?: () => number;
}

/** A cache that loads a value once for all callers at the same time. */
export function createCache<V>({
  ttlMs,
  failureTtlMs = () => 0,
  maxEntries = 1_000,
  now = Date.now,
}: CacheOptions): Cache<V> {
  const entries = new Map<string, { value: Promise<V>; requestedAt: number; expiresAt: number }>();
  return {
    get(key, load, maxAgeMs = ttlMs) {
      const cached = entries.get(key);
      if (cached && now() < cached.expiresAt && now() - cached.requestedAt <= maxAgeMs) return cached.value;
      const value = load();
      const entry = { value, requestedAt: now(), expiresAt: Number.POSITIVE_INFINITY };
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
    },
    has(key) {
      const cached = entries.get(key);
      return cached !== undefined && now() < cached.expiresAt;
    },
  };
}
