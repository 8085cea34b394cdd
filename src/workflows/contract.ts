/**
 * What the api, the activities and the workflows share, as plain data: ids, task queues and the payloads of signals, updates and queries
 * (`messages.ts` names those to Temporal). No phone number is in here: contacts are role keys, and whoever sends looks up
 * the address. Times are milliseconds since the epoch (UTC) unless the name has another unit.
 */
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const channels = ['whatsapp', 'sms', 'call'] as const;
export type Channel = (typeof channels)[number];

/** Task queues of their own keep incidents from delaying pagers, and requests to Tableau from delaying sends. */
export const taskQueues = {
  incidents: 'incidents',
  pagers: 'pagers',
  intake: 'intake',
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

/** A text from outside as plain words in Markdown: no link, no picture that a browser would load, no table. */
export const asMarkdown = (text: string): string =>
  text
    .replace(/\p{Cf}/gu, '')
    .replace(/[\\`*_{}[\]<>|~#!&@$^]/gu, '\\$&')
    .replace(/:(?=\/\/)/gu, '\\:')
    .replace(/\bwww\./giu, 'www\\.');

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
}

export type Verb = 'acknowledge' | 'resolve' | 'rerun' | 'snooze';

export interface AnswerSignal {
  answerId: string;
  /** The episode that was answered for; the api names none, which means the present one. */
  episode?: string;
  verb: Verb;
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
 * `snoozed` nobody is paged until a time, `rerunning` its refresh is run again (and it is taken), `closed` the episode was over.
 */
export type AnswerResult = 'taken' | 'already' | 'resolved' | 'rerunning' | 'snoozed' | 'closed';
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

/** The row of `GET /incidents`, also the memo `incident` of the workflow: never a number, an owner or a reply word. */
export interface IncidentRow {
  /** The workflow id without `incident:`. */
  id: string;
  state: IncidentState;
  item: Item;
  /** The last event type that failed. */
  event: string;
  failures: number;
  /** ISO 8601, UTC. */
  firstFailedAt: string;
  lastFailedAt: string;
  acknowledgedBy: string | null;
  policy: string;
  /** The number of the step that was last begun, from 1 (0: none yet). */
  step: number;
  next: { at: string; what: string } | null;
}

export interface TimelineEntry {
  /** ISO 8601, UTC. */
  at: string;
  /** A word that scripts can match: `failed`, `paged`, `sent`, `held`, `undelivered`, `acknowledged`, `resolved`, … */
  type: string;
  /** A sentence for people. */
  text: string;
}

export interface IncidentView extends IncidentRow {
  detail: ItemDetail | null;
  timeline: TimelineEntry[];
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
  id: string;
  settings: Pick<Settings, 'lingerMs' | 'forgetMs'>;
  /** Whether the namespace knows our search attributes. */
  searchAttributes: boolean;
}

export const incidentType = 'incident';

// ---------------------------------------------------------------------------------------------------------------------
// Pager

/** The content of a page, at most about 200 bytes, so that a storm fits in the pager's state. */
export interface Facts {
  kind: ItemKind;
  name: string;
  event: string;
  project?: string;
  owner?: string;
  /** Where the item opens in Tableau. */
  url?: string;
  cause?: string;
  /** Set when this service ran the refresh again, and that was what failed: the cause, empty where it is not known. */
  rerunFailed?: string;
  /** The reader requested that rerun. */
  rerunIsYours?: true;
  /** Set on the last page of an escalation that nobody answered: whether any page reached somebody, and whom they went to. */
  ended?: { reached: boolean; paged: string };
  failures: number;
  /** The first failure of the episode. */
  since: number;
  /** Failures in a row by Tableau's count, which reaches further back than the episode. */
  inARow?: number;
  lastGoodAt?: number;
  nextRunAt?: number;
  downstreamWorkbooks?: number;
  /** Tableau has no such item: its pages go last, and are limited apart. */
  unknownItem?: true;
}

/** Of a policy of low severity, pages and notices wait for the end of quiet hours. */
export interface InQuietHours {
  keepsQuietHours?: true;
  /** The contact has quiet hours until then: from whoever signals it, by the escalation file in force. */
  quietUntil?: number;
  /** They begin then. Absent: they have begun. */
  quietFrom?: number;
}

export interface PageSignal extends InQuietHours {
  incident: string;
  /** `<episode>.<n>`, n counting from 1 within the episode. */
  pageId: string;
  channel: Channel;
  facts: Facts;
  /** How long the page may be tried. */
  waitMs: number;
  /** The settings of today: a pager never ends, and would keep those of the day it began. */
  settings?: PagerSettings;
  /** Other contacts who are paged for this episode, and may have answered. */
  others?: string[];
  /** It is of the first step of its episode: the others are paged at the same moment. */
  isFirstStep?: true;
}
export interface WithdrawSignal {
  incident: string;
  episode: string;
  /** Pages of the episode with n ≤ upTo that were not sent yet are not sent any more. */
  upTo: number;
  /** Set when the incident was answered for or is over: what was sent is settled too. */
  settled?: { how: Settlement; by: string | null };
}
export type Settlement = 'acknowledged' | 'resolved' | 'recovered' | 'deleted' | 'forgotten' | 'cancelled';
export interface NoticeSignal extends InQuietHours {
  noticeId: string;
  kind: NoticeKind;
  incident: string;
  episode: string;
  facts: Facts;
  by: string | null;
  /** More about it, in sentences. */
  why?: string;
  /** For a contact who was not paged for this episode; others get it by the channel by which they were reached. */
  channel?: Exclude<Channel, 'call'>;
}
/**
 * A schedule has handed over while an incident is open: `on-call` is for whoever comes on call, `off-call` for whoever leaves. Each asks for nothing.
 */
export interface HandOverNotice extends InQuietHours {
  noticeId: string;
  kind: 'on-call' | 'off-call';
  schedule: string;
  /** Who was on call before the reader, or is after; null: nobody. */
  other: string | null;
  incident: string;
  episode: string;
  facts: Facts;
  /** Who has the incident at that time; null: nobody. */
  by: string | null;
  at: number;
  channel: Exclude<Channel, 'call'>;
}
/** About no incident: a text that goes as it is, by the channel that it names. */
export interface TextNotice {
  noticeId: string;
  kind: 'text';
  text: string;
  channel: Exclude<Channel, 'call'>;
}
export const noticeKinds = [
  'recovered',
  'resolved',
  'taken',
  'deleted',
  'not-rerun',
  'reminder',
  'suspended',
  'forgotten',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** On the clock of a schedule; `from` and `to` are minutes since midnight. */
export type DutyTime =
  | { kind: 'tonight' }
  | { kind: 'hours'; from: number; to: number }
  | { kind: 'until'; to: number }
  | { kind: 'for'; ms: number };

export type MuteTime = Extract<DutyTime, { kind: 'until' | 'for' }>;

/** What a contact replied, parsed from a text, a button or a key. The api passes no words on. */
export type Command =
  | {
      verb: 'acknowledge' | 'resolve' | 'rerun';
      number?: number;
      /** Several, in place of `number`. */
      numbers?: number[];
      /** Everything that the message with these numbers carries, also what it only counts. */
      inMessage?: true;
      all?: boolean;
    }
  /** `minutesMs` is what a bare number means while no item has it. */
  | { verb: 'snooze'; number?: number; durationMs: number; minutesMs?: number }
  /** Ten open items, counted from 1. */
  | { verb: 'list'; page: number }
  /** Who is on call by each schedule. */
  | { verb: 'who' }
  /** Gives duty to another contact. */
  | { verb: 'swap'; contact: string; schedule?: string; time: DutyTime }
  /** Silences an item, by its number or name, or a project, by its path. */
  | ({ verb: 'mute'; time: MuteTime } & ({ name: string } | { number: number }))
  /** Four digits, which may be a code that was sent to the contact. */
  | { verb: 'code'; code: string }
  | { verb: 'stop' }
  | { verb: 'start'; word: 'start' | 'yes' }
  | { verb: 'help' }
  | { verb: 'unknown' };

export interface ReplySignal {
  /** MessageSid, or `<CallSid>:<digit>`: a copy has the same. */
  replyId: string;
  channel: Channel;
  command: Command;
  /** The message that a button or a swipe reply names (OriginalRepliedMessageSid). */
  messageSid?: string;
  /** The call that the key was pressed in: the attempt id of its address. */
  attempt?: string;
  at: number;
}

export interface ReceiptSignal {
  attempt: string;
  /** MessageSid or CallSid. */
  sid: string;
  /** MessageStatus or CallStatus as Twilio sent it. */
  status: string;
  errorCode?: string;
  at: number;
}

/** The spoken answer to a key pressed in a call. */
export interface ReplyOutcome {
  text: string;
}

export type PagerSettings = Omit<Settings, 'lingerMs' | 'forgetMs'>;

export interface PagerInput {
  contact: string;
  settings: PagerSettings;
}

export const pagerType = 'pager';

// ---------------------------------------------------------------------------------------------------------------------
// Ids

export const pagerId = (contact: string): string => `pager:${contact}`;

/** How the pager of a contact is started by whoever signals it first; `settings` are those of the escalation file. */
export const pagerStart = (contact: string, settings: PagerSettings) => {
  const { windowMs, callWindowMs, messagesPerHour, callsPerHour, answersPerHour } = settings;
  const input: PagerInput = {
    contact,
    settings: { windowMs, callWindowMs, messagesPerHour, callsPerHour, answersPerHour },
  };
  return {
    workflowId: pagerId(contact),
    taskQueue: taskQueues.pagers,
    args: [input] as [PagerInput],
    staticSummary: `Pager of ${contact}`,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
  } as const;
};

export const incidentWorkflowId = (id: string): string => `incident:${id}`;
/** The inverse of `incidentWorkflowId`; null for the id of anything else. */
export const incidentIdOf = (workflowId: string): string | null =>
  workflowId.startsWith('incident:') ? workflowId.slice('incident:'.length) : null;
