/** The texts of one page, written and spoken. The instructions are never cut. */
import type { TextChannel } from '../channels.js';
import { minute } from '../contract.js';
import { linkSentence } from '../link-place.js';
import { type Facts } from '../pager-contract.js';
import { plainName, quoted, sentenceOf } from '../names.js';
import {
  ago,
  canBeRefreshed,
  capital,
  duration,
  firstThatFits,
  isFailedRun,
  isFailure,
  isMissing,
  isRefresh,
  kindName,
  ordinal,
  spokenDuration,
  whatHappened,
} from '../words.js';
import type { Counts } from './items.js';
import { moreRecovered, moreRecoveredInShort } from './quiet-texts.js';

/** `Workbook refresh failed: "Sales"`; `Admin promoted: "ana"` for events without a refresh. */
function headline({ event, kind, name }: Facts, room: number): string {
  const what = whatHappened(event);
  return `${isRefresh({ event }) ? `${kindName(kind)} ${what}` : capital(what)}: ${quoted(name, room)}`;
}

/** Which of the two places stand in a text, and how long they are. */
interface Places {
  room: number;
  project?: boolean;
  owner?: boolean;
}

/** Whose it is and since when: `Project "Finance", owner "Olga Owner", 12 min ago, 3 failures.` */
function whereAndWhen(facts: Facts, now: number, { room, project = true, owner = true }: Places): string {
  const parts = [
    project && facts.project ? `project ${quoted(facts.project, room)}` : null,
    owner && facts.owner ? `owner ${quoted(facts.owner, room)}` : null,
    ago(facts.since, now),
    facts.inARow === undefined && facts.failures > 1 ? `${facts.failures} failures` : null,
  ];
  return asSentence(parts.filter((part) => part !== null)) ?? '';
}

/** How bad it is, the most telling first. */
function severity(facts: Facts, now: number): string[] {
  const { inARow, lastGoodAt, nextRunAt, downstreamWorkbooks } = facts;
  return [
    // After how many can be configured: https://help.tableau.com/current/server/en-us/schedule_manage.htm
    inARow !== undefined && inARow > 1 ? `${ordinal(inARow)} in a row, Tableau may suspend its schedule` : null,
    lastGoodAt === undefined ? null : `data is ${duration(now - lastGoodAt)} old`,
    downstreamWorkbooks === undefined
      ? null
      : `${downstreamWorkbooks} workbook${downstreamWorkbooks === 1 ? '' : 's'} depend${downstreamWorkbooks === 1 ? 's' : ''} on it`,
    nextRunAt === undefined || nextRunAt <= now ? null : `next run in ${duration(nextRunAt - now)}`,
  ].filter((part) => part !== null);
}

const asSentence = (parts: readonly string[]): string | null =>
  parts.length > 0 ? `${capital(parts.join(', '))}.` : null;

/** Why it failed; after a rerun, that this failed as well. */
function why({ cause, rerunFailed, rerunIsYours }: Facts, room: number): string | null {
  const reason = sentenceOf(rerunFailed || cause || '', room);
  if (rerunFailed === undefined) return reason || null;
  const what = rerunIsYours ? 'Your rerun failed' : 'The rerun failed';
  return reason === '' ? `${what}.` : `${what}: ${reason}`;
}

/** On the last page of an escalation: that nobody answered, and in full whom it paged and what comes next. */
function endOf({ event, ended }: Facts, isFull = true): string | null {
  if (ended === undefined) return null;
  const what = ended.reached ? 'Nobody answered.' : 'Nobody could be reached.';
  if (!isFull) return what;
  return `${what} Paged: ${ended.paged}. Only a new ${isFailure({ event }) ? 'failure' : 'event'} pages again.`;
}

/** "30 open, 13 new": what else is open, in the same words as a bundle and a list. */
const othersOpen = ({ open, fresh }: Counts): string | null => (open > 1 ? `${open} open, ${fresh} new.` : null);

const alone: Counts = { open: 1, fresh: 1, allRefreshes: true };

const instructions = (facts: Facts, number: number): string =>
  canBeRefreshed(facts)
    ? `Reply ACK or ${number} to take it, R ${number} to run it again, DONE ${number} if it is fixed.`
    : `Reply ACK or ${number} to take it, DONE ${number} if it is fixed.`;

const shortInstructions = (facts: Facts, number: number): string =>
  canBeRefreshed(facts)
    ? `Reply ACK or ${number}, R ${number}, DONE ${number}.`
    : `Reply ACK or ${number}, DONE ${number}.`;

/**
 * The text of one page by WhatsApp or SMS. Where it does not fit, names are shortened first, then what helps least is dropped. Its
 * number makes it unlike any other text of the last day.
 * @param link the place of the link; it goes before the address in Tableau, which its page has too
 */
export function pageText(
  facts: Facts,
  number: number,
  now: number,
  channel: TextChannel = 'sms',
  counts: Counts = alone,
  link: string | null = null,
): string {
  const bad = severity(facts, now);
  const tail = instructions(facts, number);
  const recovered = moreRecovered(counts);
  const head = (room: number): string => `[${number}] ${headline(facts, room)}`;
  const full = (
    place: string | null,
    room: number,
    places: Places,
    causeRoom: number,
    more: readonly (string | null)[],
  ): string =>
    lines([
      head(room),
      endOf(facts),
      whereAndWhen(facts, now, places),
      why(facts, causeRoom),
      ...more,
      recovered,
      place,
      tail,
    ]);
  const all = [asSentence(bad), othersOpen(counts), facts.url ?? null];
  // The page of the link has the address in Tableau as well.
  const next = link === null ? all : all.slice(0, 2);
  const end = endOf(facts, false);
  const shortWhat = isMissing(facts) ? 'has no new data' : isFailedRun(facts) ? 'run failed' : 'failed';
  const short = `[${number}] ${kindName(facts.kind)} ${shortWhat}: ${quoted(facts.name, 24)}`;
  const drafts = (place: string | null): string[] => [
    full(place, 60, { room: 40 }, 200, all),
    full(place, 40, { room: 24 }, 120, next),
    full(place, 28, { room: 16 }, 90, next),
    full(place, 28, { room: 16 }, 90, [asSentence(bad.slice(0, 1)), ...next.slice(1)]),
    full(place, 28, { room: 16 }, 90, [asSentence(bad.slice(0, 1)), othersOpen(counts)]),
    full(place, 28, { room: 16 }, 90, [asSentence(bad.slice(0, 1))]),
    full(place, 28, { room: 16 }, 80, []),
    full(place, 24, { room: 12 }, 60, []),
    full(place, 24, { room: 12, owner: false }, 60, []),
    full(place, 24, { room: 12, owner: false, project: false }, 60, []),
    lines([head(24), end, why(facts, 60), recovered, place, tail]),
    lines([short, end, why(facts, 40), moreRecoveredInShort(counts), place, shortInstructions(facts, number)]),
    lines([head(24), end, moreRecoveredInShort(counts), place, tail]),
    lines([short, end, moreRecoveredInShort(counts), place, shortInstructions(facts, number)]),
  ];
  return firstThatFits(link === null ? drafts(null) : [...drafts(link), ...drafts(null).slice(-5)], channel);
}

/** One line for each part that there is. */
export const lines = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join('\n');

/** A template has a full stop after each of its variables. */
export const withoutStop = (text: string): string => text.replace(/(?<!\.)\.+$/, '');

/** The variables of the WhatsApp template: 1 what failed, 2 what is known of it, 3 the reply number. */
export function pageVariables(
  facts: Facts,
  number: number,
  now: number,
  counts: Counts = alone,
  link: string | null = null,
): Record<string, string> {
  const known = [
    endOf(facts),
    whereAndWhen(facts, now, { room: 40 }),
    why(facts, 200),
    asSentence(severity(facts, now)),
    othersOpen(counts),
    moreRecovered(counts),
    link === null ? null : linkSentence(link),
    // The full stop of the template must not become part of the link.
    facts.url ? `See ${facts.url} in Tableau.` : null,
  ];
  return {
    '1': headline(facts, 60),
    '2': withoutStop(known.filter((part) => part !== null).join(' ')),
    '3': String(number),
  };
}

/** The worst first: most failures in a row, most that depends on it, longest broken. */
export const worstFirst = (a: Facts, b: Facts): number =>
  Number(a.unknownItem ?? false) - Number(b.unknownItem ?? false) ||
  (b.inARow ?? b.failures) - (a.inARow ?? a.failures) ||
  (b.downstreamWorkbooks ?? 0) - (a.downstreamWorkbooks ?? 0) ||
  a.since - b.since;

/** The spoken text of one page, before the menu. */
export function spokenPage(facts: Facts, now: number, counts: Counts = alone): string {
  const project = facts.project ? `, in project ${plainName(facts.project, 60)},` : '';
  const subject = `${kindName(facts.kind).toLowerCase()} ${plainName(facts.name, 80)}${project}`;
  const when = now - facts.since < minute ? 'just now' : `${spokenDuration(now - facts.since)} ago`;
  const what = isMissing(facts)
    ? `The ${subject} has no new data`
    : isRefresh(facts)
      ? `The ${subject} failed to refresh ${when}`
      : isFailedRun(facts)
        ? `A run of the ${subject} failed ${when}`
        : `${capital(whatHappened(facts.event))}: ${subject.replace(/,$/, '')} ${when}`;
  return [
    'This is a Tableau alert.',
    `${what}.`,
    endOf(facts),
    why(facts, 120),
    asSentence(severity(facts, now).slice(0, 1)),
    counts.open > 1 ? `In all ${counts.open} are open. Your key is for this one.` : null,
  ]
    .filter((part) => part !== null)
    .join(' ');
}
