/**
 * What a pager remembers of its contact: items and their numbers, what waits to be sent, what was sent. Plain data with bounded
 * lists; items are referred to by a small key, so that a storm of thousands survives continue-as-new.
 */
import type { EntryCommand, MessageBody, PreparedEntry } from '../activity-contract.js';
import type { ChannelTraits, TextChannel } from '../channels.js';
import type { AnswerResult, Channel, Verb } from '../contract.js';
import type {
  Command,
  Facts,
  HandOverNotice,
  LinkTarget,
  NoticeSignal,
  PagerSettings,
  ReplySignal,
  Settlement,
} from '../pager-contract.js';
import { nothingPublished, type LogLine, type Published, type Wake } from '../machine.js';

/** One episode of one incident, as this contact knows it. */
export interface PagedItem {
  key: number;
  incident: string;
  episode: string;
  facts: Facts;
  /** The reply number, 1 to 99, once the item was named to the contact. */
  number: number | null;
  numberedAt: number;
  /** The newest page that arrived. */
  lastPage: number;
  /** Pages up to this one are not sent any more. */
  upTo: number;
  /** Whether a message named or counted it. */
  shown: boolean;
  /** `until`: it is snoozed so long. */
  settled: { how: Settlement; by: string | null; at: number; until?: number } | null;
  /** Pages up to this one were answered for, also when the item was opened again since. */
  answered: number;
}

/** A page by the key of its item and its number in the episode. */
export type PageRef = [key: number, n: number];

/** A page that waits to be put into a message. */
export interface HeldPage {
  key: number;
  n: number;
  channel: Channel;
  /** When it is not worth sending any more. */
  until: number;
  /** Until when its incident knows it to be held; 0: it has no report. */
  reportedUntil: number;
  /** Other contacts who may have answered. */
  others?: string[];
  isFirstStep?: true;
  /** When it arrived. */
  receivedAt?: number;
  /** The contact has quiet hours from and until then, and the page keeps them. Without `quietFrom` they had begun when it arrived. */
  quietUntil?: number;
  quietFrom?: number;
}

/** What failed and recovered in quiet hours, on one channel: it is counted when they end. */
export interface Recovered {
  channel: TextChannel;
  /** When the quiet hours end. */
  until: number;
  count: number;
  /** The newest incidents among them: one that fails again is not counted any more. */
  incidents: string[];
}

/** A message or call that is being tried. */
export interface Outgoing {
  attempt: string;
  channel: Channel;
  /** What it carries; empty for a text without a page. */
  pages: PageRef[];
  /** Items that the contact knows of by this message alone. */
  reveals: number[];
  text: string;
  /** The variables of a WhatsApp template, for one page alone. */
  variables: Record<string, string> | null;
  /** What its link opens; absent: it has none. */
  link?: LinkTarget;
  notBefore: number;
  until: number;
  tries: number;
  firstTriedAt: number | null;
  /** Whether an earlier try may have been accepted. */
  uncertain: boolean;
  /** The bodies of tries whose outcome was not known. */
  tried: MessageBody[];
  /** The answer to a reply that stands before the page; null: none. */
  confirmation: string | null;
  /** Since when its tries were rescheduled without sending, as they were too old; missing after a real try. */
  staleSince?: number;
  /** Other contacts who may have answered what it carries. */
  others: string[];
  /** It carries first steps alone, which arrived just now: nobody can have answered. */
  isPrompt: boolean;
  /** May use the reserve of the hourly limit: a first page, or a text that cannot wait. */
  urgent: boolean;
  /** It answers a reply, and is counted as such; missing: it does not. */
  isAnswer?: true;
  /** How many failed and recovered in the quiet hours that are over, which it says; missing: none. */
  recovered?: number;
  /** Its activity was asked to cancel, since nobody needs the message any more. */
  cancelling: boolean;
}

/** A message or call that was requested from Twilio. */
export interface Sent {
  attempt: string;
  channel: Channel;
  pages: PageRef[];
  at: number;
  /** Null while Twilio has not answered. */
  sid: string | null;
  /** `sending` while it is being tried, `waiting` before it is tried again, else the newest status of Twilio. */
  status: string;
  rank: number;
  /** This service ended the call, so that `canceled` is no failure. */
  endedByUs: boolean;
  /** A WhatsApp text that carries no page, kept to go by SMS when it cannot be delivered. */
  text?: string;
}

/** An answer of the contact that its incident has not taken. */
export interface QueuedAnswer {
  key: number;
  answerId: string;
  verb: Verb;
  durationMs?: number;
  /** How often its incident did not take it, and when it is asked again; absent before that. */
  tries?: number;
  notBefore?: number;
}

/** A reply that an activity answers. */
export interface QueuedRequest {
  /** Of the activity. */
  id: string;
  replyId: string;
  channel: TextChannel;
  request: ContactRequest;
}
export type ContactRequest =
  { what: 'who' } | { what: 'prepare'; command: EntryCommand } | { what: 'make'; entry: PreparedEntry };

/** A code that was sent to the contact, and what it makes. */
export interface PendingCode {
  code: string;
  entry: PreparedEntry;
  /** The one by which it was sent, and by which it has to come back. */
  channel: TextChannel;
  until: number;
}

/** What its incident has to know about a page. */
export type Report = { key: number } & (
  | { signal: 'sent'; n: number; at: number; read?: true }
  | { signal: 'held'; n: number; until: number; why: string; isQuiet?: true }
  | { signal: 'failed'; n: number; code: string; outage?: true }
);

/** What became of some items of a reply: how many, and the first few names. */
export interface Outcome {
  result: AnswerResult;
  by: string | null;
  until: number | null;
  /** How it ended, when it was over before the reply. */
  how?: Settlement;
  count: number;
  names: string[];
}

/** A reply and what became of it. */
export interface HandledReply {
  replyId: string;
  channel: Channel;
  verb: Command['verb'];
  /** The call that the key was pressed in. */
  attempt: string | null;
  /** Its outcome is shown on a page, not sent; missing: it is no button of a page. */
  isOnPage?: true;
  at: number;
  /** Keys of items whose incident has not answered. */
  waiting: number[];
  outcomes: Outcome[];
  /** What the person gets as an answer, once that is known. */
  text: string | null;
}

/**
 * What is counted: messages and calls that carry pages, by the setting that limits them, texts that carry none, and pages of items that
 * Tableau does not know.
 */
export type HourlyCount = ChannelTraits['hourlyLimit'] | 'answers' | 'notices' | 'unknownItems';

/** A notice that waits to be bundled. */
export interface PendingNotice {
  /** The item it is about. */
  key: number;
  channel: TextChannel;
  kind: NoticeSignal['kind'];
  facts: Facts;
  by: string | null;
  why: string | null;
  at: number;
  /** As of a page. */
  quietUntil?: number;
  quietFrom?: number;
}

/** A hand-over that waits for others, so that they go as one text. */
export interface PendingHandOver extends Pick<HandOverNotice, 'kind' | 'schedule' | 'other' | 'channel'> {
  /** The item it is about. */
  key: number;
  /** When it arrived, or when the quiet hours end for which it waits. */
  at: number;
}

export interface PagerState {
  version: 1;
  contact: string;
  /** Made when the pager began; the ids of its messages derive from it. */
  uuid: string;
  lastAttempt: number;
  settings: PagerSettings;
  lastKey: number;
  items: PagedItem[];
  lastNumber: number;
  held: HeldPage[];
  recovered: Recovered[];
  outbox: Outgoing[];
  /** Messages whose activity runs, also those of which a delivery receipt came before its end: at most one for each channel. */
  sending: Outgoing[];
  sent: Sent[];
  /** When messages and calls left in the last hour, by what counts them. */
  recentSends: Record<HourlyCount, number[]>;
  /** When the contact was last told that the limit holds pages. */
  limitNotifiedAt: Record<ChannelTraits['hourlyLimit'], number>;
  pendingNotices: PendingNotice[];
  handOvers: PendingHandOver[];
  /** What the last text about a hand-over named that nobody had taken, and when it was made. */
  lastHandOver: Partial<Record<TextChannel, { keys: number[]; at: number }>>;
  answers: QueuedAnswer[];
  /** Those that an activity is taking to their incidents, and its id. */
  answersInFlight: { id: string; answers: QueuedAnswer[] } | null;
  /** In order; the activity of the first may run. */
  requests: QueuedRequest[];
  /** The activity that runs for the first request: its id. */
  requestInFlight: string | null;
  lastRequest: number;
  pendingCode: PendingCode | null;
  /** When wrong codes came lately. */
  wrongCodes: number[];
  reports: Report[];
  /** Numbers what goes to incidents: signals, and activities that take answers. */
  lastSignal: number;
  /** Signals to incidents that have begun: the keys of their items. */
  signalsInFlight: { id: string; key: number }[];
  /** Calls that are being ended, by attempt. */
  callsEnding: string[];
  replies: HandledReply[];
  /** What the contact last answered for, and what a reminder named since. */
  spoken: { keys: number[]; at: number };
  /** Replies to a message whose SID is not known yet. */
  deferred: ReplySignal[];
  notices: string[];
  /** Channels on which the contact replied STOP. */
  stopped: Channel[];
  /** Help lines sent in a row. */
  helps: number;
  /** Numbers of which the memo says what they mean. */
  inMemo: number[];
  /** Problems that an operator must fix, by code: since when they last, and when they were last logged. */
  alarms: Record<string, { since: number; loggedAt: number; channel: Channel }>;
  /** When something is to be done without any input; null while nothing is. */
  next: Wake | null;
  published: Published;
  /** Temporal was asked to cancel the workflow. */
  cancelling: boolean;
}

/** The state with its indexes and what is to be logged, which are not carried over. */
export interface Pager extends PagerState {
  byKey: Map<number, PagedItem>;
  byEpisode: Map<string, PagedItem>;
  /**
   * Incidents whose answers wait for their turn, or are on their way before these: in the memo, where a page looks for them. Made anew in each
   * run.
   */
  answering: string[];
  /** The answers of which `answering` was made: it names thousands in a storm, and is the same for many workflow tasks. */
  answeringOf: string;
  /** What the memo was last made of; null: not yet in this run. */
  shown: { answering: readonly string[]; raised: string } | null;
  /** Items that this workflow task names by their numbers: the memo has to say so. */
  numbered: PagedItem[];
  logLines: LogLine[];
}

/** Settings that the input of an earlier version lacks. */
const addedSettings: Partial<PagerSettings> = { answersPerHour: 20 };

/** @param uuid any text that no other pager has; ids derive from it */
export const newPager = (contact: string, settings: PagerSettings, uuid: string): PagerState => ({
  version: 1,
  contact,
  uuid,
  lastAttempt: 0,
  settings: { ...addedSettings, ...settings },
  lastKey: 0,
  items: [],
  lastNumber: 0,
  held: [],
  recovered: [],
  outbox: [],
  sending: [],
  sent: [],
  recentSends: { messagesPerHour: [], callsPerHour: [], answers: [], notices: [], unknownItems: [] },
  limitNotifiedAt: { messagesPerHour: 0, callsPerHour: 0 },
  pendingNotices: [],
  handOvers: [],
  lastHandOver: {},
  answers: [],
  answersInFlight: null,
  requests: [],
  requestInFlight: null,
  lastRequest: 0,
  pendingCode: null,
  wrongCodes: [],
  reports: [],
  lastSignal: 0,
  signalsInFlight: [],
  callsEnding: [],
  replies: [],
  spoken: { keys: [], at: 0 },
  deferred: [],
  notices: [],
  stopped: [],
  helps: 0,
  inMemo: [],
  alarms: {},
  next: null,
  published: nothingPublished,
  cancelling: false,
});

export const episodeKey = (incident: string, episode: string): string => `${episode} ${incident}`;

/** Builds the indexes of a state. */
export function openPager(state: PagerState): Pager {
  const byKey = new Map(state.items.map((item) => [item.key, item]));
  const byEpisode = new Map(state.items.map((item) => [episodeKey(item.incident, item.episode), item]));
  return { ...state, byKey, byEpisode, answering: [], answeringOf: '', shown: null, numbered: [], logLines: [] };
}

export function stateOf(pager: Pager): PagerState {
  const { byKey: _byKey, byEpisode: _byEpisode, answering: _answering, answeringOf: _of, ...rest } = pager;
  const { shown: _shown, numbered: _numbered, logLines: _lines, ...state } = rest;
  return state;
}

/** The id of a message or call, the same for all its tries: unique among all pagers, also after continue-as-new. */
export function nextAttempt(pager: Pager): string {
  pager.lastAttempt += 1;
  return `${pager.uuid}-${pager.lastAttempt}`;
}

/** A line of the log about a message or call: of its pages, or of a notice where it carries none. */
export function logMessage(
  pager: Pager,
  what: 'sent' | 'held' | 'failed',
  { channel, attempt, pages }: Pick<Sent, 'channel' | 'attempt' | 'pages'>,
  about: LogLine['about'] = {},
): void {
  const message = `${pages.length > 0 ? 'page' : 'notice'} ${what}`;
  logInfo(pager, message, { channel, incidents: pages.length, attempt, ...about });
}

export function logInfo(pager: Pager, message: string, about: LogLine['about']): void {
  pager.logLines.push({ level: 'info', message, about });
}
