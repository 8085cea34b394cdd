/**
 * What the activities, the api, the commands and the workflow `freshness` share (docs/decisions, 36). Times are milliseconds since the epoch
 * unless the name has another unit.
 */
import type { ChangeType } from './change-types.js';
import type { Item, Labelling, Policy, Settings } from './contract.js';
import type { TextChannel } from './channels.js';

export const freshnessType = 'freshness';
/** @param siteName the site's name in its address; empty is the default site */
export const freshnessWorkflowId = (siteName: string): string => `freshness:${siteName || 'default'}`;

/**
 * Why an item has no new data: the run that was due did not begin; its schedule or task is suspended; its job waits, or runs, or failed; Tableau
 * Bridge is offline; it was deleted; or none of these could be found.
 */
export const lateStates = [
  'never-began',
  'suspended',
  'queued',
  'running',
  'failed',
  'bridge-offline',
  'deleted',
  'unknown',
] as const;
export type LateState = (typeof lateStates)[number];

/** An item without new data at its deadline. */
export interface Late {
  item: Item;
  /** The id of its incident, and the line that Temporal's Web UI lists of it. */
  incident: string;
  summary: string;
  /** When it should have had new data. */
  deadline: number;
  state: LateState;
  /** A sentence for a page: "No new data by Mon 07:00: its run of 05:00 never began." */
  why: string;
  /** The name of the policy. Absent: it is reported, and nobody is paged. */
  policy?: string;
  /** As in `EventSignal`. */
  labels?: Labelling;
  changes?: ChangeType[];
  lastDataAt?: number;
  /** How many other items are late because of it. */
  dependants?: number;
  /** A job of it has failed since the data that is missing was due: its trouble is real, whatever is promised. */
  hasFailed?: true;
}

/** A problem of the way in which late items are found, for the operators. */
export const freshnessAlarmCodes = [
  'tableau-sign-in',
  'tableau-unreachable',
  'data-times-unknown',
  'webhooks-missing',
  'webhooks-disabled',
  'flows-refused',
] as const;
export type FreshnessAlarmCode = (typeof freshnessAlarmCodes)[number];
export interface FreshnessAlarm {
  code: FreshnessAlarmCode;
  /** In sentences, with what to do. It names no person and no address. */
  text: string;
}

/** The event of a late item: ours, of the same incident as a failed refresh. Its time is the deadline. */
export const refreshMissing = 'RefreshMissing';
/** What is promised of the item has changed, so that it is not late any more: ours, too. Its time is the deadline that it missed. */
export const refreshNotPromised = 'RefreshNotPromised';

export interface CheckInput {
  /** What the last look remembered, as it gave it; null for the first. */
  memory: string | null;
  /** The luids of late items that somebody was paged for, and that have no end yet. Absent: a workflow of an earlier version asks. */
  reported?: string[];
}

export interface FreshnessCheck {
  /** Of all that the file has watched, promises, flows and labels: another text when that has changed. Empty where nothing is. */
  promises: string;
  /** For the next look, and for the report: compressed. */
  memory: string;
  /** Null: Tableau did not answer, so that nothing is known of now. Without promises it is not asked, and nothing is late. */
  found: Found | null;
  alarms: FreshnessAlarm[];
  /** Absent: runs of flows are not watched. */
  flows?: { everyMs: number };
  /** Who is told of alarms, and by which channel. */
  operators: { contact: string; channel: TextChannel }[];
  /** When to look again, and what for. */
  next: { at: number; what: string };
  /** For the page; absent where Tableau did not answer. */
  shown?: ShownPromises;
}

/** When promised items are due, for a picture. Times are ISO 8601, UTC. */
export interface ShownPromises {
  /** The hours of the day before and of the day after the look in which something is due: by their beginning, in order. */
  hours: { at: string; due: number; late: number }[];
  /** The items that are on time, where all together are few; else none. */
  items: ShownItem[];
}

export interface ShownItem {
  item: Item;
  promise: string;
  lastDataAt?: string;
  /** The deadline that passed last, and the next one. */
  deadline?: string;
  nextDeadline?: string;
}

/** A late item, or one because of which others are late. */
export interface ShownLate {
  item: Item;
  state: LateState;
  /** A sentence. */
  why: string;
  deadline: string;
  lastDataAt?: string;
  /** How many other items are late because of it. */
  dependants?: number;
  /** The id of its incident; null: nobody is paged for it. */
  incident: string | null;
}

/** The memo `shown` of the workflow: what the page shows. */
export interface ShownFreshness extends ShownPromises {
  /** Those that somebody is paged for first, then by their deadline; at most 200. */
  late: ShownLate[];
}

export interface Found {
  promised: number;
  /** Grouped under their root: those that are new, then those of earlier looks, at most as many as a look reports. */
  late: Late[];
  /** Whether `late` has all. */
  isComplete: boolean;
  /** New ones that the next look reports. */
  more: number;
  /** Items that were late at the last look and have new data, and of when: also roots of which nothing is promised. */
  fresh: { luid: string; at: number }[];
  /**
   * Of `reported`, what has no new data and is not late any more by any promise that pages somebody. What Tableau does not show is not among them.
   * Absent: not asked for, or judged by a worker of an earlier version.
   */
  withdrawn?: string[];
  /** Those that `late` names. */
  policies: Record<string, Policy>;
  settings: Pick<Settings, 'lingerMs' | 'forgetMs'>;
  searchAttributes: boolean;
}

export interface FreshnessActivities {
  /** Reads the promises and Tableau, and judges. It fails only where it could not run. */
  checkFreshness(input: CheckInput): Promise<FreshnessCheck>;
}

/** The keys of the memo: a `FreshnessMemo`, a `ShownFreshness`, and when Tableau last answered (ISO 8601). */
export const freshnessMemoKeys = { counts: 'freshness', shown: 'shown', lookedAt: 'lookedAt' } as const;

/** The memo `freshness` of the workflow. Codes and counts, no name. */
export interface FreshnessMemo {
  promised: number;
  late: number;
  /** Flows whose last known run failed; absent where flows are not watched. */
  failedFlows?: number;
  alarms: { code: FreshnessAlarmCode; since: string }[];
}

/** A worker's promises have changed, or it has started: it is looked at once where that is news. */
export interface PromisesSignal {
  promises: string;
}

/** For the report. */
export interface FreshnessView {
  /** Of `FreshnessCheck`; null before the first look. */
  memory: string | null;
  /** When Tableau last answered. */
  lookedAt: number | null;
  alarms: { code: FreshnessAlarmCode; since: number; text: string }[];
  next: { at: number; what: string };
  /** Absent: flows are not watched. `failed` are those whose last known run failed. */
  flows?: { lookedAt: number | null; failed: { item: Item; failedAt: number; isPaged: boolean }[] };
}

/** A row of the report. */
export interface FreshnessRow {
  item: Item;
  project?: string;
  /** "new data by 07:00 Mon-Fri Europe/Berlin" */
  promise: string;
  shadow?: true;
  lastDataAt?: number;
  /** The deadline that passed last, and the next one. */
  deadline?: number;
  nextDeadline?: number;
  /** The run that Tableau said it would begin next, and that was not seen to end yet. */
  expectedAt?: number;
  state: LateState | 'on-time';
  /** Absent while it is on time. */
  why?: string;
  /** The name of the item because of which it is late. */
  root?: string;
}
