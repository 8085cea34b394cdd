/** Delivers webhooks of event types that the sandbox's Tableau does not have, with repetitions until 200. */
import { setTimeout as pause } from 'node:timers/promises';

const maxTries = 150;
const retryMs = 1_000;
const answerTimeoutMs = 3_000;

export interface Event {
  event_type: string;
  resource_luid: string;
  resource_name: string;
  site_luid: string;
}

/** Gives whether it was accepted at all. */
export async function deliver(address: string, event: Event, at: number): Promise<boolean> {
  // Whole seconds, and the same body in every repetition.
  const body = JSON.stringify({ ...event, created_at: `${new Date(at).toISOString().slice(0, 19)}Z` });
  for (let n = 0; n < maxTries; n += 1) {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    const response = await fetch(address, { method: 'POST', body, signal }).catch(() => null);
    if (response?.ok) return true;
    await pause(retryMs);
  }
  return false;
}
