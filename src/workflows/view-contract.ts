/**
 * How an incident reads, for scripts and pages. All of it is in the memo of its workflow, so that nobody needs a worker to look at it, and more
 * people can read a memo than are on call: no phone number is in here, no owner's name, and no name of a person that somebody gave. Times are
 * ISO 8601, UTC.
 */
import type { AnswerResult, Channel, IncidentState, Item } from './contract.js';

/** What comes next without any input, as a word that scripts can match. */
export const nextCodes = [
  /** Tableau is asked whether a failure that arrived late is over. */
  'recovery-check',
  /** The policy is being chosen by what Tableau knows. */
  'route',
  /** Tableau is asked what broke. */
  'look-up',
  /** The next step of the policy. */
  'step',
  /** The first step of the next round. */
  'repeat',
  /** The step ends, whose page is held. */
  'held',
  /** The first page is sent, which waits for the end of quiet hours. */
  'quiet-ends',
  'silence-ends',
  /** The escalation starts again from its first step. */
  'escalate-again',
  /** Nobody answered: the escalation ends. */
  'unacknowledged',
  /** The refresh that runs again has given no result by then. */
  'rerun',
  /** Tableau is asked how the refresh goes that runs again. */
  'rerun-check',
  'reminder',
  'snooze-ends',
  /** Nothing was heard for long: Tableau is asked whether it still fails. */
  'item-check',
  /** Nothing was heard for long: it is not watched any more. */
  'forget',
  /** It is over, and its workflow ends. */
  'linger-ends',
  /** It is over, and what a pager could not be told is given up. */
  'pager-given-up',
  /** It is over, and its label in Tableau is given up. */
  'label-given-up',
] as const;
export type NextCode = (typeof nextCodes)[number];

export interface NextView {
  at: string;
  code: NextCode;
  /** A sentence for people. */
  what: string;
}

/** The row of `GET /incidents`. */
export interface IncidentRow {
  /** The workflow id without `incident:`. */
  id: string;
  /** Of the present trouble: another one when it fails again after it was over. Null until the workflow has begun. */
  episode: string | null;
  state: IncidentState;
  /** The name of a user is its luid. */
  item: Item;
  /** The last event type that failed. */
  event: string;
  /** Why it failed, one sentence; null where that is not known. */
  cause: string | null;
  /** The path of the item's project; null where it is not known. */
  project: string | null;
  /** The contact key of the item's owner; null where no contact has it, or that is not known. */
  ownerRole: string | null;
  failures: number;
  firstFailedAt: string;
  lastFailedAt: string;
  /** Who took it, a contact key, or `api` for any other name; null while nobody has. A snooze leaves it. */
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  /** Who snoozed it, as `acknowledgedBy`; null unless it is snoozed. */
  snoozedBy: string | null;
  snoozedUntil: string | null;
  endedAt: string | null;
  policy: string;
  /** The number of the step that was last begun, from 1 (0: none yet). */
  step: number;
  /** How many rounds of the policy's steps this episode has begun (0: none yet). */
  round: number;
  /** How many pages this episode has requested. */
  pages: number;
  next: NextView | null;
}

/** What Tableau knows of the item and its failure. */
export interface IncidentDetail {
  /** The path of its project: "Finance/Daily". */
  project?: string;
  url?: string;
  tags?: string[];
  /** Why the refresh failed, one sentence. */
  cause?: string;
  /** What could not be learnt, in plain words. */
  problems: string[];
  /** Failures in a row by Tableau's count. */
  consecutiveFailures?: number;
  lastGoodAt?: string;
  nextRunAt?: string;
  downstreamWorkbooks?: number;
  /** Tableau has no item with this luid. */
  unknownItem?: boolean;
}

export interface TimelineEntry {
  at: string;
  /** A word that scripts can match: `failed`, `sent`, `held`, `undelivered`, `acknowledged`, `resolved`, … */
  type: string;
  /** A sentence for people. */
  text: string;
}

export const pageStatuses = ['requested', 'held', 'sent', 'delivered', 'read', 'failed', 'withdrawn'] as const;
export type PageStatus = (typeof pageStatuses)[number];

/** One page of the present episode. */
export interface PageView {
  /** Counts from 1 in each episode. */
  n: number;
  contact: string;
  channel: Channel;
  /** The number of its step, from 1; null for the last page of an escalation that nobody answered. */
  step: number | null;
  requestedAt: string;
  status: PageStatus;
  sentAt: string | null;
  readAt: string | null;
  /** Its pager holds it until then. */
  heldUntil: string | null;
  /** Why it is held or was not sent: a sentence, or the code it failed with. */
  why: string | null;
}

export interface IncidentView extends IncidentRow {
  detail: IncidentDetail | null;
  /** The oldest first, at most the newest 200. */
  timeline: TimelineEntry[];
  /** The oldest first, at most the newest 200. */
  pagesSent: PageView[];
}

/** The keys of the memo. The entries of the timeline are numbered for the whole life of the workflow. */
export const memoKeys = {
  /** An `IncidentRow`. */
  row: 'incident',
  /** An `IncidentDetail`. */
  detail: 'detail',
  /** `ShownAnswers`. */
  answers: 'answers',
  /** A `TimelineEntry`. */
  entry: (n: number): string => `t${n}`,
  /** A `PageView`. */
  page: (n: number): string => `p${n}`,
} as const;

/** What became of the newest answers that came by a signal, by their ids. */
export type ShownAnswers = Record<string, AnswerResult>;

/** An incident that is over has ended, one way or another. */
export const isOver = ({ state }: Pick<IncidentRow, 'state'>): boolean => state === 'resolved' || state === 'forgotten';
