/**
 * What a pager remembers of its contact: items and their numbers, what waits to be sent, what was sent. Plain data, every
 * list bounded, so that it survives continue-as-new.
 */
import type {
  AnswerSignal,
  AnswerResult,
  Channel,
  Facts,
  FailedSignal,
  HeldSignal,
  PagerInput,
  ReplySignal,
  SentSignal,
  WithdrawSignal,
} from './contract.js';

/** One episode of one incident, as this contact knows it. */
export interface PagedItem {
  incident: string;
  episode: string;
  facts: Facts;
  /** The reply number, 1 to 99. */
  number: number;
  numberedAt: number;
  /** The newest page that came. */
  lastPage: number;
  /** Pages up to this one are not sent any more. */
  upTo: number;
  settled: (NonNullable<WithdrawSignal['settled']> & { at: number }) | null;
}

/** A page or a notice that waits to be sent, or is being sent. */
export interface Outgoing {
  attempt: string;
  kind: 'page' | 'notice';
  channel: Channel;
  /** What a page is about; null for a notice. */
  page: { incident: string; episode: string; pageId: string } | null;
  /** What is sent, fixed by the first try so that later ones can look for it; null before. */
  text: string | null;
  /** The variables of a WhatsApp template; null for a notice. */
  variables: Record<string, string> | null;
  notBefore: number;
  /** When it is not worth trying any more. */
  until: number;
  tries: number;
  firstTriedAt: number | null;
  /** Whether an earlier try may have been accepted. */
  uncertain: boolean;
}

/** A message or call that Twilio was asked for. */
export interface Sent {
  attempt: string;
  channel: Channel;
  kind: 'page' | 'notice';
  pages: { incident: string; episode: string; pageId: string }[];
  sentAt: number;
  /** Null while Twilio has not answered. */
  sid: string | null;
  /** `sending`, or the newest status that Twilio told. */
  status: string;
  /** We ended this call: that it is canceled is no failure. */
  endedByUs: boolean;
}

/** A signal to an incident that waits to be sent. */
export type Tell = { incident: string } & (
  | { signal: 'sent'; payload: SentSignal }
  | { signal: 'held'; payload: HeldSignal }
  | { signal: 'failed'; payload: FailedSignal }
  | { signal: 'answer'; payload: AnswerSignal }
);

/** A reply and what became of it. */
export interface HandledReply {
  replyId: string;
  channel: Channel;
  /** The call that the key was pressed in. */
  attempt: string | null;
  at: number;
  /** Answers whose outcome is not known yet. */
  waiting: { answerId: string; incident: string; episode: string; name: string }[];
  outcomes: { name: string; result: AnswerResult; by: string | null }[];
  /** What the person was told, once that is known. */
  text: string | null;
}

export interface Mailbox {
  contact: string;
  items: PagedItem[];
  lastNumber: number;
  queue: Outgoing[];
  sent: Sent[];
  tells: Tell[];
  replies: HandledReply[];
  /** Replies to a message whose SID is not known yet. */
  parked: ReplySignal[];
  notices: string[];
  /** Channels that the contact said STOP on. */
  stopped: Channel[];
  /** Help lines sent in a row. */
  helps: number;
}

export const day = 24 * 60 * 60_000;
const keptSettled = 300;
const keptSent = 400;
const keptReplies = 100;
const keptNotices = 300;

export const newMailbox = ({ contact }: Pick<PagerInput, 'contact'>): Mailbox => ({
  contact,
  items: [],
  lastNumber: 0,
  queue: [],
  sent: [],
  tells: [],
  replies: [],
  parked: [],
  notices: [],
  stopped: [],
  helps: 0,
});

export const itemOf = (box: Mailbox, incident: string, episode: string): PagedItem | undefined =>
  box.items.find((item) => item.incident === incident && item.episode === episode);

/** An item is open while nobody answered for it. */
export const openItems = (box: Mailbox): PagedItem[] => box.items.filter((item) => item.settled === null);

/** The next number from 1 to 99 that no open item has and that was not given in the last 24 h; else the one given longest ago. */
export function nextNumber(box: Mailbox, now: number): number {
  const taken = new Map<number, number>();
  for (const item of box.items) {
    const since = item.settled === null ? Number.POSITIVE_INFINITY : item.numberedAt;
    taken.set(item.number, Math.max(taken.get(item.number) ?? 0, since));
  }
  let oldest = { number: 1, since: Number.POSITIVE_INFINITY };
  for (let step = 1; step <= 99; step += 1) {
    const number = ((box.lastNumber + step - 1) % 99) + 1;
    const since = taken.get(number);
    if (since === undefined || since <= now - day) return number;
    if (since < oldest.since) oldest = { number, since };
  }
  return oldest.number;
}

/** Drops what nobody can ask for any more. */
export function prune(box: Mailbox, now: number): void {
  const settled = box.items.filter((item) => item.settled !== null);
  const recent = new Set(settled.filter((item) => now - item.numberedAt < day).slice(-keptSettled));
  box.items = box.items.filter((item) => item.settled === null || recent.has(item));
  const open = new Set(box.items.map((item) => `${item.incident} ${item.episode}`));
  const isLive = (sent: Sent): boolean =>
    sent.sid === null || sent.pages.some((page) => open.has(`${page.incident} ${page.episode}`));
  const excess = box.sent.length - keptSent;
  let dropped = 0;
  // What was sent for open items goes last, but it goes: an item that is open for days was paged many times.
  if (excess > 0) box.sent = box.sent.filter((sent) => isLive(sent) || ++dropped > excess).slice(-2 * keptSent);
  box.replies = box.replies.slice(-keptReplies);
  box.notices = box.notices.slice(-keptNotices);
  box.parked = box.parked.slice(-keptReplies);
}
