/**
 * What the api, the activities and the workflows share, as plain data: ids, task queues and the payloads of signals, updates and queries
 * (`messages.ts` names those to Temporal). No phone number is in here: contacts are role keys, and whoever sends looks up
 * the address. Times are milliseconds since the epoch (UTC) unless the name has another unit.
 */
import type { ChangeType } from './change-types.js';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const channels = ['whatsapp', 'sms', 'call'] as const;
export type Channel = (typeof channels)[number];

/**
 * Task queues of their own keep incidents from delaying pagers, requests to Tableau from delaying sends, and reports and posts of outgoing webhooks from
 * delaying any of them.
 */
export const taskQueues = {
  incidents: 'incidents',
  pagers: 'pagers',
  intake: 'intake',
  webhooks: 'webhooks',
  sends: { whatsapp: 'send-whatsapp', sms: 'send-sms', call: 'send-call' },
} as const;

export const searchAttributes = {
  state: 'IncidentState',
  item: 'TableauItem',
  event: 'TableauEvent',
} as const;

// ---------------------------------------------------------------------------------------------------------------------
// Policy: the part of the escalation file that an incident or a pager carries with it.

export interface Step {
  /** Contact keys, `schedule/<name>` or `owner` (`references.ts`), at least one. */
  page: string[];
  by: Channel;
  waitMs: number;
  /** Contact keys: whoever of them the step pages is called as well, at the same time. */
  calls?: string[];
  /** It is of no file: somebody handed the incident to its contact. */
  isHanded?: true;
}

export interface Policy {
  name: string;
  /** `low`: its pages keep the quiet hours of contacts. Absent: high. Which channels it pages by is in its steps. */
  severity?: 'low' | 'critical';
  steps: Step[];
  /** How many more times all steps are taken. */
  repeat: number;
  remindMs: number;
  /** Who gets the last page of an escalation that nobody answered, and by which channels, in order; none: everybody who was reached. */
  fallback?: { contact: string; channels: Channel[] };
  rerun?: { attempts: number; waitMs: number };
}

export interface Settings {
  windowMs: number;
  callWindowMs: number;
  lingerMs: number;
  forgetMs: number;
  messagesPerHour: number;
  callsPerHour: number;
  /** Answers to the replies of one contact. */
  answersPerHour: number;
}

// ---------------------------------------------------------------------------------------------------------------------
// Incident

export const incidentStates = [
  'triggered',
  'acknowledged',
  'snoozed',
  'unacknowledged',
  'resolved',
  'forgotten',
] as const;
export type IncidentState = (typeof incidentStates)[number];

/** Carried state of pagers holds their positions: a new one comes last. */
export const itemKinds = ['workbook', 'datasource', 'user', 'site', 'view', 'label', 'item', 'flow'] as const;
export type ItemKind = (typeof itemKinds)[number];

export type RefreshableKind = 'workbook' | 'datasource';
/** Whether Tableau can refresh an item of this kind. */
export const canBeRefreshed = <T extends { kind: ItemKind }>(item: T): item is T & { kind: RefreshableKind } =>
  item.kind === 'workbook' || item.kind === 'datasource';

export interface Item {
  kind: ItemKind;
  luid: string;
  /** `resource_name` of the event, or the luid where Tableau sent none. */
  name: string;
  /** `site_luid` of the event, or '-' where Tableau sent none. */
  site: string;
}

/** The name of an item in public places, such as workflow summaries: the name of a user is a person's. */
export const publicName = ({ kind, luid, name }: Item): string => (kind === 'user' ? luid : name);

/** One Tableau webhook delivery, as the incident keeps it. */
export interface TableauEvent {
  /** `event_type`, for example `WorkbookRefreshFailed`. */
  type: string;
  item: Item;
  /** `created_at`, or the time of arrival where it was missing, unreadable or cannot be true. */
  createdAt: number;
  /** `created_at` where it cannot be true, since it was ahead of the arrival or before Tableau had webhooks. */
  untrueCreatedAt?: number;
  receivedAt: number;
  /** Why it happened, where whoever made the event knows: a sentence. Tableau says nothing of it. */
  why?: string;
}

/** How labels in Tableau are set. `who`: they may name the contact who has the incident. */
export interface Labelling {
  who: boolean;
}

export interface EventSignal {
  event: TableauEvent;
  /** Absent for an event that only resolves: a success, or the deletion of the item. */
  policy?: Policy;
  /** Another policy, or none, may fit by what Tableau knows of the item: the incident finds out before it pages. */
  policyMayChange?: true;
  /** Readers of a data source are told in Tableau. Absent: labels are off. */
  labels?: Labelling;
  /** The changes that outgoing webhooks want to know of. Absent: there are no webhooks. */
  changes?: ChangeType[];
}

export const verbs = ['acknowledge', 'resolve', 'rerun', 'snooze'] as const;
export type Verb = (typeof verbs)[number];
/** What pages can do besides: hand it to somebody else, and tell the owner of the item. */
export type PageVerb = 'hand' | 'tell';

export interface AnswerSignal {
  answerId: string;
  /** The episode that was answered for; the api names none, which means the present one. */
  episode?: string;
  verb: Verb | PageVerb;
  /** To whom it is handed, or who is told, and by which channels, in order. */
  to?: { contact: string; channels: Channel[] };
  /** A contact key, or the name that a script gave. */
  by: string;
  /** For how long to snooze. */
  durationMs?: number;
  /** The contact who gave it, where a pager took it. Absent for the api. */
  contact?: string;
}

/**
 * What became of an answer:
 * `taken` it acknowledged, `already` somebody had acknowledged before, `resolved` it (or it was) resolved by an answer,
 * `snoozed` nobody is paged until a time, `rerunning` its refresh is run again (and it is taken), `closed` the episode was over;
 * `handed` somebody else is paged for it, `told` its owner gets a notice.
 */
export type AnswerResult = 'taken' | 'already' | 'resolved' | 'rerunning' | 'snoozed' | 'closed' | 'handed' | 'told';
export interface AnswerOutcome {
  result: AnswerResult;
  /** Who has the incident now, a contact key or the name that a script gave. */
  by: string | null;
  /** When whoever acknowledged is reminded, or a snooze ends. */
  until?: number;
  /** Pages of the episode up to this one are answered for, also where they come later. */
  upTo?: number;
}

export interface SentSignal {
  pageId: string;
  at: number;
  /** Set when the contact's WhatsApp has shown it; that is no acknowledgement. */
  read?: boolean;
}
export interface HeldSignal {
  pageId: string;
  until: number;
  why: string;
  /** The contact has quiet hours until then. */
  isQuiet?: true;
}
export interface FailedSignal {
  pageId: string;
  /** The vendor's code (`63016`), a call's status (`busy`), or a word of ours (`timeout`, `stopped`, `no-address`). */
  code: string;
  /** Set when Twilio took the page in none of its tries: nothing is known against the recipient. */
  outage?: true;
}

/** What Tableau knows about the item and its failure. `problems` names in plain words what could not be learnt. */
export interface ItemDetail extends ItemFacts, Cause, Severity {}

interface Learnt {
  problems: string[];
}

export interface ItemFacts extends Learnt {
  name?: string;
  /** The path of its project: "Finance/Daily". */
  project?: string;
  /** Its path is not known, for now or for good: `project` is its own name. */
  isProjectName?: 'now' | 'always';
  /** The owner's name: for pages and the api alone, never for memo, summaries, current details or logs. */
  owner?: string;
  /** The contact key of its owner, where the escalation file has one. */
  ownerRole?: string;
  url?: string;
  tags?: string[];
  /** Tableau has no item with this luid: it was deleted, or the event was made up. */
  unknownItem?: boolean;
}

export interface Cause extends Learnt {
  /** Why the refresh failed, one sentence without hosts, users, passwords and ids. The notes of the job stay in Tableau. */
  cause?: string;
}

export interface Severity extends Learnt {
  /** Failures in a row by Tableau's count. */
  consecutiveFailures?: number;
  lastGoodAt?: number;
  nextRunAt?: number;
  downstreamWorkbooks?: number;
}

export interface IncidentInput {
  /** For people: the Web UI shows the input first. It says where the state is. */
  about?: string;
  id: string;
  settings: Pick<Settings, 'lingerMs' | 'forgetMs'>;
  /** Whether the namespace knows our search attributes. */
  searchAttributes: boolean;
}

export const incidentType = 'incident';

export const incidentWorkflowId = (id: string): string => `incident:${id}`;
/** The inverse of `incidentWorkflowId`; null for the id of anything else. */
export const incidentIdOf = (workflowId: string): string | null =>
  workflowId.startsWith('incident:') ? workflowId.slice('incident:'.length) : null;
