/** Tableau's webhooks for events that the sandbox's Tableau does not know, with its patience: until they are answered 200. */
import { setTimeout as pause } from 'node:timers/promises';

export const tries = 150;
export const betweenTries = 1_000;
const patience = 3_000;

export interface Event {
  event_type: string;
  resource_luid: string;
  resource_name: string;
  site_luid: string;
}

/** Whether it was taken at all. The door writes down when. */
export async function deliver(address: string, event: Event, at: number): Promise<boolean> {
  // Whole seconds, and the same body in every try.
  const body = JSON.stringify({ ...event, created_at: `${new Date(at).toISOString().slice(0, 19)}Z` });
  for (let n = 0; n < tries; n += 1) {
    const signal = AbortSignal.timeout(patience);
    const response = await fetch(address, { method: 'POST', body, signal }).catch(() => null);
    if (response?.ok) return true;
    await pause(betweenTries);
  }
  return false;
}
