/**
 * The same result for `maxAgeMs`, and one request at a time, so that frequent requests here cause few at Temporal.
 */
export function cached<T>(read: () => Promise<T>, maxAgeMs: number, clock: () => number): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let goodUntil = 0;
  return () => {
    if (answer === undefined || clock() >= goodUntil) {
      goodUntil = Infinity;
      answer = read().finally(() => {
        goodUntil = clock() + maxAgeMs;
      });
    }
    return answer;
  };
}
