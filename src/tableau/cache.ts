export interface Remembered<V> {
  /** The value under this key: what is remembered and no older than `atMost` milliseconds, else what `load` gives now. */
  get(key: string, load: () => Promise<V>, atMost?: number): Promise<V>;
  /** Whether the value is there or on its way. */
  has(key: string): boolean;
}

export interface Memory {
  /** How long a value is good, milliseconds. */
  keep: number;
  /** How long a failure is, so that a storm does not repeat it. 0 unless given; a number for each failure by a function. */
  keepFailure?: (error: unknown) => number;
  /** How many values are kept; the oldest go first. */
  most?: number;
  now?: () => number;
}

/** Answers that many ask for at a time are fetched once: whoever asks meanwhile waits for the same. */
export function createRemembered<V>({
  keep,
  keepFailure = () => 0,
  most = 1_000,
  now = Date.now,
}: Memory): Remembered<V> {
  const known = new Map<string, { value: Promise<V>; asked: number; until: number }>();
  return {
    get(key, load, atMost = keep) {
      const held = known.get(key);
      if (held && now() < held.until && now() - held.asked <= atMost) return held.value;
      const value = load();
      const entry = { value, asked: now(), until: Number.POSITIVE_INFINITY };
      known.delete(key);
      known.set(key, entry);
      for (const oldest of known.keys()) {
        if (known.size <= most) break;
        known.delete(oldest);
      }
      value.then(
        () => {
          entry.until = now() + keep;
        },
        (error: unknown) => {
          entry.until = now() + keepFailure(error);
        },
      );
      return value;
    },
    has(key) {
      const held = known.get(key);
      return held !== undefined && now() < held.until;
    },
  };
}
