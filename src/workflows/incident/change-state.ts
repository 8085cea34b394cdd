import type { IncidentState } from '../contract.js';
import type { ChangeType } from '../change-types.js';

/** A change as the incident notes it; what else is known of the incident is added when it is reported. */
export interface NotedChange {
  n: number;
  type: ChangeType;
  at: number;
  episode: string | null;
  state: IncidentState;
  failures: number;
  /** A role key, or `api`. */
  by: string | null;
  until?: number;
}

/** What an incident remembers of its changes while the escalation file has outgoing webhooks. */
export interface Reporting {
  /** The types that some endpoint wants. */
  wanted: ChangeType[];
  /** Endpoints that know of the present episode. */
  told: string[];
  /** The newest episode of which endpoints may learn. */
  openEpisode: string | null;
  lastChange: number;
  pending: NotedChange[];
  /** When to try again, and since when that fails; null while it does not. */
  retryAt: number | null;
  failures: number;
  failingSince: number | null;
}

export const newReporting = (wanted: ChangeType[]): Reporting => ({
  wanted,
  told: [],
  openEpisode: null,
  lastChange: 0,
  pending: [],
  retryAt: null,
  failures: 0,
  failingSince: null,
});
