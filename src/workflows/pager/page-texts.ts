/** The texts of pages, alone or in a bundle, written and spoken. The instructions are never cut. */
import type { TextChannel } from '../channels.js';
import { minute, type Facts } from '../contract.js';
import {
  ago,
  canBeRefreshed,
  capital,
  duration,
  firstThatFits,
  fit,
  headline,
  isRefresh,
  kindName,
  listed,
  ordinal,
  spokenDuration,
  whatHappened,
} from '../words.js';

/** Whose it is and since when: "Project Finance, owner Olga Owner, 12 min ago, 3 failures". */
function whereAndWhen(facts: Facts, now: number, room: number): string {
  return [
    facts.project ? `Project ${fit(facts.project, room)}` : null,
    facts.owner ? `owner ${fit(facts.owner, room)}` : null,
    ago(facts.since, now),
    facts.inARow === undefined && facts.failures > 1 ? `${facts.failures} failures` : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** https://help.tableau.com/current/server/en-us/schedule_manage.htm: "suspended after five consecutive failures". */
const suspendedAfter = 5;

/** How bad it is, the most telling first: "4th in a row; Tableau suspends the schedule at 5". */
function severity(facts: Facts, now: number): string[] {
  const { inARow, lastGoodAt, nextRunAt, downstreamWorkbooks } = facts;
  return [
    inARow !== undefined && inARow > 1
      ? `${ordinal(inARow)} in a row${inARow < suspendedAfter ? `; Tableau suspends the schedule at ${suspendedAfter}` : ''}`
      : null,
    lastGoodAt === undefined ? null : `data is ${duration(now - lastGoodAt)} old`,
    downstreamWorkbooks === undefined
      ? null
      : `${downstreamWorkbooks} workbook${downstreamWorkbooks === 1 ? '' : 's'} depend${downstreamWorkbooks === 1 ? 's' : ''} on it`,
    nextRunAt === undefined || nextRunAt <= now ? null : `next run in ${duration(nextRunAt - now)}`,
  ].filter((part) => part !== null);
}

const asSentence = (parts: string[]): string | null => (parts.length > 0 ? `${capital(parts.join(', '))}.` : null);

const instructions = (facts: Facts, number: number): string =>
  canBeRefreshed(facts)
    ? `Reply ACK or ${number} to take it, R ${number} to run it again, DONE ${number} if it is fixed.`
    : `Reply ACK or ${number} to take it, DONE ${number} if it is fixed.`;

/**
 * The text of one page by WhatsApp or SMS. What is least needed goes first where it does not fit. Its number makes it unlike
 * any other text of the last day.
 */
export function pageText(facts: Facts, number: number, now: number, channel: TextChannel = 'sms'): string {
  const head = `[${number}] ${headline(facts.event, facts.kind, facts.name)}`;
  const tail = instructions(facts, number);
  const bad = severity(facts, now);
  const drafts = [
    { names: 40, cause: 200, more: [asSentence(bad), facts.url ?? null] },
    { names: 24, cause: 90, more: [asSentence(bad)] },
    { names: 24, cause: 70, more: [asSentence(bad.slice(0, 1))] },
    { names: 16, cause: 60, more: [] },
  ];
  const texts = drafts.map(({ names, cause, more }) => {
    const where = `${capital(whereAndWhen(facts, now, names))}.`;
    const why = facts.cause ? fit(facts.cause, cause) : null;
    return [head, where, why, ...more, tail].filter((line) => line !== null).join('\n');
  });
  const [, what = ''] = head.split(': ', 2);
  const short = `[${number}] ${kindName(facts.kind)} failed: ${fit(what, 24)}`;
  return firstThatFits([...texts, [head, tail].join('\n'), [short, `Reply ACK or ${number}.`].join('\n')], channel);
}

/** The variables of the WhatsApp template: 1 what failed, 2 what is known of it, 3 the reply number. */
export function pageVariables(facts: Facts, number: number, now: number): Record<string, string> {
  const known = [
    capital(whereAndWhen(facts, now, 40)),
    facts.cause ? fit(facts.cause, 200) : null,
    ...severity(facts, now),
  ];
  return {
    '1': headline(facts.event, facts.kind, facts.name),
    '2': known.filter((part) => part !== null).join('. '),
    '3': String(number),
  };
}

/** An item of a bundle; only those that are named have a number. */
export interface Entry {
  facts: Facts;
  number: number | null;
}

/** How many items of a bundle are named; in a small bundle it is all of them. */
export const namedInBundle = 3;
export const smallBundle = 5;

/** The worst first: most failures in a row, most that depends on it, longest broken. */
export const worstFirst = (a: Facts, b: Facts): number =>
  Number(a.unknownItem ?? false) - Number(b.unknownItem ?? false) ||
  (b.inARow ?? b.failures) - (a.inARow ?? a.failures) ||
  (b.downstreamWorkbooks ?? 0) - (a.downstreamWorkbooks ?? 0) ||
  a.since - b.since;

/** "480: Snowflake login failed. 20: disk full." for the causes that are known, most frequent first. */
function causes(entries: readonly Entry[], most: number, room: number): string[] {
  const counts = new Map<string, number>();
  for (const { facts } of entries) {
    const cause = facts.cause ?? 'cause not known';
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  if (counts.size === 1 && counts.has('cause not known')) return [];
  const ranked = [...counts].toSorted((a, b) => b[1] - a[1]);
  const shown = ranked.slice(0, most).map(([cause, count]) => `${count}: ${fit(cause, room).replace(/[.!]+$/, '')}.`);
  const rest = ranked.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return rest > 0 ? [...shown, `${rest}: other causes.`] : shown;
}

const countOf = (entries: readonly Entry[]): string =>
  entries.every(({ facts }) => isRefresh(facts)) ? `${entries.length} refreshes failed` : `${entries.length} alerts`;

/** A bundle by WhatsApp or SMS: how many, why, which are worst, and how to take them. */
export function bundleText(entries: readonly Entry[], channel: TextChannel): string {
  const named = entries.filter(({ number }) => number !== null);
  const tail = 'Reply ALL to take them, LIST to see them.';
  const names = (room: number, most: number): string =>
    named
      .slice(0, most)
      .map(({ facts, number }) => `[${number}] ${fit(facts.name, room)}`)
      .join(', ');
  const label = named.length === entries.length ? '' : 'Worst: ';
  const draft = (room: number, most: number, whyRoom: number, whyMost: number): string =>
    [`${countOf(entries)}.`, ...causes(entries, whyMost, whyRoom), `${label}${names(room, most)}.`, tail].join('\n');
  return firstThatFits([draft(40, 5, 90, 5), draft(24, 5, 60, 2), draft(20, 3, 40, 1), draft(12, 1, 20, 0)], channel);
}

/** The variables of the same template for a bundle: outside the 24 h after a reply WhatsApp takes nothing but templates. */
export function bundleVariables(entries: readonly Entry[]): Record<string, string> {
  const named = entries.flatMap(({ facts, number }) => (number === null ? [] : [`[${number}] ${fit(facts.name, 40)}`]));
  const label = named.length === entries.length ? '' : 'Worst: ';
  return {
    '1': countOf(entries),
    '2': [...causes(entries, 3, 90), `${label}${named.join(', ')}`].join(' '),
    '3': 'ALL',
  };
}

/** The spoken text of one page, before the menu. */
export function spokenPage(facts: Facts, now: number): string {
  const project = facts.project ? `, in project ${fit(facts.project, 60)},` : '';
  const subject = `${kindName(facts.kind).toLowerCase()} ${fit(facts.name, 80)}${project}`;
  const what = isRefresh(facts)
    ? `The ${subject} failed to refresh`
    : `${capital(whatHappened(facts.event))}: ${subject}`;
  const when = now - facts.since < minute ? 'just now' : `${spokenDuration(now - facts.since)} ago`;
  const cause = facts.cause ? ` ${fit(facts.cause, 120).replace(/\.$/, '')}.` : '';
  const worst = severity(facts, now)[0];
  return `This is a Tableau alert. ${what} ${when}.${cause}${worst ? ` ${capital(worst)}.` : ''}`;
}

/** The spoken text of a bundle; its keys mean all of it. */
export function spokenBundle(entries: readonly Entry[]): string {
  const named = entries.filter(({ number }) => number !== null).map(({ facts }) => facts.name);
  const why = causes(entries, 2, 80).map((line) => line.replace(':', ' times,'));
  return [
    `This is a Tableau alert. ${countOf(entries)}.`,
    ...why,
    `Among them ${listed(named, named.length, 3, 60)}.`,
    'Your key is for all of them.',
  ].join(' ');
}
