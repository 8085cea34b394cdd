/** What the workflow of an endpoint remembers. Plain data, so that it survives continue-as-new. */
import type { LogLine } from '../machine.js';
import type { IncidentChange } from '../webhook-contract.js';

/** A change that the endpoint does not have yet. */
export interface Waiting {
  change: IncidentChange;
  sizeBytes: number;
  /** Failed tries. */
  tries: number;
  nextAt: number;
  /** The receiver did not want this one: others go before it. */
  refused?: true;
}

/** The activity that runs. */
export interface Began {
  id: string;
  /** What it takes to the endpoint, and by which settings. */
  ids: string[];
  settings: string;
  /** When it began: what was due then is tried with it. */
  since: number;
}

export interface Endpoint {
  version: 1;
  endpoint: string;
  /** How to post to it, as signals name it; empty before the first. */
  settings: string;
  /** In the order in which they came. */
  waiting: Waiting[];
  inFlight: Began | null;
  lastId: number;
  /** Posts that failed in a row, and since when; 0 and null while they do not. */
  failures: number;
  failingSince: number | null;
  /** No post before this. */
  notBefore: number;
  /** The endpoint answered 410 then; null while it has not. */
  goneAt: number | null;
  /** The escalation file has it no more. */
  isRemoved: boolean;
  lastPostedAt: number | null;
  dropped: number;
  droppedAt: number | null;
  /** The number of the newest change by its source, the sources in the order in which they last changed. */
  seen: Record<string, number>;
  published: string;
  cancelling: boolean;
  logLines: LogLine[];
}

export const newEndpoint = (endpoint: string): Endpoint => ({
  version: 1,
  endpoint,
  settings: '',
  waiting: [],
  inFlight: null,
  lastId: 0,
  failures: 0,
  failingSince: null,
  notBefore: 0,
  goneAt: null,
  isRemoved: false,
  lastPostedAt: null,
  dropped: 0,
  droppedAt: null,
  seen: {},
  published: '',
  cancelling: false,
  logLines: [],
});

/** The state that an earlier run handed over; what it did not know yet has its default. */
export const restoreEndpoint = (endpoint: string, carried: Partial<Endpoint>): Endpoint => ({
  ...newEndpoint(endpoint),
  ...carried,
  version: 1,
});
