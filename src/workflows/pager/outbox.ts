/** Pages come in, are held or not, and leave as messages: which one is next on a channel, and when. */
import { channelName, isTextChannel, type TextChannel } from '../channels.js';
import { hour, minute, type Channel, type PageSignal, type WithdrawSignal } from '../contract.js';
import { newOutgoing, pack, releaseConfirmation } from './compose.js';
import { addItem, beingAnswered, isWantedRef, itemOf, settle, updateFacts } from './items.js';
import { limitFreeAt, windowOf } from './limits.js';
import { reportHeldPages } from './reports.js';
import { failStoppedPage, isStopped } from './stop.js';
import { logInfo, type Outgoing, type PageRef, type Pager } from './state.js';

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
  if (isStopped(pager, page.channel)) {
    failStoppedPage(pager, page.channel, [item.key, n], now);
    return;
  }
  pager.held.push({
    key: item.key,
    n,
    channel: page.channel,
    until: now + page.waitMs,
    reportedUntil: 0,
    receivedAt: now,
    ...(page.others ? { others: page.others } : {}),
    ...(page.isFirstStep ? { isFirstStep: true } : {}),
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
  // Where no page came, a copy of the withdrawal changes nothing.
  if (settled && known.lastPage > 0 && known.lastPage <= known.upTo) settle(known, settled.how, settled.by, now);
}

/** Whether a message that waits, or is being sent, is still wanted. A text always is; a page until it is settled, or its channel stopped. */
export const isWanted = (pager: Pager, out: Outgoing): boolean =>
  out.pages.length === 0 || (!isStopped(pager, out.channel) && out.pages.some((page) => isWantedRef(pager, page)));

/** Drops pages that are not wanted any more. A message whose activity runs stays until that ends. */
export function dropUnwanted(pager: Pager, now: number): void {
  pager.held = pager.held.filter(({ key, n }) => isWantedRef(pager, [key, n]));
  const dropped = pager.outbox.filter((out) => !pager.sending.includes(out) && !isWanted(pager, out));
  if (dropped.length === 0) return;
  pager.outbox = pager.outbox.filter((out) => !dropped.includes(out));
  for (const out of dropped) requeueConfirmation(pager, out, now);
}

/** The answer to a reply goes by itself when the page that it was joined to does not go. */
export function requeueConfirmation(pager: Pager, out: Outgoing, now: number): void {
  const text = releaseConfirmation(out);
  if (text !== null && isTextChannel(out.channel)) queueText(pager, out.channel, text, now);
}

/** Queues a text without a page; none on a channel that the contact stopped. */
export function queueText(pager: Pager, channel: TextChannel, text: string, now: number, urgent = true): void {
  if (!isStopped(pager, channel)) pager.outbox.push({ ...newOutgoing(pager, channel, now, textLifeMs), text, urgent });
}

/** What a channel does next: something now, or later and why; null while nothing waits. */
export type Next = { send: Outgoing } | Later | null;
interface Later {
  at: number;
  why: string;
  /** The hourly limit is what it waits for. */
  overLimit?: true;
}

/** Decides what leaves by a channel. Held pages go as soon as their window is over, all in one message. */
export function nextOn(pager: Pager, channel: Channel, now: number): Next {
  const answered = beingAnswered(pager);
  const outs = pager.outbox.filter((out) => out.channel === channel && !isAnswered(pager, out, answered));
  delayOverLimit(pager, outs, now);
  const due = outs.find((out) => isText(out) && out.notBefore <= now);
  const held = pager.held.filter((page) => page.channel === channel && !answered.has(page.key));
  const window = windowOf(pager, channel, held, now);
  const freeAt = limitFreeAt(pager, channel, now, window.first);
  if (held.length > 0 && window.end <= now && freeAt <= now) {
    return { send: pack(pager, channel, held, due, now) };
  }
  if (due) return { send: due };
  if (held.length === 0) return soonest(outs, null, now);
  const later: Later =
    freeAt > window.end
      ? { at: freeAt, why: `the hourly limit of ${channelName(channel)} is reached`, overLimit: true }
      : { at: window.end, why: 'a message is unanswered; all that came since goes in one' };
  return soonest(outs, later, now);
}

/** A message waits with its next try while answers for all that it carries are on their way to the incidents. */
const isAnswered = (pager: Pager, { pages }: Outgoing, answered: ReadonlySet<number>): boolean =>
  pages.length > 0 && pages.every((page) => answered.has(page[0]) || !isWantedRef(pager, page));

const isText = (out: Outgoing): boolean => out.pages.length === 0 && out.tries === 0;

/** A text over the hourly limit waits until the limit allows it. */
function delayOverLimit(pager: Pager, outs: readonly Outgoing[], now: number): void {
  for (const out of outs) {
    if (isText(out) && out.notBefore <= now) out.notBefore = limitFreeAt(pager, out.channel, now, out.urgent);
  }
}

function soonest(outs: readonly Outgoing[], waiting: Later | null, now: number): Next {
  const [first] = outs.toSorted((a, b) => a.notBefore - b.notBefore);
  if (!first) return waiting;
  if (first.notBefore <= now) return { send: first };
  return waiting && waiting.at <= first.notBefore ? waiting : { at: first.notBefore, why: 'Twilio did not accept it' };
}

/** Reports held pages to their incidents, once and again when the time has moved by more than a minute. */
export function reportHeld(pager: Pager, channel: Channel, until: number, why: string): void {
  const changed = pager.held.filter((page) => page.channel === channel && until >= page.reportedUntil + minute);
  if (changed.length === 0) return;
  for (const page of changed) page.reportedUntil = until;
  const pages = changed.map(({ key, n }): PageRef => [key, n]);
  reportHeldPages(pager, pages, until, why);
  const about = { channel, incidents: changed.length, why, until: new Date(until).toISOString() };
  logInfo(pager, 'page held', about);
}
