/** How many may go at once, and how many more each second. */
export interface BucketSize {
  burst: number;
  perSecond: number;
}

/** Takes tokens; false, and takes none, when so many are not left. */
export function createTokenBucket({ burst, perSecond }: BucketSize, clock: () => number): (count?: number) => boolean {
  let tokens = burst;
  let filledAt = clock();
  return (count = 1) => {
    const now = clock();
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1_000) * perSecond);
    filledAt = now;
    if (tokens < count) return false;
    tokens -= count;
    return true;
  };
}
