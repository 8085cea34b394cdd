/**
 * What a pager remembers of its contact: items and their numbers, what waits to be sent, what was sent. The state is plain
 * data, every list bounded, and items are referred to by a small key, so that a storm of thousands survives continue-as-new.
 */
import type { AnswerResult, Channel, Command, Facts, NoticeSignal, ReplySignal, Settling, Verb } from '../contract.js';
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
  settled: { how: Settling; by: string | null; at: number } | null;
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
  toldUntil: number;
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
  lateSince?: number;
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
export type Tell = { k: number } & (
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
  how?: Settling;
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
export interface News {
  /** The item it is about. */
  k: number;
  channel: 'whatsapp' | 'sms';
  kind: NoticeSignal['kind'];
  facts: Facts;
  by: string | null;
  why: string | null;
  at: number;
}

export interface MailboxState {
  contact: string;
  settings: { window: number; callWindow: number; messagesPerHour: number; callsPerHour: number };
  lastKey: number;
  items: PagedItem[];
  lastNumber: number;
  held: HeldPage[];
  outbox: Outgoing[];
  sent: Sent[];
  /** When messages and calls left in the last hour. */
  left: { messages: number[]; calls: number[] };
  news: News[];
  answers: Tell[];
  reports: Tell[];
  replies: HandledReply[];
  /** Replies to a message whose SID is not known yet. */
  parked: ReplySignal[];
  notices: string[];
  /** Channels that the contact said STOP on. */
  stopped: Channel[];
  /** Help lines sent in a row. */
  helps: number;
  /** Troubles that an operator must mend, by code: when they were last said, and whether they last. */
  alarms: Record<string, { since: number; saidAt: number; channel: Channel }>;
}

/** The state with its indexes, which are not carried over. */
export interface Mailbox extends MailboxState {
  byKey: Map<number, PagedItem>;
  byEpisode: Map<string, PagedItem>;
  /** For the log, which has them before anything is waited for. */
  lines: Line[];
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

export const newMailbox = (contact: string, settings: MailboxState['settings']): MailboxState => ({
  contact,
  settings,
  lastKey: 0,
  items: [],
  lastNumber: 0,
  held: [],
  outbox: [],
  sent: [],
  left: { messages: [], calls: [] },
  news: [],
  answers: [],
  reports: [],
  replies: [],
  parked: [],
  notices: [],
  stopped: [],
  helps: 0,
  alarms: {},
});

const episodeKey = (incident: string, episode: string): string => `${episode} ${incident}`;

export function openMailbox(state: MailboxState): Mailbox {
  const byKey = new Map(state.items.map((item) => [item.k, item]));
  const byEpisode = new Map(state.items.map((item) => [episodeKey(item.incident, item.episode), item]));
  return { ...state, byKey, byEpisode, lines: [] };
}

export function stateOf({ byKey: _byKey, byEpisode: _byEpisode, lines: _lines, ...state }: Mailbox): MailboxState {
  return state;
}

/** A line of the log about a message or call: of its pages, or of a notice where it carries none. */
export function logMessage(
  box: Mailbox,
  what: 'sent' | 'held' | 'failed',
  { channel, attempt, pages }: Pick<Sent, 'channel' | 'attempt' | 'pages'>,
  about: Line['about'] = {},
): void {
  const message = `${pages.length > 0 ? 'page' : 'notice'} ${what}`;
  box.lines.push({ message, about: { channel, incidents: pages.length, attempt, ...about } });
}

export const itemOf = (box: Mailbox, incident: string, episode: string): PagedItem | undefined =>
  box.byEpisode.get(episodeKey(incident, episode));

export function addItem(box: Mailbox, incident: string, episode: string, facts: Facts): PagedItem {
  box.lastKey += 1;
  const item: PagedItem = {
    k: box.lastKey,
    incident,
    episode,
    facts: keep(box, facts),
    number: null,
    numberedAt: 0,
    lastPage: 0,
    upTo: 0,
    shown: false,
    settled: null,
    answered: 0,
  };
  box.items.push(item);
  box.byKey.set(item.k, item);
  box.byEpisode.set(episodeKey(incident, episode), item);
  return item;
}

const keep = (box: Mailbox, facts: Facts): Facts => (box.items.length > fullFacts ? slim(facts) : facts);

/** A later page carries what came later. */
export function updateFacts(box: Mailbox, item: PagedItem, facts: Facts): void {
  item.facts = keep(box, facts);
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

export function settle(item: PagedItem, how: Settling, by: string | null, at: number): void {
  item.settled = { how, by, at };
  item.answered = item.lastPage;
}

/** Items of a message that nobody has answered for since it was sent. */
export const unansweredIn = (box: Mailbox, { pages }: Pick<Sent, 'pages'>): PagedItem[] =>
  pages.flatMap(([k, n]) => {
    const item = box.byKey.get(k);
    return isOpen(item) && n > item.answered ? [item] : [];
  });

/** An item is open while nobody answered for it. */
export const isOpen = (item: PagedItem | undefined): item is PagedItem => item !== undefined && item.settled === null;

export const openItems = (box: Mailbox): PagedItem[] => box.items.filter(isOpen);

export const itemsOf = (box: Mailbox, pages: readonly PageRef[]): PagedItem[] =>
  pages.flatMap(([k]) => box.byKey.get(k) ?? []);

/**
 * The number of an item that is named to the contact: from 1 to 99, none that an open item has or that was given in the last
 * 24 h while others are free; else the one given longest ago.
 */
export function numberOf(box: Mailbox, item: PagedItem, now: number): number {
  if (item.number !== null && (item.settled === null || now - item.numberedAt < day)) return item.number;
  const taken = new Map<number, number>();
  for (const other of box.items) {
    if (other.number === null || other === item) continue;
    const since = other.settled === null ? Number.MAX_SAFE_INTEGER : other.numberedAt;
    taken.set(other.number, Math.max(taken.get(other.number) ?? 0, since));
  }
  item.number = freeNumber(box.lastNumber, taken, now);
  item.numberedAt = now;
  box.lastNumber = item.number;
  // Who had it before cannot be meant by it any more.
  for (const other of box.items) if (other !== item && other.number === item.number) other.number = null;
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
export function prune(box: Mailbox, now: number): void {
  // What is acknowledged is still broken: it is reminded of, and its recovery is told.
  const taken = box.items.filter((item) => item.settled?.how === 'acknowledged');
  const over = box.items.filter((item) => item.settled !== null && item.settled.how !== 'acknowledged');
  const kept = new Set(over.filter((item) => now - (item.settled?.at ?? 0) < day).slice(-keptOver));
  const gone = [...over.filter((item) => !kept.has(item)), ...taken.slice(0, Math.max(0, taken.length - keptTaken))];
  if (gone.length > 0) dropItems(box, new Set(gone));
  const excess = box.sent.length - keptSent;
  if (excess > 0) {
    let dropped = 0;
    const trying = new Set(box.outbox.map(({ attempt }) => attempt));
    const isLive = (sent: Sent): boolean => trying.has(sent.attempt) || unansweredIn(box, sent).length > 0;
    // What tells of open items goes last, but it goes: an item that is open for days was paged many times.
    box.sent = box.sent.filter((sent) => isLive(sent) || ++dropped > excess).slice(-2 * keptSent);
  }
  box.replies = box.replies.slice(-keptReplies);
  box.notices = box.notices.slice(-keptNotices);
  box.parked = box.parked.slice(-keptReplies);
}

function dropItems(box: Mailbox, gone: ReadonlySet<PagedItem>): void {
  box.items = box.items.filter((item) => !gone.has(item));
  for (const item of gone) {
    box.byKey.delete(item.k);
    box.byEpisode.delete(episodeKey(item.incident, item.episode));
  }
}
