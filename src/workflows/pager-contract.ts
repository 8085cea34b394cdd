/**
 * What the api, the activities and the workflows share about pagers, as `contract.ts` about incidents: contacts are role keys, and no phone number is in
 * here. Times are milliseconds since the epoch (UTC) unless the name has another unit.
 */
import { type Channel, taskQueues, type Settings, type ItemKind } from './contract.js';

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
export type Settlement =
  'acknowledged' | 'resolved' | 'recovered' | 'deleted' | 'not-promised' | 'forgotten' | 'cancelled';
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
/** About no incident: a text that goes as it is, by the channel that it names. A call says it, and takes no key. */
export interface TextNotice {
  noticeId: string;
  kind: 'text';
  text: string;
  channel: Channel;
}
export const noticeKinds = [
  'recovered',
  'resolved',
  'taken',
  'deleted',
  'not-promised',
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
  /** A button of a page, which shows the outcome: no text answers it. */
  isOnPage?: true;
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

export interface PagerSettings extends Omit<Settings, 'lingerMs' | 'forgetMs'> {
  /** How long the link of a page is, in places of an SMS; 0 or absent: pages have none. From whoever signals pages. */
  linkLength?: number;
}

/** What the link of a message opens: the item that has a number, or with number 0 all that is open for the contact. */
export interface LinkTarget {
  number: number;
  /** Empty with number 0. */
  incident: string;
  episode: string;
  /** When the item got its number; with number 0 when the message was made. */
  at: number;
}

/** The key of a pager's memo for what a number means. */
export const numberKey = (number: number): string => `n${number}`;
/** Its value. */
export type NumberedItem = Omit<LinkTarget, 'number'>;

/** In a pager's memo: the incidents to which answers are on their way, workflow ids by what they begin with (up to the last colon) and what follows. */
export type Answering = Record<string, string[]>;

export interface PagerInput {
  contact: string;
  settings: PagerSettings;
}

export const pagerType = 'pager';

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
