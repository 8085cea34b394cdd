/** The items of a pager: one for each episode of an incident, with the number by which a reply names it. */
import { day, publicName } from '../contract.js';
import { type Facts, type Settlement } from '../pager-contract.js';
import { fit, isFailedRefresh } from '../words.js';
import type { PageRef, Sent } from './message-state.js';
import { episodeKey, type PagedItem, type Pager } from './state.js';

/** Beyond as many items only what a list needs of them is kept. */
const fullFacts = 300;

export const itemOf = (pager: Pager, incident: string, episode: string): PagedItem | undefined =>
  pager.byEpisode.get(episodeKey(incident, episode));

export function addItem(pager: Pager, incident: string, episode: string, facts: Facts): PagedItem {
  pager.lastKey += 1;
  const item: PagedItem = {
    key: pager.lastKey,
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
  pager.byKey.set(item.key, item);
  pager.byEpisode.set(episodeKey(incident, episode), item);
  return item;
}

const keep = (pager: Pager, facts: Facts): Facts => (pager.items.length > fullFacts ? slimFacts(facts) : facts);

/** A later page carries what came later. */
export function updateFacts(pager: Pager, item: PagedItem, facts: Facts): void {
  item.facts = keep(pager, facts);
}

/** What a list and a bundle need of an item. */
export const slimFacts = ({
  kind,
  name,
  event,
  failures,
  since,
  cause,
  rerunFailed,
  rerunIsYours,
  ended,
  inARow,
  unknownItem,
}: Facts): Facts => ({
  kind,
  name: fit(name, 40),
  event,
  failures,
  since,
  ...(cause ? { cause: fit(cause, 60) } : {}),
  ...(rerunFailed === undefined ? {} : { rerunFailed: fit(rerunFailed, 60) }),
  ...(rerunIsYours ? { rerunIsYours } : {}),
  ...(ended ? { ended } : {}),
  ...(inARow ? { inARow } : {}),
  ...(unknownItem ? { unknownItem } : {}),
});

export function settle(item: PagedItem, how: Settlement, by: string | null, at: number): void {
  item.settled = { how, by, at };
  item.answered = item.lastPage;
}

/** The items of a message for which nobody has answered since it was sent. */
export const unansweredIn = (pager: Pager, { pages }: Pick<Sent, 'pages'>): PagedItem[] =>
  pages.flatMap(([key, n]) => {
    const item = pager.byKey.get(key);
    return isOpen(item) && n > item.answered ? [item] : [];
  });

/** How the Temporal Web UI names an item, in at most 60 characters: the name of a user is a person's. */
export const itemText = ({ incident, facts: { kind, name } }: Pick<PagedItem, 'incident' | 'facts'>): string =>
  fit(publicName({ kind, luid: incident, name, site: '' }), 60);

/** Whether Tableau has no such item, by what its incident knew when it last paged. */
export const isUnknown = (pager: Pager, key: number): boolean => pager.byKey.get(key)?.facts.unknownItem === true;
/** A withdrawal came before any page of it. */
export const isPlaceholder = ({ lastPage, settled }: PagedItem): boolean =>
  lastPage === 0 && settled?.how === 'cancelled';
/** Acknowledged is not over: somebody has it, and it is still broken. */
export const isOver = ({ settled }: PagedItem): boolean => settled !== null && settled.how !== 'acknowledged';

/** What this contact has taken is theirs until it is over. */
export const theirItems = (pager: Pager): PagedItem[] =>
  pager.items.filter(({ settled }) => settled?.how === 'acknowledged' && settled.by === pager.contact);

/** Notes what the contact answers for: a reply without a number that follows means it. */
export function speakOf(pager: Pager, items: readonly PagedItem[], now: number): void {
  if (items.length > 0) pager.spoken = { keys: items.map(({ key }) => key), at: now };
}

/** A reminder of something else makes it doubtful which of them a reply means. */
export function mention(pager: Pager, key: number): void {
  if (!pager.spoken.keys.includes(key)) pager.spoken.keys.push(key);
}

/** An item is open while nobody answered for it. */
export const isOpen = (item: PagedItem | undefined): item is PagedItem => item !== undefined && item.settled === null;

export const openItems = (pager: Pager): PagedItem[] => pager.items.filter(isOpen);

/** Whether a page is neither settled nor withdrawn. */
export const isWantedRef = (pager: Pager, [key, n]: PageRef): boolean => {
  const item = pager.byKey.get(key);
  return isOpen(item) && n > item.upTo;
};

/** Items for which an answer is on its way to the incident. */
export const beingAnswered = (pager: Pager): ReadonlySet<number> =>
  new Set(pager.replies.flatMap(({ waiting }) => waiting));

/** What every message of one storm counts: all that is open for the contact, and what of it the message shows for the first time. */
export interface Counts {
  open: number;
  fresh: number;
  /** Whether all that is open are failed refreshes. */
  allRefreshes: boolean;
  /** How many more failed and recovered in the quiet hours that are over; missing: none. */
  recovered?: number;
}

/** @param known what is open for the contact @param reveals items that an earlier try of this message has shown */
export function countsOf(
  known: readonly PagedItem[],
  items: readonly PagedItem[],
  reveals: readonly number[] = [],
): Counts {
  const open = new Set([...known, ...items]);
  const fresh = items.filter(({ shown, key }) => !shown || reveals.includes(key));
  return { open: open.size, fresh: fresh.length, allRefreshes: [...open].every(({ facts }) => isFailedRefresh(facts)) };
}

export const itemsOf = (pager: Pager, pages: readonly PageRef[]): PagedItem[] =>
  pages.flatMap(([key]) => pager.byKey.get(key) ?? []);

/**
 * The number of an item that is named to the contact: from 1 to 99, none that an open item has or that was given in the last
 * 24 h while others are free; else the one given longest ago.
 */
export function numberOf(pager: Pager, item: PagedItem, now: number): number {
  pager.numbered.push(item);
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
  pager.inMemo = pager.inMemo.filter((number) => number !== item.number);
  // A reply with this number no longer means the item that had it before.
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

export function dropItems(pager: Pager, gone: ReadonlySet<PagedItem>): void {
  pager.items = pager.items.filter((item) => !gone.has(item));
  for (const item of gone) {
    pager.byKey.delete(item.key);
    pager.byEpisode.delete(episodeKey(item.incident, item.episode));
  }
}
