/**
 * What the api, the activities, the commands and the workflow `on-call` share: overrides of schedules and silences, which are made while the
 * service runs (docs/decisions, 29). Contacts are keys; times are milliseconds since the epoch.
 */
import { day, minute, taskQueues } from './contract.js';
import type { TextChannel } from './channels.js';

export const onCallType = 'onCall';
export const onCallWorkflowId = 'on-call';

/** How the one workflow is started by whoever makes the first entry. */
export const onCallStart = {
  workflowId: onCallWorkflowId,
  taskQueue: taskQueues.incidents,
  staticSummary: 'Overrides of on-call schedules, and silences',
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  workflowIdConflictPolicy: 'USE_EXISTING',
} as const;

/** What counts for a time. */
export interface Entry {
  /** A uuid: a copy of a request has the same. */
  id: string;
  from: number;
  /** The end is excluded. */
  to: number;
  /** A contact key, or the name that a script gave. */
  by: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Whether an entry can have this id. */
export const isEntryId = (text: string): boolean => uuid.test(text);

/** A contact is on call in place of whoever would be. */
export interface Override extends Entry {
  schedule: string;
  contact: string;
}

export const silenceKeys = ['item', 'project', 'tag', 'site', 'event'] as const;
export type SilenceKey = (typeof silenceKeys)[number];
/** Patterns, all of which must match (src/policy/silences.ts). */
export type SilenceMatch = Partial<Record<SilenceKey, string>>;

/** What matches is recorded, and nobody is paged for it. */
export interface Silence extends Entry {
  match: SilenceMatch;
  reason: string;
}

/** What is known of an item that may be silenced. */
export interface SilenceSubject {
  name: string;
  /** `site_luid`, or '-'. */
  site: string;
  event: string;
  project?: string;
  tags?: string[];
}

/** The silence that covers an item, the longest of several. */
export interface Silenced {
  id: string;
  until: number;
  by: string;
  reason: string;
}

/** Somebody whom an override concerns, and the texts when it is made and when it is ended early. */
export interface Concerned {
  contact: string;
  channel: TextChannel;
  made: string;
  ended: string;
}

export interface OverrideRequest {
  override: Override;
  concerned: Concerned[];
}

/** Somebody whom a silence concerns, and the texts for its beginning (absent: none), its end, and an early end. */
export interface SilenceConcerned {
  contact: string;
  channel: TextChannel;
  started?: string;
  ended: string;
  endedEarly: string;
}

export interface SilenceRequest {
  silence: Silence;
  concerned: SilenceConcerned[];
}
export interface EndOverride {
  id: string;
  schedule: string;
}

/** Why an entry is not made, as a sentence that says what is allowed. `field`: which end; null where there are too many. */
export interface Refusal {
  field: 'from' | 'to' | null;
  message: string;
}
/** Null: it is made. */
export type Outcome = Refusal | null;

/** What the ends of an entry are called in a request. */
export type EndNames = Readonly<Record<'from' | 'to', string>>;
export const overrideEnds: EndNames = { from: 'from', to: 'to' };
export const silenceEnds: EndNames = { from: 'start', to: 'end' };

export const maxEntries = 200;
const longestMs = 90 * day;
/** A script gives the present time, and its clock may be slow. */
const lateMs = 5 * minute;
const aheadMs = 366 * day;

/** What is wrong with the times of an entry; null: nothing. */
export function timesProblem({ from, to }: Pick<Entry, 'from' | 'to'>, now: number, names: EndNames): Refusal | null {
  const [first, last] = [names.from, names.to];
  if (from < now - lateMs) return { field: 'from', message: `${first} is past; it must be now or later.` };
  if (from > now + aheadMs) return { field: 'from', message: `${first} must be within a year from now.` };
  if (to <= from) return { field: 'to', message: `${last} must be after ${first}.` };
  if (to <= now) return { field: 'to', message: `${last} is past; it must be later than now.` };
  if (to > from + longestMs) return { field: 'to', message: `${last} must be at most 90 days after ${first}.` };
  return null;
}

/** Times are ISO 8601, UTC. */
type Shown<E extends Entry> = Omit<E, 'from' | 'to'> & { from: string; to: string };

/** The memo of the workflow: the entries that are made, in that order, without what is over since a day. */
export interface ShownEntries {
  overrides: Shown<Override>[];
  silences: Shown<Silence>[];
}
