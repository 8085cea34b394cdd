/** What is held on a channel: which pages leave together, when, and what they wait for. */
import type { Channel } from '../contract.js';
import { utc } from '../words.js';
import { beingAnswered, isUnknown } from './items.js';
import { limitReason, pageFreeAt, unknownItemsLeft, windowOf } from './limits.js';
import { isQuiet } from './quiet-hours.js';
import type { HeldPage } from './message-state.js';
import type { Pager } from './state.js';

export interface Later {
  at: number;
  why: string;
}

/** Pages that are held, and leave together. */
export interface HeldGroup extends Later {
  pages: HeldPage[];
  /** How many of them may leave. */
  most: number;
  /** An hourly limit is what they wait for. */
  overLimit: boolean;
  /** Tableau does not know their items. */
  areUnknown: boolean;
  /** The contact has quiet hours until then. */
  isQuiet?: true;
}

/**
 * What is held on a channel, in the order in which it leaves: pages of items that Tableau does not know go last. What waits for the end of quiet hours is apart, and
 * leaves with no other.
 */
export function heldGroups(
  pager: Pager,
  channel: Channel,
  now: number,
  answered: ReadonlySet<number> = beingAnswered(pager),
): HeldGroup[] {
  const all = pager.held.filter((page) => page.channel === channel && !answered.has(page.key));
  const held = all.filter((page) => !isQuiet(page, now));
  const known = held.filter(({ key }) => !isUnknown(pager, key));
  const unknown = held.filter(({ key }) => isUnknown(pager, key));
  const groups = known.length > 0 ? [groupOfKnown(pager, channel, known, now)] : [];
  if (unknown.length > 0) groups.push(groupOfUnknown(pager, channel, unknown, groups[0], now));
  return [...groups, ...quietGroups(all.filter((page) => isQuiet(page, now)))];
}

/** Pages that wait for the end of quiet hours, by when that is: the file may have changed. */
function quietGroups(pages: readonly HeldPage[]): HeldGroup[] {
  return [...new Set(pages.flatMap(({ quietUntil }) => quietUntil ?? []))].map((at) => {
    const theirs = pages.filter(({ quietUntil }) => quietUntil === at);
    const why = `quiet hours until ${utc(at)}`;
    return { pages: theirs, most: theirs.length, at, why, overLimit: false, areUnknown: false, isQuiet: true };
  });
}

const windowReason = 'a message is unanswered; all that came since goes in one';

function groupOfKnown(pager: Pager, channel: Channel, pages: HeldPage[], now: number): HeldGroup {
  const window = windowOf(pager, channel, pages, now);
  const freeAt = pageFreeAt(pager, channel, now, window.first);
  const group = { pages, most: pages.length, areUnknown: false };
  return freeAt > Math.max(now, window.end)
    ? { ...group, at: freeAt, why: limitReason(pager, channel, window.first), overLimit: true }
    : { ...group, at: window.end, why: windowReason, overLimit: false };
}

/** @param before what leaves before them */
function groupOfUnknown(
  pager: Pager,
  channel: Channel,
  pages: HeldPage[],
  before: HeldGroup | undefined,
  now: number,
): HeldGroup {
  const { end } = windowOf(pager, channel, pages, now);
  const { count, freeAt } = unknownItemsLeft(pager, channel, now);
  const group = { pages, most: count, areUnknown: true };
  const at = Math.max(end, before?.at ?? 0);
  if (freeAt > Math.max(now, at)) {
    const why = 'the hourly limit of pages for items that Tableau does not know is reached';
    return { ...group, at: freeAt, why, overLimit: true };
  }
  return { ...group, at, why: before && before.at >= end ? before.why : windowReason, overLimit: false };
}

/** A bundle takes along pages that would otherwise wait behind every later bundle while a storm goes on. A single page leaves alone. */
export function leavingNow(ready: HeldGroup, groups: readonly HeldGroup[]): HeldPage[] {
  const others = ready.areUnknown || ready.pages.length === 1 ? [] : groups.filter(({ areUnknown }) => areUnknown);
  return [ready, ...others].flatMap(({ pages, most }) => pages.slice(0, most));
}

export const earliest = (groups: readonly HeldGroup[]): HeldGroup | null =>
  groups.toSorted((a, b) => a.at - b.at)[0] ?? null;
