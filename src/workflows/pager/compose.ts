/** Makes messages of pages: what one carries, and its text on its channel. */
import { isTextChannel } from '../channels.js';
import { second, type Channel } from '../contract.js';
import { hasLinkPlace, linkPlace } from '../link-place.js';
import { type Facts, type LinkTarget } from '../pager-contract.js';
import { fitsIn } from '../words.js';
import { beingAnswered, countsOf, isWantedRef, itemsOf, numberOf, type Counts } from './items.js';
import { bundleText, bundleVariables, namedInBundle, smallBundle, spokenBundle, type Entry } from './bundle-texts.js';
import { pageText, pageVariables, spokenPage, worstFirst } from './page-texts.js';
import { lifeEnd, takeRecovered, openNow } from './quiet-hours.js';
import type { HeldPage, Outgoing, PageRef } from './message-state.js';
import { nextAttempt, type PagedItem, type Pager } from './state.js';

interface ChannelTexts {
  /** `link` is the place of the link; null: pages have none. */
  page: (facts: Facts, number: number, now: number, counts: Counts, link: string | null) => string;
  bundle: (entries: readonly Entry[], counts: Counts, link: string | null) => string;
  /** The variables of the template, where the channel has one. */
  pageVariables?: (
    facts: Facts,
    number: number,
    now: number,
    counts: Counts,
    link: string | null,
  ) => Record<string, string>;
  bundleVariables?: (entries: readonly Entry[], counts: Counts, link: string | null) => Record<string, string>;
}

const channelTexts: Readonly<Record<Channel, ChannelTexts>> = {
  whatsapp: {
    page: (facts, number, now, counts, link) => pageText(facts, number, now, 'whatsapp', counts, link),
    bundle: (entries, counts, link) => bundleText(entries, 'whatsapp', counts, link),
    pageVariables,
    bundleVariables,
  },
  sms: {
    page: (facts, number, now, counts, link) => pageText(facts, number, now, 'sms', counts, link),
    bundle: (entries, counts, link) => bundleText(entries, 'sms', counts, link),
  },
  call: { page: (facts, _number, now, counts) => spokenPage(facts, now, counts), bundle: spokenBundle },
};

/** @param lifeMs for how long it is worth sending */
export const newOutgoing = (pager: Pager, channel: Channel, now: number, lifeMs: number): Outgoing => ({
  attempt: nextAttempt(pager),
  channel,
  pages: [],
  reveals: [],
  text: '',
  variables: null,
  notBefore: now,
  until: now + lifeMs,
  tries: 0,
  firstTriedAt: null,
  uncertain: false,
  tried: [],
  confirmation: null,
  others: [],
  isPrompt: false,
  urgent: false,
  cancelling: false,
});

/** A page that waited for this long may have been answered meanwhile. */
const promptMs = 2 * second;

/** Puts held pages into one message, together with the confirmation that is due where both fit. */
export function pack(
  pager: Pager,
  channel: Channel,
  held: HeldPage[],
  confirmation: Outgoing | undefined,
  now: number,
): Outgoing {
  const taken = new Set(held);
  pager.held = pager.held.filter((page) => !taken.has(page));
  const until = Math.max(...held.map((page) => lifeEnd(page, now)));
  const out = { ...newOutgoing(pager, channel, now, until - now), urgent: true };
  out.pages = held.map(({ key, n }): PageRef => [key, n]);
  out.others = [...new Set(held.flatMap((page) => page.others ?? []))];
  out.isPrompt = held.every(({ isFirstStep, receivedAt = 0 }) => isFirstStep === true && now - receivedAt < promptMs);
  const recovered = takeRecovered(pager, channel, now);
  if (recovered > 0) out.recovered = recovered;
  write(pager, out, now);
  if (confirmation && join(out, confirmation.text))
    pager.outbox = pager.outbox.filter((other) => other !== confirmation);
  pager.outbox.push(out);
  return out;
}

/** Whether both fit into one message. */
function join(out: Outgoing, confirmation: string): boolean {
  const joined = `${confirmation}\n${out.text}`;
  if (!isTextChannel(out.channel) || !fitsIn(joined, out.channel)) return false;
  out.confirmation = confirmation;
  out.text = joined;
  // A template has no place for a confirmation; within 24 h of a reply none is needed.
  out.variables = null;
  return true;
}

/** The confirmation that a message carries, which it does not carry any more; null when it may have been sent. */
export function releaseConfirmation(out: Outgoing): string | null {
  const text = out.uncertain ? null : out.confirmation;
  out.confirmation = null;
  return text;
}

/**
 * Writes a message anew before another try, so that it names nothing that was answered or withdrawn since the last one.
 * @returns the confirmation that does not fit any more, null when there is none
 */
export function composeAnew(pager: Pager, out: Outgoing, now: number): string | null {
  const answered = beingAnswered(pager);
  out.pages = out.pages.filter((ref) => isWantedRef(pager, ref) && !answered.has(ref[0]));
  write(pager, out, now);
  const confirmation = releaseConfirmation(out);
  return confirmation === null || join(out, confirmation) ? null : confirmation;
}

function write(pager: Pager, out: Outgoing, now: number): void {
  const items = itemsOf(pager, out.pages);
  const texts = channelTexts[out.channel];
  const { recovered } = out;
  const counts = {
    ...countsOf(openNow(pager, now), items, out.reveals),
    ...(recovered !== undefined && { recovered }),
  };
  const { linkLength = 0 } = pager.settings;
  const place = linkLength > 0 && isTextChannel(out.channel) ? linkPlace(linkLength) : null;
  const [only] = items;
  if (only && items.length === 1) {
    const number = numberOf(pager, only, now);
    out.text = texts.page(only.facts, number, now, counts, place);
    out.variables = texts.pageVariables?.(only.facts, number, now, counts, place) ?? null;
    const { incident, episode, numberedAt } = only;
    setLink(out, { number, incident, episode, at: numberedAt });
    return;
  }
  const entries = entriesOf(pager, items, now);
  out.text = texts.bundle(entries, counts, place);
  out.variables = texts.bundleVariables?.(entries, counts, place) ?? null;
  // Of all its tries the first says when it was made, so that they have the same link.
  setLink(out, { number: 0, incident: '', episode: '', at: out.link?.number === 0 ? out.link.at : now });
}

/** A text in which there was no room has no link. */
function setLink(out: Outgoing, target: LinkTarget): void {
  const { text, variables } = out;
  if (hasLinkPlace({ text, ...(variables && { variables }) })) out.link = target;
  else delete out.link;
}

/** A small bundle names every item; a large one names the worst and counts the others. */
function entriesOf(pager: Pager, items: PagedItem[], now: number): Entry[] {
  const ranked = items.toSorted((a, b) => worstFirst(a.facts, b.facts));
  const named = items.length <= smallBundle ? items.length : namedInBundle;
  return ranked.map((item, index) => ({
    facts: item.facts,
    number: index < named ? numberOf(pager, item, now) : null,
  }));
}
