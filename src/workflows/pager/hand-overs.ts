/** A schedule has handed over while incidents are open: whoever comes on call and whoever leaves get one text of all of them. */
import { minute, second } from '../contract.js';
import { type HandOverNotice } from '../pager-contract.js';
import { groupBy } from '../group-by.js';
import { offCallText, onCallText, type HandedItem } from './hand-over-texts.js';
import {
  addItem,
  beingAnswered,
  isOpen,
  isOver,
  isPlaceholder,
  itemOf,
  mention,
  numberOf,
  settle,
  updateFacts,
} from './items.js';
import { queueText } from './outbox.js';
import { isQuiet } from './quiet-hours.js';
import type { PendingHandOver } from './message-state.js';
import type { PagedItem, Pager } from './state.js';

/** Incidents notice a hand-over within milliseconds, and after an outage within seconds: the text waits for those that follow. */
const gapMs = 2 * second;
const longestMs = minute;
/** As many items have a number in the text. */
const mostNamed = 5;

export function receiveHandOver(pager: Pager, notice: HandOverNotice, now: number): void {
  const { kind, schedule, other, channel, quietUntil = now } = notice;
  const item =
    itemOf(pager, notice.incident, notice.episode) ?? addItem(pager, notice.incident, notice.episode, notice.facts);
  bringUpToDate(pager, item, notice, now);
  const isOpposite = (one: PendingHandOver): boolean =>
    one.key === item.key && one.schedule === schedule && one.kind !== kind;
  // Whoever has come and left, or left and come, before the text went needs none.
  if (pager.handOvers.some(isOpposite)) {
    pager.handOvers = pager.handOvers.filter((one) => !isOpposite(one));
    return;
  }
  const at = isQuiet(notice, now) ? quietUntil : now;
  pager.handOvers.push({ key: item.key, kind, schedule, other, channel, at });
}

/** What the incident says of who has it is newer than what this pager knows, apart from an answer that came since. */
function bringUpToDate(pager: Pager, item: PagedItem, { facts, by, at }: HandOverNotice, now: number): void {
  updateFacts(pager, item, facts);
  const isNewer = isOver(item) || (item.settled !== null && item.settled.at > at) || beingAnswered(pager).has(item.key);
  if (isNewer && !isPlaceholder(item)) return;
  if (by === null) item.settled = null;
  else settle(item, 'acknowledged', by, now);
}

/** When the text is due; null while none waits. Those that wait for the end of quiet hours are not in it. */
export function handOversDueAt({ handOvers }: Pager, now: number): number | null {
  const times = handOvers.map(({ at }) => at);
  const present = times.filter((at) => at <= now);
  if (present.length > 0) return Math.min(Math.max(...present) + gapMs, Math.min(...present) + longestMs);
  return times.length > 0 ? Math.min(...times) + gapMs : null;
}

/** One text for each schedule; none where all has ended meanwhile. */
export function queueDueHandOvers(pager: Pager, now: number): void {
  const at = handOversDueAt(pager, now);
  if (at === null || at > now) return;
  const present = pager.handOvers.filter((one) => one.at <= now);
  pager.handOvers = pager.handOvers.filter((one) => one.at > now);
  const going = groupBy(present, ({ kind, schedule, other, channel }) =>
    [channel, kind, schedule, other ?? ''].join(' '),
  );
  for (const handOvers of going.values()) queueOne(pager, handOvers, now);
}

function queueOne(pager: Pager, handOvers: readonly PendingHandOver[], now: number): void {
  const [first] = handOvers;
  const keys = new Set(handOvers.map(({ key }) => key));
  const items = [...keys].flatMap((key) => pager.byKey.get(key) ?? []).filter((item) => !isOver(item));
  if (!first || items.length === 0) return;
  const handed = untakenFirst(items).map((item, index) => handedItem(pager, item, index < mostNamed, now));
  const { kind, channel } = first;
  const untaken = items.filter(isOpen).map(({ key }) => key);
  // A reply without a number may mean these.
  for (const key of untaken) mention(pager, key);
  pager.lastHandOver[channel] = { keys: untaken, at: now };
  const text = kind === 'on-call' ? onCallText : offCallText;
  queueText(pager, channel, text({ ...first, items: handed, reader: pager.contact }), now, false);
}

const untakenFirst = (items: readonly PagedItem[]): PagedItem[] =>
  items.toSorted((one, other) => Number(one.settled !== null) - Number(other.settled !== null));

function handedItem(pager: Pager, item: PagedItem, isNamed: boolean, now: number): HandedItem {
  const number = isNamed ? numberOf(pager, item, now) : null;
  item.shown = true;
  return { name: item.facts.name, number, by: item.settled?.by ?? null, isTaken: item.settled !== null };
}
