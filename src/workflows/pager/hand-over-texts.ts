/** The texts of hand-overs: who is on call now, and who has what is open. */
import type { TextChannel } from '../channels.js';
import { groupBy } from '../group-by.js';
import { nameOf, quoted, withRest } from '../names.js';
import { firstThatFits } from '../words.js';

export interface HandedItem {
  name: string;
  /** By which a reply names it; null for those that are only counted. */
  number: number | null;
  isTaken: boolean;
  /** Who has taken it; null where that is not known. */
  by: string | null;
}

interface HandOver {
  schedule: string;
  /** Null: nobody. */
  other: string | null;
  channel: TextChannel;
  items: readonly HandedItem[];
  /** The contact that gets the text. */
  reader: string;
}

/** `You are on call now (data). Open and taken by nobody: [4] "HR". Open and taken by ana: [3] "Sales". Reply 4 to take it.` */
export function onCallText({ schedule, channel, items, reader }: HandOver): string {
  const draft = (shown: number, room: number): string =>
    [`You are on call now (${schedule}).`, ...groups(items, reader, shown, room), ...howToTake(items)].join(' ');
  return fitting(draft, channel);
}

/** `On call now (data): ben. Open and yours: [3] "Sales".` */
export function offCallText({ schedule, other, channel, items, reader }: HandOver): string {
  const draft = (shown: number, room: number): string =>
    [`On call now (${schedule}): ${other ?? 'nobody'}.`, ...groups(items, reader, shown, room)].join(' ');
  return fitting(draft, channel);
}

const fitting = (draft: (shown: number, room: number) => string, channel: TextChannel): string =>
  firstThatFits([draft(5, 40), draft(3, 24), draft(1, 16), draft(0, 0)], channel);

/** A sentence for each who has some of them; their counts alone where there is room for no name. */
function groups(items: readonly HandedItem[], reader: string, shown: number, room: number): string[] {
  const taken = items.filter(({ isTaken }) => isTaken).length;
  if (shown === 0) return [`${items.length} open, ${taken} of them taken.`];
  return [...groupBy(items, (item) => holder(item, reader))].map(([who, some]) => {
    const names = some.flatMap(({ number, name }) => (number === null ? [] : [`[${number}] ${quoted(name, room)}`]));
    const open = some.length > 1 ? `${some.length} open` : 'Open';
    return `${open} and ${who}${names.length > 0 ? `: ${withRest(names.slice(0, shown), some.length)}` : ''}.`;
  });
}

function holder({ isTaken, by }: HandedItem, reader: string): string {
  if (!isTaken) return 'taken by nobody';
  return by === reader ? 'yours' : `taken by ${nameOf(by)}`;
}

function howToTake(items: readonly HandedItem[]): string[] {
  const [first, ...others] = items.filter(({ isTaken }) => !isTaken);
  if (!first) return [];
  return [others.length > 0 ? 'Reply a number to take that one, or ALL.' : `Reply ${first.number} to take it.`];
}
