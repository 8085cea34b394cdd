/**
 * What a pager remembers of its contact: items and their numbers, what waits to be sent, what was sent. The state is plain
 * data, every list bounded, and items are referred to by a small key, so that a storm of thousands survives continue-as-new.
 */
import type {
  AnswerResult,
  Channel,
  Command,
  Facts,
  NoticeSignal,
  PagerInput,
  ReplySignal,
  Settlement,
  Verb,
} from '../contract.js';
import type { Line } from '../log-lines.js';
import { fit } from '../words.js';

/** One episode of one incident, as this contact knows it. */
export interface PagedItem {
  k: number;
  incident: string;
  episode: string;
  facts: Facts;
  /** The reply number, 1 to 99, once the item was named to the contact. */
  number: number | null;
  numberedAt: number;
  /** The newest page that came. */
  lastPage: number;
  /** Pages up to this one are not sent any more. */
  upTo: number;
  /** Whether any message told of it, by name or by count. */
  shown: boolean;
  settled: { how: Settlement; by: string | null; at: number } | null;
  /** Pages up to this one were answered for, also when the item was opened again since. */
  answered: number;
}

/** A page by the key of its item and its number in the episode. */
export type PageRef = [k: number, n: number];

/** A page that waits to be put into a message. */
export interface HeldPage {
  k: number;
  n: number;
  channel: Channel;
  /** When it is not worth sending any more. */
  until: number;
  /** Until when its incident was told that it is held; 0: it was not told. */
  reportedUntil: number;
  /** Other contacts who may have answered; missing in the first step of an episode. */
  others?: string[];
}

/** A message or call that is being tried. */
export interface Outgoing {
  attempt: string;
  channel: Channel;
  /** What it carries; empty for a text that asks for nothing. */
  pages: PageRef[];
  /** Items that the contact knows of by this message alone. */
  reveals: number[];
  text: string;
  /** The variables of a WhatsApp template, for one page alone. */
  variables: Record<string, string> | null;
  notBefore: number;
  until: number;
  tries: number;
  firstTriedAt: number | null;
  /** Whether an earlier try may have been accepted. */
  uncertain: boolean;
  /** When it was first handed back for being late, since it was tried last. */
  staleSince?: number;
  /** Other contacts who may have answered what it carries; missing when it carries first steps alone. */
  others?: string[];
  /** May use what the hourly cap keeps back: a first page, or the answer to a reply. */
  urgent: boolean;
}

/** A message or call that Twilio was asked for. */
export interface Sent {
  attempt: string;
  channel: Channel;
  pages: PageRef[];
  at: number;
  /** Null while Twilio has not answered. */
  sid: string | null;
  /** `sending` while it is being tried, `waiting` before it is tried again, else the newest status that Twilio told. */
  status: string;
  rank: number;
  /** We ended this call: that it is canceled is no failure. */
  endedByUs: boolean;
  /** A WhatsApp text that carries no page, kept to go by SMS when it cannot be delivered. */
  text?: string;
}

/** Something to tell an incident. */
export type Report = { k: number } & (
  | { signal: 'sent'; n: number; at: number; read?: true }
  | { signal: 'held'; n: number; until: number; why: string }
  | { signal: 'failed'; n: number; code: string }
  | { signal: 'answer'; answerId: string; verb: Verb; duration?: number }
);

/** What became of some items of a reply: how many, and the first few names. */
export interface Outcome {
  result: AnswerResult;
  by: string | null;
  until: number | null;
  /** How it was over, of what was over before. */
  how?: Settlement;
  count: number;
  names: string[];
}

/** A reply and what became of it. */
export interface HandledReply {
  replyId: string;
  channel: Channel;
  /** Missing in what a run of before this was logged hands over. */
  verb?: Command['verb'];
  /** The call that the key was pressed in. */
  attempt: string | null;
  at: number;
  /** Keys of items whose incident has not answered. */
  waiting: number[];
  outcomes: Outcome[];
  /** What the person was told, once that is known. */
  text: string | null;
}

/** A notice that waits to be bundled. */
export interface PendingNotice {
  /** The item it is about. */
  k: number;
  channel: 'whatsapp' | 'sms';
  kind: NoticeSignal['kind'];
  facts: Facts;
  by: string | null;
  why: string | null;
  at: number;
}

export interface PagerState {
  contact: string;
  settings: PagerInput['settings'];
  lastKey: number;
  items: PagedItem[];
  lastNumber: number;
  held: HeldPage[];
  outbox: Outgoing[];
  sent: Sent[];
  /** When messages and calls left in the last hour. */
  recentSends: { messages: number[]; calls: number[] };
  pendingNotices: PendingNotice[];
  answers: Report[];
  reports: Report[];
  replies: HandledReply[];
  /** Replies to a message whose SID is not known yet. */
  deferred: ReplySignal[];
  notices: string[];
  /** Channels that the contact said STOP on. */
  stopped: Channel[];
  /** Help lines sent in a row. */
  helps: number;
  /** Troubles that an operator must mend, by code: when they were last said, and whether they last. */
  alarms: Record<string, { since: number; loggedAt: number; channel: Channel }>;
}

/** The state with its indexes, which are not carried over. */
export interface Pager extends PagerState {
  byKey: Map<number, PagedItem>;
  byEpisode: Map<string, PagedItem>;
  /** For the log, which has them before anything is waited for. */
  logLines: Line[];
}

export const day = 24 * 60 * 60_000;
export const hour = 60 * 60_000;
const keptOver = 300;
const keptTaken = 6_000;
const keptSent = 300;
const keptReplies = 100;
const keptNotices = 300;
/** Beyond as many open items only what a list needs of them is kept. */
const fullFacts = 300;

export const newPager = (contact: string, settings: PagerState['settings']): PagerState => ({
  contact,
  settings,
  lastKey: 0,
  items: [],
  lastNumber: 0,
  held: [],
  outbox: [],
  sent: [],
  recentSends: { messages: [], calls: [] },
  pendingNotices: [],
  answers: [],
  reports: [],
  replies: [],
  deferred: [],
  notices: [],
  stopped: [],
  helps: 0,
  alarms: {},
});

const episodeKey = (incident: string, episode: string): string => `${episode} ${incident}`;

export function openPager(state: PagerState): Pager {
  const byKey = new Map(state.items.map((item) => [item.k, item]));
  const byEpisode = new Map(state.items.map((item) => [episodeKey(item.incident, item.episode), item]));
  return { ...state, byKey, byEpisode, logLines: [] };
}

export function stateOf({ byKey: _byKey, byEpisode: _byEpisode, logLines: _lines, ...state }: Pager): PagerState {
  return state;
}

/** A line of the log about a message or call: of its pages, or of a notice where it carries none. */
export function logMessage(
  pager: Pager,
  what: 'sent' | 'held' | 'failed',
  { channel, attempt, pages }: Pick<Sent, 'channel' | 'attempt' | 'pages'>,
  about: Line['about'] = {},
): void {
  const message = `${pages.length > 0 ? 'page' : 'notice'} ${what}`;
  pager.logLines.push({ message, about: { channel, incidents: pages.length, attempt, ...about } });
}

export const itemOf = (pager: Pager, incident: string, episode: string): PagedItem | undefined =>
  pager.byEpisode.get(episodeKey(incident, episode));

export function addItem(pager: Pager, incident: string, episode: string, facts: Facts): PagedItem {
  pager.lastKey += 1;
  const item: PagedItem = {
    k: pager.lastKey,
    incident,
    episode,
    facts: keep(pager, facts),
    number: null,
    numberedAt: 0,
    lastPage: 0,
    upTo: 0,
    shown: false,
    settled: null,
    answered: 0,
  };
  pager.items.push(item);
  pager.byKey.set(item.k, item);
  pager.byEpisode.set(episodeKey(incident, episode), item);
  return item;
}

const keep = (pager: Pager, facts: Facts): Facts => (pager.items.length > fullFacts ? slim(facts) : facts);

/** A later page carries what came later. */
export function updateFacts(pager: Pager, item: PagedItem, facts: Facts): void {
  item.facts = keep(pager, facts);
}

const slim = ({ kind, name, event, failures, since, cause, inARow }: Facts): Facts => ({
  kind,
  name: fit(name, 40),
  event,
  failures,
  since,
  ...(cause ? { cause: fit(cause, 60) } : {}),
  ...(inARow ? { inARow } : {}),
});

export function settle(item: PagedItem, how: Settlement, by: string | null, at: number): void {
  item.settled = { how, by, at };
  item.answered = item.lastPage;
}

/** Items of a message that nobody has answered for since it was sent. */
export const unansweredIn = (pager: Pager, { pages }: Pick<Sent, 'pages'>): PagedItem[] =>
  pages.flatMap(([k, n]) => {
    const item = pager.byKey.get(k);
    return isOpen(item) && n > item.answered ? [item] : [];
  });

/** An item is open while nobody answered for it. */
export const isOpen = (item: PagedItem | undefined): item is PagedItem => item !== undefined && item.settled === null;

export const openItems = (pager: Pager): PagedItem[] => pager.items.filter(isOpen);

export const itemsOf = (pager: Pager, pages: readonly PageRef[]): PagedItem[] =>
  pages.flatMap(([k]) => pager.byKey.get(k) ?? []);

/**
 * The number of an item that is named to the contact: from 1 to 99, none that an open item has or that was given in the last
 * 24 h while others are free; else the one given longest ago.
 */
export function numberOf(pager: Pager, item: PagedItem, now: number): number {
  if (item.number !== null && (item.settled === null || now - item.numberedAt < day)) return item.number;
  const taken = new Map<number, number>();
  for (const other of pager.items) {
    if (other.number === null || other === item) continue;
    const since = other.settled === null ? Number.MAX_SAFE_INTEGER : other.numberedAt;
    taken.set(other.number, Math.max(taken.get(other.number) ?? 0, since));
  }
  item.number = freeNumber(pager.lastNumber, taken, now);
  item.numberedAt = now;
  pager.lastNumber = item.number;
  // Who had it before cannot be meant by it any more.
  for (const other of pager.items) if (other !== item && other.number === item.number) other.number = null;
  return item.number;
}

function freeNumber(last: number, taken: ReadonlyMap<number, number>, now: number): number {
  let oldest = { number: (last % 99) + 1, since: Number.POSITIVE_INFINITY };
  for (let step = 1; step <= 99; step += 1) {
    const number = ((last + step - 1) % 99) + 1;
    const since = taken.get(number);
    if (since === undefined || since <= now - day) return number;
    if (since < oldest.since) oldest = { number, since };
  }
  return oldest.number;
}

/** Drops what nobody can ask for any more. */
export function prune(pager: Pager, now: number): void {
  // What is acknowledged is still broken: it is reminded of, and its recovery is told.
  const taken = pager.items.filter((item) => item.settled?.how === 'acknowledged');
  const over = pager.items.filter((item) => item.settled !== null && item.settled.how !== 'acknowledged');
  const kept = new Set(over.filter((item) => now - (item.settled?.at ?? 0) < day).slice(-keptOver));
  const gone = [...over.filter((item) => !kept.has(item)), ...taken.slice(0, Math.max(0, taken.length - keptTaken))];
  if (gone.length > 0) dropItems(pager, new Set(gone));
  const excess = pager.sent.length - keptSent;
  if (excess > 0) {
    let dropped = 0;
    const trying = new Set(pager.outbox.map(({ attempt }) => attempt));
    const isLive = (sent: Sent): boolean => trying.has(sent.attempt) || unansweredIn(pager, sent).length > 0;
    // What tells of open items goes last, but it goes: an item that is open for days was paged many times.
    pager.sent = pager.sent.filter((sent) => isLive(sent) || ++dropped > excess).slice(-2 * keptSent);
  }
  pager.replies = pager.replies.slice(-keptReplies);
  pager.notices = pager.notices.slice(-keptNotices);
  pager.deferred = pager.deferred.slice(-keptReplies);
}

function dropItems(pager: Pager, gone: ReadonlySet<PagedItem>): void {
  pager.items = pager.items.filter((item) => !gone.has(item));
  for (const item of gone) {
    pager.byKey.delete(item.k);
    pager.byEpisode.delete(episodeKey(item.incident, item.episode));
  }
}
