/** What a contact means by MUTE: an item of theirs by its number or name, or a project. */
import type { Command } from '../pager-contract.js';
import { comparable } from '../names.js';
import type { SilenceMatch } from '../on-call-contract.js';
import { isCut } from '../words.js';
import { openItems, numberOf, theirItems } from './items.js';
import { itemByNumber } from './meaning.js';
import { noSuchItemText, notMutedText, whichItemText } from './on-call-texts.js';
import { unknownNumberText } from './reply-texts.js';
import type { PagedItem, Pager } from './state.js';

export type MuteReply = Extract<Command, { verb: 'mute' }>;
type Meant = { match: SilenceMatch } | { text: string };

/** Messages show as many characters of a name before they cut it: a shorter beginning of one is no cut name. */
const leastShown = 8;

export function whatIsMuted(pager: Pager, command: MuteReply, now: number): Meant {
  if ('number' in command) {
    const item = itemByNumber(pager, command.number);
    return item ? muteItem(item) : { text: unknownNumberText(command.number) };
  }
  const { name } = command;
  if (name.endsWith('/**')) return { match: { project: name } };
  const items = [...openItems(pager), ...theirItems(pager)];
  const wanted = comparable(name);
  const named = items.find(({ facts }) => comparable(facts.name) === wanted);
  if (named) return muteItem(named);
  const cut = cutName(wanted);
  const fitting = distinct(cut === null ? beginningWith(items, wanted) : items.filter((item) => fits(item, cut)));
  const [first] = fitting;
  if (first && fitting.length === 1) return muteItem(first);
  if (cut === null) return { match: { project: `${name}/**` } };
  return { text: first ? which(pager, fitting, now) : noSuchItemText };
}

/** A silence is by name: of what is not known in full, or has a wildcard in it, it would cover nothing, or too much. */
function muteItem({ facts: { kind, name } }: PagedItem): Meant {
  if (kind === 'user') return { text: notMutedText('the name of a person is kept in no silence') };
  if (comparable(name).includes('*')) return { text: notMutedText('its name has a *') };
  return isCut(name) ? { text: notMutedText('its name is too long') } : { match: { item: name } };
}

/** `sales and ma...`, `sales..eu`: what stands before and after the cut; null for a whole name. */
function cutName(wanted: string): { head: string; tail: string } | null {
  const at = wanted.indexOf('..');
  if (at < 0) return null;
  return { head: wanted.slice(0, at).trimEnd(), tail: wanted.slice(at).replace(/^\.+/u, '').trimStart() };
}

function fits({ facts }: PagedItem, { head, tail }: { head: string; tail: string }): boolean {
  const name = comparable(facts.name);
  return name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

/** None where one of the items is in a project of this name. */
function beginningWith(items: readonly PagedItem[], wanted: string): PagedItem[] {
  const isProject = items.some(({ facts }) => `${comparable(facts.project ?? '')}/`.startsWith(`${wanted}/`));
  if (isProject || wanted.length < leastShown) return [];
  return items.filter(({ facts }) => comparable(facts.name).startsWith(wanted));
}

/** One silence covers all items of a name. */
const distinct = (items: readonly PagedItem[]): PagedItem[] => [
  ...new Map(items.map((item) => [comparable(item.facts.name), item])).values(),
];

function which(pager: Pager, items: readonly PagedItem[], now: number): string {
  const named = items.slice(0, 5);
  for (const item of named) item.shown = true;
  const choices = named.map((item) => ({ number: numberOf(pager, item, now), name: item.facts.name }));
  return whichItemText(choices, items.length);
}
