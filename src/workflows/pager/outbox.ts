/**
 * What a contact gets and when: pages come in, are held or not, and leave as messages, alone or in a bundle. Pure.
 */
import type { Channel, PageSignal, WithdrawSignal } from '../contract.js';
import {
  addItem,
  updateFacts,
  hour,
  isOpen,
  itemOf,
  itemsOf,
  numberOf,
  settle,
  unansweredIn,
  type HeldPage,
  type Pager,
  type Outgoing,
  type PagedItem,
  type PageRef,
  type Sent,
} from './state.js';
import {
  bundleText,
  bundleVariables,
  namedInBundle,
  pageText,
  pageVariables,
  smallBundle,
  spokenBundle,
  spokenPage,
  worstFirst,
  type Entry,
} from './page-texts.js';
import { channelName, fitsIn } from '../words.js';

const textLifeMs = hour;
/** One storm reaches a person in at most as many messages within as long: a rung of the default ladder. */
const stormMessages = 3;
const stormPeriodMs = 5 * 60_000;
/** Of the hourly cap, what bundles and notices leave for first pages and for answers to replies. */
const reserveOf = (cap: number): number => Math.min(5, Math.floor(cap / 4));

/** Splits `<episode>.<n>`. */
function readPageId(pageId: string): { episode: string; n: number } {
  const dot = pageId.lastIndexOf('.');
  return { episode: pageId.slice(0, dot), n: Number(pageId.slice(dot + 1)) };
}

export function receivePage(pager: Pager, page: PageSignal, now: number): void {
  const { episode, n } = readPageId(page.pageId);
  const known = itemOf(pager, page.incident, episode);
  const item = known ?? addItem(pager, page.incident, episode, page.facts);
  // A copy, or a page that its withdrawal overtook.
  if (n <= item.lastPage || n <= item.upTo) return;
  if (known) updateFacts(pager, known, page.facts);
  item.lastPage = n;
  item.settled = null;
  if (page.settings) pager.settings = page.settings;
  if (pager.stopped.includes(page.channel)) {
    pager.reports.push({ k: item.k, signal: 'failed', n, code: 'stopped' });
    pager.logLines.push({ message: 'page failed', about: { channel: page.channel, incidents: 1, code: 'stopped' } });
    return;
  }
  pager.held.push({
    k: item.k,
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

const isWantedRef = (pager: Pager, [k, n]: PageRef): boolean => {
  const item = pager.byKey.get(k);
  return isOpen(item) && n > item.upTo;
};

/** Whether a message that waits, or is being sent, is still wanted. A text always is; a page until it is settled. */
export const isWanted = (pager: Pager, out: Outgoing): boolean =>
  out.pages.length === 0 || out.pages.some((page) => isWantedRef(pager, page));

/** Drops pages that are not wanted any more; a message in `inFlight` is left to whoever sends it. */
export function dropUnwanted(pager: Pager, inFlight: ReadonlySet<string>): void {
  pager.held = pager.held.filter(({ k, n }) => isWantedRef(pager, [k, n]));
  pager.outbox = pager.outbox.filter((out) => inFlight.has(out.attempt) || isWanted(pager, out));
}

/** Queues a text that asks for nothing. On a channel that was stopped nothing is sent. */
export function queueText(
  pager: Pager,
  channel: 'whatsapp' | 'sms',
  text: string,
  now: number,
  attempt: string,
  urgent = true,
): void {
  if (!pager.stopped.includes(channel))
    pager.outbox.push({ ...blank(channel, now, textLifeMs, attempt), text, urgent });
}

const blank = (channel: Channel, now: number, life: number, attempt: string): Outgoing => ({
  attempt,
  channel,
  pages: [],
  reveals: [],
  text: '',
  variables: null,
  notBefore: now,
  until: now + life,
  tries: 0,
  firstTriedAt: null,
  uncertain: false,
  urgent: false,
});

/** What a channel does next: something now, or later and why; null while nothing waits. */
export type Next = { send: Outgoing } | Later | null;
interface Later {
  at: number;
  why: string;
  /** The hourly limit is what it waits for. */
  capped?: true;
}

/**
 * Decides what leaves by a channel. Pages that are held go as soon as their window is over, all in one message.
 * @param newAttempt gives the id of a message that is made here
 */
export function nextOn(pager: Pager, channel: Channel, now: number, newAttempt: () => string): Next {
  const answered = beingAnswered(pager);
  const outs = pager.outbox.filter((out) => out.channel === channel && !isAnswered(pager, out, answered));
  delayCapped(pager, outs, now);
  const due = outs.find((out) => isText(out) && out.notBefore <= now);
  const held = pager.held.filter((page) => page.channel === channel && !answered.has(page.k));
  const window = windowOf(pager, channel, held, now);
  const capped = capOf(pager, channel, now, window.first);
  if (held.length > 0 && window.end <= now && capped <= now) {
    return { send: pack(pager, channel, held, due, now, newAttempt) };
  }
  if (due) return { send: due };
  if (held.length === 0) return soonest(outs, null, now);
  const later: Later =
    capped > window.end
      ? { at: capped, why: `the hourly limit of ${channelName[channel]} is reached`, capped: true }
      : { at: window.end, why: 'a message is unanswered; all that came since goes in one' };
  return soonest(outs, later, now);
}

/** Items of which the person has said something that their incidents have not heard yet. */
const beingAnswered = (pager: Pager): ReadonlySet<number> => new Set(pager.replies.flatMap(({ waiting }) => waiting));

/** What is tried again is not, while the person has answered for all that it carries and the incidents have yet to hear. */
const isAnswered = (pager: Pager, { pages }: Outgoing, answered: ReadonlySet<number>): boolean =>
  pages.length > 0 && pages.every((page) => answered.has(page[0]) || !isWantedRef(pager, page));

const isText = (out: Outgoing): boolean => out.pages.length === 0 && out.tries === 0;

/** A text that the hourly limit keeps back waits until the limit lets it go. */
function delayCapped(pager: Pager, outs: readonly Outgoing[], now: number): void {
  for (const out of outs) {
    if (isText(out) && out.notBefore <= now) out.notBefore = capOf(pager, out.channel, now, out.urgent);
  }
}

function soonest(outs: readonly Outgoing[], waiting: Later | null, now: number): Next {
  const [first] = outs.toSorted((a, b) => a.notBefore - b.notBefore);
  if (!first) return waiting;
  if (first.notBefore <= now) return { send: first };
  return waiting && waiting.at <= first.notBefore ? waiting : { at: first.notBefore, why: 'Twilio did not accept it' };
}

/** Until when pages are held behind what was sent before, and whether nothing unanswered stands before them. */
function windowOf(
  pager: Pager,
  channel: Channel,
  held: readonly HeldPage[],
  now: number,
): { end: number; first: boolean } {
  const unsettled = pager.sent.filter(
    (sent) => sent.channel === channel && sent.rank < failedRank && unansweredIn(pager, sent).length > 0,
  );
  const newest = unsettled.at(-1);
  const size = channel === 'call' ? pager.settings.callWindowMs : pager.settings.windowMs;
  if (!newest) return { end: now, first: true };
  // The next round of what it carried comes when the policy says, and takes along what is held.
  const again = new Set(newest.pages.map(([k]) => k));
  if (held.some(({ k }) => again.has(k))) return { end: now, first: false };
  const lately = unsettled.filter((sent) => sent.at > now - stormPeriodMs);
  // While a storm goes on each bundle waits longer than the one before, and the last one for the end of the rung.
  const grown = newest.at + size * 2 ** Math.max(0, lately.length - 1);
  const full = lately.length >= stormMessages ? (lately.at(-stormMessages)?.at ?? now) + stormPeriodMs : 0;
  return { end: Math.max(grown, full), first: newest.at + size <= now };
}

/** Above every status of a message that may still be read or heard: see `sending.ts`. */
export const failedRank = 9;

/** When the hourly cap lets one more leave; now, when it does already. */
function capOf(pager: Pager, channel: Channel, now: number, urgent: boolean): number {
  const cap = channel === 'call' ? pager.settings.callsPerHour : pager.settings.messagesPerHour;
  const lately = (channel === 'call' ? pager.recentSends.calls : pager.recentSends.messages).filter(
    (at) => at > now - hour,
  );
  const most = urgent ? cap : Math.max(1, cap - reserveOf(cap));
  if (lately.length < most) return now;
  return (lately[lately.length - most] ?? now) + hour;
}

function pack(
  pager: Pager,
  channel: Channel,
  held: HeldPage[],
  confirmation: Outgoing | undefined,
  now: number,
  newAttempt: () => string,
): Outgoing {
  const taken = new Set(held);
  pager.held = pager.held.filter((page) => !taken.has(page));
  const until = Math.max(...held.map((page) => page.until));
  const out = { ...blank(channel, now, until - now, newAttempt()), urgent: true };
  out.pages = held.map(({ k, n }): PageRef => [k, n]);
  if (held.some((page) => page.others)) out.others = [...new Set(held.flatMap((page) => page.others ?? []))];
  write(pager, out, now);
  const joined = confirmation ? `${confirmation.text}\n${out.text}` : null;
  if (joined !== null && channel !== 'call' && fitsIn(joined, channel)) {
    pager.outbox = pager.outbox.filter((other) => other !== confirmation);
    out.text = joined;
    // A template has no place for a confirmation; within 24 h of a reply none is needed.
    out.variables = null;
  }
  pager.outbox.push(out);
  return out;
}

function write(pager: Pager, out: Outgoing, now: number): void {
  const items = itemsOf(pager, out.pages);
  const [only] = items;
  if (only && items.length === 1) {
    const number = numberOf(pager, only, now);
    out.text = out.channel === 'call' ? spokenPage(only.facts, now) : pageText(only.facts, number, now, out.channel);
    if (out.channel === 'whatsapp') out.variables = pageVariables(only.facts, number, now);
    return;
  }
  const entries = entriesOf(pager, items, now);
  out.text = out.channel === 'call' ? spokenBundle(entries) : bundleText(entries, out.channel);
  if (out.channel === 'whatsapp') out.variables = bundleVariables(entries);
}

/** In a small bundle everything is named; in a large one the worst, and the others are counted. */
function entriesOf(pager: Pager, items: PagedItem[], now: number): Entry[] {
  const ranked = items.toSorted((a, b) => worstFirst(a.facts, b.facts));
  const named = items.length <= smallBundle ? items.length : namedInBundle;
  return ranked.map((item, index) => ({
    facts: item.facts,
    number: index < named ? numberOf(pager, item, now) : null,
  }));
}

/** Tells incidents of pages that are held, where they were not told, or it is much later than they were told. */
export function reportHeld(pager: Pager, channel: Channel, until: number, why: string): void {
  const news = pager.held.filter((page) => page.channel === channel && until >= page.reportedUntil + 60_000);
  for (const page of news) {
    page.reportedUntil = until;
    pager.reports.push({ k: page.k, signal: 'held', n: page.n, until, why });
  }
  if (news.length === 0) return;
  const about = { channel, incidents: news.length, why, until: new Date(until).toISOString() };
  pager.logLines.push({ message: 'page held', about });
}

/** Calls that ring or run although everything that they carry is settled, but for one in which the person just answered. */
export function callsToEnd(pager: Pager): Sent[] {
  const calls = pager.sent.filter(
    (sent) => sent.channel === 'call' && sent.sid !== null && sent.rank < endedRank && !sent.endedByUs,
  );
  if (calls.length === 0) return [];
  const answeredIn = new Set(pager.replies.map(({ attempt }) => attempt));
  return calls.filter((sent) => !answeredIn.has(sent.attempt) && unansweredIn(pager, sent).length === 0);
}

/** From here on a call is over. */
export const endedRank = 8;
