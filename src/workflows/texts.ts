/**
 * Everything a person reads or hears. Times are relative, since contacts have no zone; names are cut in the middle,
 * the reply instructions never.
 */
import type { AnswerResult, Channel, Facts, ItemKind, NoticeSignal } from './contract.js';

const kindNames: Record<ItemKind, string> = {
  workbook: 'Workbook',
  datasource: 'Data source',
  user: 'User',
  site: 'Site',
  view: 'View',
  label: 'Label',
  item: 'Item',
};

export const kindName = (kind: ItemKind): string => kindNames[kind];

export const channelName: Record<Channel, string> = { whatsapp: 'WhatsApp', sms: 'SMS', call: 'Call' };

/** Cuts the middle out of what is longer than `max` characters and folds white space, so that it fits in one line. */
export function fit(text: string, max: number): string {
  const characters = Array.from(text.replace(/\s+/gu, ' ').trim());
  if (characters.length <= max) return characters.join('');
  const head = Math.ceil((max - 2) / 2);
  return `${characters.slice(0, head).join('')}..${characters.slice(characters.length - (max - 2 - head)).join('')}`;
}

/** `WorkbookRefreshFailed` → "refresh failed"; other events in their own words: `AdminPromoted` → "admin promoted". */
export function whatHappened(event: string): string {
  if (event.endsWith('RefreshFailed')) return 'refresh failed';
  return event.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

/** "Workbook refresh failed: Sales"; "Admin promoted: ana" for events without a refresh. */
export function headline(event: string, kind: ItemKind, name: string): string {
  const what = whatHappened(event);
  const start = event.endsWith('RefreshFailed') ? `${kindName(kind)} ${what}` : capital(what);
  return `${start}: ${fit(name, 60)}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "42 min", "3 h", "2 days"; at least "1 min". */
export function duration(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

const ago = (since: number, now: number): string =>
  now - since < 60_000 ? 'just now' : `${duration(now - since)} ago`;

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

const ordinal = (n: number): string => {
  const last = n % 100 >= 11 && n % 100 <= 13 ? 0 : n % 10;
  return `${n}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`;
};

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

const sentence = (parts: string[]): string | null => (parts.length > 0 ? `${capital(parts.join(', '))}.` : null);

const instructions = (facts: Facts, number: number): string =>
  canBeRefreshed(facts)
    ? `Reply ACK or ${number} to take it, R ${number} to run it again, DONE ${number} if it is fixed.`
    : `Reply ACK or ${number} to take it, DONE ${number} if it is fixed.`;

export const canBeRefreshed = ({ kind }: { kind: ItemKind }): boolean => kind === 'workbook' || kind === 'datasource';

/** Two SMS segments of GSM-7 characters; a WhatsApp text may be longer. */
const roomOf = { sms: 306, whatsapp: 1_000 } as const;

/**
 * The text of a page by WhatsApp or SMS. What is least needed goes first where it does not fit, the instructions never. Its
 * number makes it unlike any other text of the last day.
 */
export function pageText(facts: Facts, number: number, now: number, channel: 'sms' | 'whatsapp' = 'sms'): string {
  const room = roomOf[channel];
  const head = `[${number}] ${headline(facts.event, facts.kind, facts.name)}`;
  const tail = instructions(facts, number);
  const bad = severity(facts, now);
  const drafts = [
    { names: 40, cause: 200, more: [sentence(bad), facts.url ?? null] },
    { names: 24, cause: 90, more: [sentence(bad)] },
    { names: 24, cause: 70, more: [sentence(bad.slice(0, 1))] },
    { names: 16, cause: 60, more: [] },
  ];
  const texts = drafts.map(({ names, cause, more }) => {
    const where = `${capital(whereAndWhen(facts, now, names))}.`;
    const why = facts.cause ? fit(facts.cause, cause) : null;
    return [head, where, why, ...more, tail].filter((line) => line !== null).join('\n');
  });
  return texts.find((text) => text.length <= room) ?? [head, tail].join('\n');
}

/** The variables of the WhatsApp template: 1 what failed, 2 what is known of it, 3 the reply number. */
export function pageVariables(facts: Facts, number: number, now: number): Record<string, string> {
  return {
    '1': headline(facts.event, facts.kind, facts.name),
    '2': [capital(whereAndWhen(facts, now, 40)), facts.cause ? fit(facts.cause, 200) : null, ...severity(facts, now)]
      .filter((part) => part !== null)
      .join('. '),
    '3': String(number),
  };
}

/** What a call says before its menu. */
export function spokenPage(facts: Facts, now: number): string {
  const project = facts.project ? `, in project ${fit(facts.project, 60)},` : '';
  const subject = `${kindName(facts.kind).toLowerCase()} ${fit(facts.name, 80)}${project}`;
  const what = facts.event.endsWith('RefreshFailed')
    ? `The ${subject} failed to refresh`
    : `${capital(whatHappened(facts.event))}: ${subject}`;
  const when = now - facts.since < 60_000 ? 'just now' : `${spokenDuration(now - facts.since)} ago`;
  const cause = facts.cause ? ` ${fit(facts.cause, 120).replace(/\.$/, '')}.` : '';
  const worst = severity(facts, now)[0];
  return `This is a Tableau alert. ${what} ${when}.${cause}${worst ? ` ${capital(worst)}.` : ''}`;
}

function spokenDuration(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

export const helpText =
  'Reply ACK to take the newest, a number to take that one, ALL to take all, STOP to hear no more.';
export const stoppedText = 'Stopped. START to resume.';
export const startedText = 'Started. You will be paged here again.';
export const nothingOpenText = 'Nothing is open for you.';
export const notKnownText = 'That message is too old to tell what it was about.';

/** Text for a number that this contact was never given, or whose item is forgotten. */
export const unknownNumberText = (number: number): string => `There is no number ${number}.`;

export const askWhichText = (verb: 'resolve' | 'rerun', numbers: number[]): string =>
  `Which one? ${numbers.map((number) => `${verb === 'resolve' ? 'DONE' : 'R'} ${number}`).join(' or ')}`;

export interface Settled {
  name: string;
  result: AnswerResult;
  by: string | null;
}

const groups: { result: AnswerResult; say: (names: string, by: string | null) => string }[] = [
  { result: 'taken', say: (names) => `Taken: ${names}.` },
  { result: 'already', say: (names, by) => `Already taken by ${by ?? 'somebody else'}: ${names}.` },
  { result: 'resolved', say: (names) => `Resolved: ${names}.` },
  { result: 'rerunning', say: (names) => `Running again: ${names}.` },
  { result: 'stopped', say: (names) => `Stopped: ${names}.` },
  { result: 'closed', say: (names) => `Over already: ${names}.` },
];

function listed(names: string[]): string {
  const shown = names.slice(0, 3).map((name) => fit(name, 40));
  return names.length > 3 ? `${shown.join(', ')} and ${names.length - 3} more` : shown.join(', ');
}

/** "Taken: Sales. Still open: 3." */
export function confirmationText(settled: Settled[], stillOpen: number): string {
  const said = groups.flatMap(({ result, say }) => {
    const same = settled.filter((one) => one.result === result);
    const first = same[0];
    if (!first) return [];
    const count = same.length > 1 ? `${same.length} ` : '';
    const sentence = say(listed(same.map((one) => one.name)), first.by);
    return count === '' ? [sentence] : [`${count}${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`];
  });
  return [...said, stillOpen > 0 ? `Still open: ${stillOpen}.` : null].filter((part) => part !== null).join(' ');
}

/** What a caller hears after the key. */
export function spokenOutcome(settled: Settled[]): string {
  const result = settled[0]?.result ?? 'closed';
  switch (result) {
    case 'taken':
      return 'Acknowledged. Good night.';
    case 'already':
      return `Already taken by ${settled[0]?.by ?? 'somebody else'}. Good night.`;
    case 'resolved':
      return 'Resolved. Good night.';
    case 'rerunning':
      return 'Running it again. You will hear what becomes of it.';
    case 'stopped':
      return 'Stopped. Good night.';
    case 'closed':
      return 'This is over already. Good night.';
  }
}

/** What asks for nothing: it works again, somebody has it, it cannot be run. */
export function noticeText({ kind, facts, by, why }: NoticeSignal, now: number): string {
  const name = fit(facts.name, 60);
  switch (kind) {
    case 'recovered':
      return `${name} is refreshing again after ${duration(now - facts.since)}. Nothing to do.`;
    case 'resolved':
      return `${name} was resolved by ${by ?? 'somebody else'}. Nothing to do.`;
    case 'taken':
      return `${name} was taken by ${by ?? 'somebody else'}. Nothing to do.`;
    case 'deleted':
      return `${name} was deleted in Tableau. Nothing to do.`;
    case 'not-rerun':
      return `${name} was not run again. ${fit(why ?? '', 160)} It is still yours.`;
  }
}
