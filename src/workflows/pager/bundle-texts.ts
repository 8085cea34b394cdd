/** The texts of several pages in one message or call. */
import type { TextChannel } from '../channels.js';
import type { Facts } from '../pager-contract.js';
import { plainName, quoted, sentenceOf, withRest } from '../names.js';
import { firstThatFits, isFailedRefresh } from '../words.js';
import type { Counts } from './items.js';
import { linkSentence } from '../link-place.js';
import { lines, withoutStop } from './page-texts.js';
import { moreRecovered, moreRecoveredInShort } from './quiet-texts.js';

/** An item of a bundle; only those that are named have a number. */
export interface Entry {
  facts: Facts;
  number: number | null;
}

/** How many items of a bundle are named; in a small bundle it is all of them. */
export const namedInBundle = 3;
export const smallBundle = 5;

/** `480: Snowflake login failed.` for the causes that are known, most frequent first. */
function causes(entries: readonly Entry[], most: number, room: number): { count: number; cause: string }[] {
  const counts = new Map<string, number>();
  for (const { facts } of entries) {
    const cause = facts.rerunFailed || facts.cause;
    if (cause) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  const ranked = [...counts].toSorted((a, b) => b[1] - a[1]);
  const shown = ranked.slice(0, most).map(([cause, count]) => ({ count, cause: sentenceOf(cause, room) }));
  const rest = ranked.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, ...(rest > 0 && most > 0 ? [{ count: rest, cause: 'other causes.' }] : [])].filter(
    ({ cause }) => cause !== '',
  );
}

const whatIsOpen = ({ open, allRefreshes }: Counts): string =>
  allRefreshes ? `${open} failed refreshes` : `${open} alerts`;
const countOf = (counts: Counts): string => `${whatIsOpen(counts)} open, ${counts.fresh} new`;

/** Of how many the escalation has ended without an answer: this is their last page. */
function endOf(entries: readonly Entry[], isFull = true): string | null {
  const count = entries.filter(({ facts }) => facts.ended !== undefined).length;
  if (count === 0) return null;
  if (!isFull) return `${count} unanswered.`;
  return `Nobody answered for ${count === entries.length ? 'them' : `${count} of them`}.`;
}

const countsOfEntries = (entries: readonly Entry[]): Counts => ({
  open: entries.length,
  fresh: entries.length,
  allRefreshes: entries.every(({ facts }) => isFailedRefresh(facts)),
});

const namedIn = (entries: readonly Entry[], room: number, most = entries.length): string => {
  const named = entries.flatMap(({ facts, number }) =>
    number === null ? [] : [`[${number}] ${quoted(facts.name, room)}`],
  );
  return `${named.length === entries.length ? '' : 'Worst: '}${named.slice(0, most).join(', ')}`;
};

/** A bundle by WhatsApp or SMS: how many, why, which are worst, and how to take them. */
export function bundleText(
  entries: readonly Entry[],
  channel: TextChannel,
  counts: Counts = countsOfEntries(entries),
  link: string | null = null,
): string {
  const draft = (room: number, most: number, whyRoom: number, whyMost: number, isFull = true, place = link): string =>
    lines([
      `${countOf(counts)}.`,
      isFull ? moreRecovered(counts) : moreRecoveredInShort(counts),
      endOf(entries, isFull),
      ...causes(entries, whyMost, whyRoom).map(({ count, cause }) => `${count}: ${cause}`),
      `${namedIn(entries, room, most)}.`,
      place,
      'Reply ALL to take them, LIST to see them.',
    ]);
  return firstThatFits(
    [
      draft(40, 5, 90, 5),
      draft(24, 5, 90, 5),
      draft(16, 5, 60, 3),
      draft(16, 5, 60, 2),
      draft(16, 3, 40, 1),
      draft(12, 3, 30, 1),
      draft(12, 3, 20, 0),
      draft(12, 1, 20, 0),
      draft(12, 1, 20, 0, false),
      draft(8, 1, 20, 0, false),
      draft(8, 1, 20, 0, false, null),
    ],
    channel,
  );
}

/** The variables of the same template for a bundle: outside the 24 h after a reply WhatsApp takes nothing but templates. */
export function bundleVariables(
  entries: readonly Entry[],
  counts: Counts = countsOfEntries(entries),
  link: string | null = null,
): Record<string, string> {
  const known = causes(entries, 3, 90).map(({ count, cause }) => `${count}: ${cause}`);
  const named = namedIn(entries, 40);
  const rest = link === null ? [named] : [`${named}.`, withoutStop(linkSentence(link))];
  const parts = [moreRecovered(counts), endOf(entries), ...known, ...rest].filter((part) => part !== null);
  return { '1': countOf(counts), '2': parts.join(' '), '3': 'ALL' };
}

/** The spoken text of a bundle; its keys mean all that it carries. */
export function spokenBundle(entries: readonly Entry[], counts: Counts = countsOfEntries(entries)): string {
  const named = entries.filter(({ number }) => number !== null).map(({ facts }) => plainName(facts.name, 60));
  const some = named.slice(0, 3);
  const isAll = entries.length >= counts.open;
  return [
    `This is a Tableau alert. ${whatIsOpen(counts)} are open, ${counts.fresh} of them new.`,
    endOf(entries),
    isAll ? null : `This call is for ${entries.length}.`,
    ...causes(entries, 2, 80).map(({ count, cause }) => `${count} of them: ${cause}`),
    `Among them ${withRest(some, named.length)}.`,
    isAll ? 'Your key is for all of them.' : `Your key is for these ${entries.length}.`,
  ]
    .filter((part) => part !== null)
    .join(' ');
}
