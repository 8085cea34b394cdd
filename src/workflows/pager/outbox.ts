/** Pages come in, are held or not, and leave as messages: which one is next on a channel, and when. */
import { isTextChannel, type TextChannel } from '../channels.js';
import { hour, minute, type Channel } from '../contract.js';
import { type PageSignal, type WithdrawSignal } from '../pager-contract.js';
import { fitsIn } from '../words.js';
import { newOutgoing, pack, releaseConfirmation } from './compose.js';
import { earliest, heldGroups, leavingNow, type Later } from './held-groups.js';
import { addItem, beingAnswered, isPlaceholder, isWantedRef, itemOf, settle, updateFacts } from './items.js';
import { answersLeft, countAnswer, hasRoomForCall, noticeFreeAt } from './limits.js';
import { lastAnswerText } from './reply-texts.js';
import { countRecovered, isQuiet, keptOf, recoveredTexts, requeueRecovered, uncount } from './quiet-hours.js';
import { reportHeldPages } from './reports.js';
import { failStoppedPage, isStopped } from './stop.js';
import type { Outgoing, PageRef } from './message-state.js';
import { logInfo, type Pager } from './state.js';

/** How long a text that carries no page is worth sending. */
const textLifeMs = hour;
/** Nobody expects a call that asks for nothing later than this. */
const callLifeMs = 5 * minute;

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
  if (n <= item.lastPage || n <= item.upTo) {
    // Its incident repeats a page when more is known, or it has failed again.
    if (n === item.lastPage) updateFacts(pager, item, page.facts);
    return;
  }
  if (known) updateFacts(pager, known, page.facts);
  item.lastPage = n;
  item.settled = null;
  if (page.settings) pager.settings = { ...pager.settings, ...page.settings };
  if (isStopped(pager, page.channel)) {
    failStoppedPage(pager, page.channel, [item.key, n], now);
    return;
  }
  const quiet = keptOf(page, now);
  const begins = isQuiet(quiet, now) ? (quiet.quietUntil ?? now) : now;
  uncount(pager, page.incident);
  pager.held.push({
    key: item.key,
    n,
    channel: page.channel,
    until: begins + page.waitMs,
    reportedUntil: 0,
    receivedAt: now,
    ...(page.others ? { others: page.others } : {}),
    ...(page.isFirstStep ? { isFirstStep: true } : {}),
    ...quiet,
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
  if (settled?.how === 'recovered') countRecovered(pager, known, now);
  // A copy of the withdrawal that came before any page changes nothing.
  if (settled && !isPlaceholder(known) && known.lastPage <= known.upTo) settle(known, settled.how, settled.by, now);
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
  for (const out of dropped) requeueRest(pager, out, now);
}

/** What a message says besides its pages, such as the answer to a reply, goes by itself when they do not go. */
export function requeueRest(pager: Pager, out: Outgoing, now: number): void {
  requeueRecovered(pager, out, now);
  const text = releaseConfirmation(out);
  if (text !== null && isTextChannel(out.channel)) queueCounted(pager, out.channel, text, now);
}

/** Queues a text without a page; none on a channel that the contact stopped. */
export function queueText(pager: Pager, channel: TextChannel, text: string, now: number, urgent = true): void {
  if (!isStopped(pager, channel)) pager.outbox.push({ ...newOutgoing(pager, channel, now, textLifeMs), text, urgent });
}

/** Queues a call that asks for nothing, where the hourly limit has room for one; later it would only wake somebody. */
export function queueCall(pager: Pager, channel: Channel, text: string, now: number): void {
  if (isStopped(pager, channel)) return;
  if (hasRoomForCall(pager, channel, now)) pager.outbox.push({ ...newOutgoing(pager, channel, now, callLifeMs), text });
  else logInfo(pager, 'call not made', { channel, why: 'the hourly limit of calls is reached' });
}

/** Queues the texts that say what recovered in quiet hours that are over, where no page is held that would say it. */
export function queueRecovered(pager: Pager, now: number): void {
  for (const { channel, text } of recoveredTexts(pager, now)) queueText(pager, channel, text, now, false);
}

/**
 * Queues the answer to a reply. Over the limit it is not sent, also not later: a list of an hour ago helps nobody. The last one says so.
 * @param confirms it says what became of a problem, and may use the reserve
 */
export function queueAnswer(pager: Pager, channel: TextChannel, text: string, now: number, confirms: boolean): void {
  if (isStopped(pager, channel)) return;
  const { count, freeAt } = answersLeft(pager, confirms, now);
  if (count === 0) {
    logInfo(pager, 'answer not sent', { channel, why: 'the hourly limit of answers is reached' });
    return;
  }
  countAnswer(pager, now);
  const last = count === 1 ? `${text}\n${lastAnswerText(confirms, freeAt - now)}` : text;
  const whole = fitsIn(last, channel) ? last : text;
  queueCounted(pager, channel, whole, now);
}

/** Queues an answer that was counted before. */
export function queueCounted(pager: Pager, channel: TextChannel, text: string, now: number): void {
  if (isStopped(pager, channel)) return;
  pager.outbox.push({ ...newOutgoing(pager, channel, now, textLifeMs), text, urgent: true, isAnswer: true });
}

/** What a channel does next: something now, or later and why; null while nothing waits. */
export type Next = { send: Outgoing } | Later | null;

/** Decides what leaves by a channel. Held pages go as soon as their window is over, all in one message. */
export function nextOn(pager: Pager, channel: Channel, now: number): Next {
  const answered = beingAnswered(pager);
  const outs = pager.outbox.filter((out) => out.channel === channel && !isAnswered(pager, out, answered));
  delayOverLimit(pager, outs, now);
  const due = outs.find((out) => isText(out) && out.notBefore <= now);
  const groups = heldGroups(pager, channel, now, answered);
  const ready = groups.find(({ at }) => at <= now);
  if (ready) return { send: pack(pager, channel, leavingNow(ready, groups), due, now) };
  return due ? { send: due } : soonest(outs, earliest(groups), now);
}

/** A message waits with its next try while answers for all that it carries are on their way to the incidents. */
const isAnswered = (pager: Pager, { pages }: Outgoing, answered: ReadonlySet<number>): boolean =>
  pages.length > 0 && pages.every((page) => answered.has(page[0]) || !isWantedRef(pager, page));

const isText = (out: Outgoing): boolean => out.pages.length === 0 && out.tries === 0;

/** A notice over the hourly limit waits until the limit allows it. */
function delayOverLimit(pager: Pager, outs: readonly Outgoing[], now: number): void {
  for (const out of outs) {
    if (isText(out) && isTextChannel(out.channel) && !out.isAnswer && out.notBefore <= now)
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
  for (const { pages, at: until, why, isQuiet: waits = false } of heldGroups(pager, channel, now)) {
    const changed = pages.filter((page) => until >= page.reportedUntil + minute);
    if (changed.length === 0) continue;
    for (const page of changed) page.reportedUntil = until;
    reportHeldPages(
      pager,
      changed.map(({ key, n }): PageRef => [key, n]),
      { until, why, isQuiet: waits },
    );
    const about = { channel, incidents: changed.length, why, until: new Date(until).toISOString() };
    logInfo(pager, 'page held', about);
  }
}
