/** How many may go at once, and how many more each second. */
export interface BucketSize {
  burst: number;
  perSecond: number;
}

/** Takes a token; false when none is left. */
export function createTokenBucket({ burst, perSecond }: BucketSize, clock: () => number): () => boolean {
  let tokens = burst;
  let filledAt = clock();
  return () => {
    const now = clock();
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1_000) * perSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
