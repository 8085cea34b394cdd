/** Pages come in, are held or not, and leave as messages: which one is next on a channel, and when. */
import { type TextChannel } from '../channels.js';
import { hour, minute, type Channel, type PageSignal, type WithdrawSignal } from '../contract.js';
import { fitsIn } from '../words.js';
import { newOutgoing, pack } from './compose.js';
import { addItem, isOpen, itemOf, settle, updateFacts } from './items.js';
import { answersLeft, countAnswer, limitReason, noticeFreeAt, pageFreeAt, windowOf } from './limits.js';
import { lastAnswerText } from './reply-texts.js';
import { logInfo, type HeldPage, type Outgoing, type PageRef, type Pager } from './state.js';

/** How long a text that carries no page is worth sending. */
const textLifeMs = hour;

/** Splits `<episode>.<n>`. */
function readPageId(pageId: string): { episode: string; n: number } {
  const dot = pageId.lastIndexOf('.');
  return { episode: pageId.slice(0, dot), n: Number(pageId.slice(dot + 1)) };
}

export function receivePage(pager: Pager, page: PageSignal, now: number): void {
  const { episode, n } = readPageId(page.pageId);
  const known = itemOf(pager, page.incident, episode);
  const item = known ?? addItem(pager, page.incident, episode, page.facts);
  // A copy, or a page whose withdrawal came first.
  if (n <= item.lastPage || n <= item.upTo) return;
  if (known) updateFacts(pager, known, page.facts);
  item.lastPage = n;
  item.settled = null;
  if (page.settings) pager.settings = page.settings;
  if (pager.stopped.includes(page.channel)) {
    pager.reports.push({ key: item.key, signal: 'failed', n, code: 'stopped' });
    logInfo(pager, 'page failed', { channel: page.channel, incidents: 1, code: 'stopped' });
    return;
  }
  pager.held.push({
    key: item.key,
    n,
    channel: page.channel,
    until: now + page.waitMs,
    reportedUntil: 0,
    ...(page.others ? { others: page.others } : {}),
  });
}

export function receiveWithdrawal(pager: Pager, withdrawal: WithdrawSignal, now: number): void {
  const known = itemOf(pager, withdrawal.incident, withdrawal.episode);
  if (!known) {
    // The page may still come, and must not be sent then.
    const facts = { kind: 'item', name: '', event: '', failures: 0, since: now } as const;
    const late = addItem(pager, withdrawal.incident, withdrawal.episode, facts);
    late.upTo = withdrawal.upTo;
    settle(late, 'cancelled', null, now);
    return;
  }
  known.upTo = Math.max(known.upTo, withdrawal.upTo);
  const { settled } = withdrawal;
  if (settled && known.lastPage <= known.upTo) settle(known, settled.how, settled.by, now);
}

const isWantedRef = (pager: Pager, [key, n]: PageRef): boolean => {
  const item = pager.byKey.get(key);
  return isOpen(item) && n > item.upTo;
};

/** Whether a message that waits, or is being sent, is still wanted. A text always is; a page until it is settled. */
export const isWanted = (pager: Pager, out: Outgoing): boolean =>
  out.pages.length === 0 || out.pages.some((page) => isWantedRef(pager, page));

/** Drops pages that are not wanted any more. A message whose activity runs stays until that ends. */
export function dropUnwanted(pager: Pager): void {
  pager.held = pager.held.filter(({ key, n }) => isWantedRef(pager, [key, n]));
  pager.outbox = pager.outbox.filter((out) => pager.sending.includes(out) || isWanted(pager, out));
}

/** Queues a text without a page; none on a channel that the contact stopped. */
export function queueText(pager: Pager, channel: TextChannel, text: string, now: number, urgent = true): void {
  if (!pager.stopped.includes(channel))
    pager.outbox.push({ ...newOutgoing(pager, channel, now, textLifeMs), text, urgent });
}

/**
 * Queues the answer to a reply. Over the limit it is not sent, also not later: a list of an hour ago helps nobody. The last one says so.
 * @param confirms it says what became of a problem, and may use the reserve
 */
export function queueAnswer(pager: Pager, channel: TextChannel, text: string, now: number, confirms: boolean): void {
  if (pager.stopped.includes(channel)) return;
  const { count, freeAt } = answersLeft(pager, confirms, now);
  if (count === 0) {
    logInfo(pager, 'answer not sent', { channel, why: 'the hourly limit of answers is reached' });
    return;
  }
  countAnswer(pager, now);
  const last = count === 1 ? `${text}\n${lastAnswerText(confirms, freeAt - now)}` : text;
  const whole = fitsIn(last, channel) ? last : text;
  pager.outbox.push({ ...newOutgoing(pager, channel, now, textLifeMs), text: whole, urgent: true, isAnswer: true });
}

/** What a channel does next: something now, or later and why; null while nothing waits. */
export type Next = { send: Outgoing } | Later | null;
interface Later {
  at: number;
  why: string;
}

/** Decides what leaves by a channel. Held pages go as soon as their window is over, all in one message. */
export function nextOn(pager: Pager, channel: Channel, now: number): Next {
  const answered = beingAnswered(pager);
  const outs = pager.outbox.filter((out) => out.channel === channel && !isAnswered(pager, out, answered));
  delayOverLimit(pager, outs, now);
  const due = outs.find((out) => isText(out) && out.notBefore <= now);
  const held = heldOn(pager, channel, answered);
  const wait = waitOf(pager, channel, held, now);
  if (wait !== null && wait.at <= now) return { send: pack(pager, channel, held, due, now) };
  return due ? { send: due } : soonest(outs, wait, now);
}

/** Until when pages are held on a channel, and why; null while none is. */
export interface Wait extends Later {
  /** The hourly limit is what they wait for. */
  overLimit: boolean;
}

export const heldUntil = (pager: Pager, channel: Channel, now: number): Wait | null =>
  waitOf(pager, channel, heldOn(pager, channel, beingAnswered(pager)), now);

const heldOn = (pager: Pager, channel: Channel, answered: ReadonlySet<number>): HeldPage[] =>
  pager.held.filter((page) => page.channel === channel && !answered.has(page.key));

function waitOf(pager: Pager, channel: Channel, held: readonly HeldPage[], now: number): Wait | null {
  if (held.length === 0) return null;
  const window = windowOf(pager, channel, held, now);
  const freeAt = pageFreeAt(pager, channel, now, window.first);
  return freeAt > Math.max(now, window.end)
    ? { at: freeAt, why: limitReason(pager, channel, window.first), overLimit: true }
    : { at: window.end, why: 'a message is unanswered; all that came since goes in one', overLimit: false };
}

/** Items for which an answer is on its way to the incident. */
const beingAnswered = (pager: Pager): ReadonlySet<number> => new Set(pager.replies.flatMap(({ waiting }) => waiting));

/** A message waits with its next try while answers for all that it carries are on their way to the incidents. */
const isAnswered = (pager: Pager, { pages }: Outgoing, answered: ReadonlySet<number>): boolean =>
  pages.length > 0 && pages.every((page) => answered.has(page[0]) || !isWantedRef(pager, page));

const isText = (out: Outgoing): boolean => out.pages.length === 0 && out.tries === 0;

/** A notice over the hourly limit waits until the limit allows it. */
function delayOverLimit(pager: Pager, outs: readonly Outgoing[], now: number): void {
  for (const out of outs) {
    if (isText(out) && !out.isAnswer && out.notBefore <= now)
      out.notBefore = noticeFreeAt(pager, out.channel, now, out.urgent);
  }
}

function soonest(outs: readonly Outgoing[], waiting: Later | null, now: number): Next {
  const [first] = outs.toSorted((a, b) => a.notBefore - b.notBefore);
  if (!first) return waiting;
  if (first.notBefore <= now) return { send: first };
  if (waiting && waiting.at <= first.notBefore) return waiting;
  return {
    at: first.notBefore,
    why: first.tries > 0 ? 'Twilio did not accept it' : 'notices wait for the hourly limit',
  };
}

/** Reports held pages to their incidents, once and again when the time has moved by more than a minute. */
export function reportHeld(pager: Pager, channel: Channel, now: number): void {
  const wait = heldUntil(pager, channel, now);
  if (wait === null) return;
  const { at: until, why } = wait;
  const changed = pager.held.filter((page) => page.channel === channel && until >= page.reportedUntil + minute);
  for (const page of changed) {
    page.reportedUntil = until;
    pager.reports.push({ key: page.key, signal: 'held', n: page.n, until, why });
  }
  if (changed.length === 0) return;
  const about = { channel, incidents: changed.length, why, until: new Date(until).toISOString() };
  logInfo(pager, 'page held', about);
}
