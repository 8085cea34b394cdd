/** What an answer means for the next try: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-responses */
import type { Answer } from './post.js';

export type Outcome =
  | { how: 'delivered' }
  /** This one is not wanted; others may be. */
  | { how: 'refused'; why: string }
  | { how: 'unavailable'; why: string; afterMs?: number }
  | { how: 'gone' };

/** Receivers name here when to come again. */
const throttling = [429, 502, 503, 504];
/** The address, the secret or the key is wrong, or the receiver is not ready: no other post would be taken either. */
const ofEndpoint = [401, 402, 403, 404, 407, 408, 425, 429];

export function outcomeOf(answer: Answer): Outcome {
  if ('error' in answer) return { how: 'unavailable', why: answer.error };
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { how: 'delivered' };
  if (status === 410) return { how: 'gone' };
  if (status >= 300 && status < 400)
    return { how: 'unavailable', why: `redirected (${status}), which is not followed` };
  const why = `answered ${status}`;
  if (status < 500 && !ofEndpoint.includes(status)) return { how: 'refused', why };
  const afterMs = throttling.includes(status) ? retryAfterMs : undefined;
  return { how: 'unavailable', why, ...(afterMs !== undefined && { afterMs }) };
}
