/**
 * What a pager remembers of its contact: items and their numbers, what waits to be sent, what was sent. Plain data with bounded
 * lists; items are referred to by a small key, so that a storm of thousands survives continue-as-new.
 */
import type { ChannelTraits, TextChannel } from '../channels.js';
import type { Channel } from '../contract.js';
import type { Facts, PagerSettings, ReplySignal, Settlement } from '../pager-contract.js';
import { nothingPublished, type LogLine, type Published, type Wake } from '../machine.js';
import type {
  HeldPage,
  HourlyCount,
  Outgoing,
  PendingHandOver,
  PendingNotice,
  Recovered,
  Sent,
} from './message-state.js';
import type { HandledReply, PendingCode, QueuedAnswer, QueuedRequest } from './reply-state.js';

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

/** What its incident has to know about a page. */
export type Report = { key: number } & (
  | { signal: 'sent'; n: number; at: number; read?: true }
  | { signal: 'held'; n: number; until: number; why: string; isQuiet?: true }
  | { signal: 'failed'; n: number; code: string; outage?: true }
);

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
