/**
 * Keeps what a pager hands over when it continues as new below the size of a payload (2 MB): a run that cannot continue would page nobody. What
 * is open or owed stays; of the rest the least useful goes first, the oldest before newer ones.
 */
import { channels } from '../contract.js';
import { type Facts } from '../pager-contract.js';
import { fit } from '../words.js';
import { slimFacts, unansweredIn } from './items.js';
import { packPager, type PackedPager } from './packed-state.js';
import type { Sent } from './message-state.js';
import { openPager, type PagedItem, type PagerState } from './state.js';

const maxBytes = 1_500_000;
/** A reply, a delivery receipt and the window for the next message need the newest messages of each channel. */
const keptOfChannel = 5;
const shortName = 20;

/** Bytes of a value as JSON in UTF-8. */
export const sizeBytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

/** Drops or shortens what is not needed until about so many bytes are saved; the same state when there is nothing. */
type Lighten = (state: PagerState, excess: number) => PagerState;

/** @param most bytes of JSON */
export function packWithin(state: PagerState, most = maxBytes): PackedPager {
  let present = state;
  let packed = packPager(present);
  let excess = sizeBytes(packed) - most;
  for (const lighten of steps) {
    if (excess <= 0) break;
    const lighter = lighten(present, excess);
    if (lighter === present) continue;
    present = lighter;
    packed = packPager(present);
    excess = sizeBytes(packed) - most;
  }
  return packed;
}

/** The elements without the first ones that may go, until their bytes are enough. */
function without<T>(list: readonly T[], mayGo: (one: T) => boolean, bytesOf: (one: T) => number, excess: number): T[] {
  let left = excess;
  return list.filter((one) => {
    if (left <= 0 || !mayGo(one)) return true;
    left -= bytesOf(one);
    return false;
  });
}

/** The bytes of an item beside the strings that it shares with others. */
const itemBytes = (state: PagerState) => (item: PagedItem) =>
  sizeBytes(packPager({ ...state, items: [item] }).items) - 1;

function dropItems(isUseless: (item: PagedItem) => boolean): Lighten {
  return (state, excess) => {
    const needed = neededKeys(state);
    const mayGo = (item: PagedItem): boolean => isUseless(item) && !needed.has(item.key);
    const items = without(state.items, mayGo, itemBytes(state), excess);
    return items.length === state.items.length ? state : { ...state, items };
  };
}

/** Items that something waits for. */
function neededKeys({ replies, answers, reports, pendingNotices, handOvers, spoken }: PagerState): Set<number> {
  const refs = [...answers, ...reports, ...pendingNotices, ...handOvers].map(({ key }) => key);
  return new Set([...refs, ...spoken.keys, ...replies.flatMap(({ waiting }) => waiting)]);
}

function dropMessages(mayGo: (pager: PagerState) => (sent: Sent) => boolean): Lighten {
  return (state, excess) => {
    const trying = new Set([...state.outbox, ...state.sending].map(({ attempt }) => attempt));
    const isUseless = mayGo(state);
    const sent = without(state.sent, (one) => !trying.has(one.attempt) && isUseless(one), sizeBytes, excess);
    return sent.length === state.sent.length ? state : { ...state, sent };
  };
}

const isAnswered = (state: PagerState): ((sent: Sent) => boolean) => {
  const pager = openPager(state);
  return (sent) => unansweredIn(pager, sent).length === 0;
};

const isOld = ({ sent }: PagerState): ((one: Sent) => boolean) => {
  const newest = channels.flatMap((channel) => sent.filter((one) => one.channel === channel).slice(-keptOfChannel));
  return (one) => !newest.includes(one);
};

const shortFacts = ({ kind, name, event, failures, since }: Facts): Facts => ({
  kind,
  name: fit(name, shortName),
  event,
  failures,
  since,
});

const shorten =
  (which: (item: PagedItem) => boolean, facts: (whole: Facts) => Facts): Lighten =>
  (state) => {
    if (!state.items.some(which) && state.pendingNotices.length === 0) return state;
    return {
      ...state,
      items: state.items.map((item) => (which(item) ? { ...item, facts: facts(item.facts) } : item)),
      pendingNotices: state.pendingNotices.map((notice) => ({ ...notice, facts: facts(notice.facts) })),
    };
  };

const isSettled = ({ settled }: PagedItem): boolean => settled !== null;

const steps: readonly Lighten[] = [
  dropItems(({ settled }) => settled !== null && settled.how !== 'acknowledged'),
  dropMessages(isAnswered),
  shorten(isSettled, shortFacts),
  shorten(() => true, slimFacts),
  dropMessages(isOld),
  shorten(() => true, shortFacts),
  // That a page is held an incident learns by its silence, too, if later.
  (state) => ({ ...state, reports: state.reports.filter(({ signal }) => signal !== 'held') }),
  // It is still broken: its recovery will not be told.
  dropItems(isSettled),
];
