/** The texts of answers to replies and of notices. */
import { channelName, type TextChannel } from '../channels.js';
import type { Facts } from '../pager-contract.js';
import type { PendingNotice } from './message-state.js';
import type { Outcome } from './reply-state.js';
import { groupBy } from '../group-by.js';
import { listed, nameOf, quoted, sentenceOf } from '../names.js';
import { duration, firstThatFits, isFailure, spokenDuration } from '../words.js';

export const helpText =
  'Reply ACK to take the newest, a number to take that one, ALL, R to run it again, DONE, SNOOZE 1h, LIST, WHO, SWAP ben 2h, MUTE Sales 2h, or STOP.';
/** What becomes of what is open, and how to come back. */
export const stoppedText = (channel: TextChannel, open: number): string => {
  const rest = open === 0 ? '' : ` ${open} open go${open === 1 ? 'es' : ''} on by other channels and to others.`;
  return `You get no more ${channelName(channel)} messages.${rest} Reply START to resume.`;
};
export const startedText = 'Started. You will be paged here again.';
export const nothingOpenText = 'Nothing is open for you.';
export const notKnownText = 'That message is too old to tell what it was about.';

/** Ends the last answer within the hourly limit of answers. */
export const lastAnswerText = (confirms: boolean, waitMs: number): string =>
  `For ${duration(waitMs)} ${confirms ? 'no answers' : 'only confirmations'} are sent. What you reply still counts.`;

/** Says to the person why no more pages come, and for how long. */
export function limitText(about: { waitMs: number; count: number; limit: number; isCall: boolean }): string {
  const { waitMs, count, limit, isCall } = about;
  const wait = count === 1 ? '1 more waits' : `${count} more wait`;
  const most = `${limit} ${isCall ? 'call' : 'message'}${limit === 1 ? '' : 's'}`;
  return `${isCall ? 'No calls' : 'Quiet'} for ${duration(waitMs)}: ${wait}. The limit is ${most} an hour. LIST shows what is open.`;
}

/** Text for a number that this contact was not given, or whose item is forgotten. */
export const unknownNumberText = (number: number): string => `There is no number ${number}.`;

const verbs = { resolve: 'DONE', rerun: 'R', snooze: 'SNOOZE' } as const;

/** The answer to a command for one item when it is not plain which one: those that it may mean, at most five by their names. */
export function askWhichText(
  verb: keyof typeof verbs,
  choices: readonly { number: number; name: string }[],
  count: number,
): string {
  const some = choices.slice(0, 5).map(({ number, name }) => `${verbs[verb]} ${number} for ${quoted(name, 24)}`);
  return `Which one${count > 1 ? ` of ${count}` : ''}? ${some.join(', ')}${count > 5 ? ', or LIST to see more' : ''}.`;
}

/** The answer to a command for what is snoozed. */
export const snoozedText = (names: readonly string[], count: number, until: number, now: number): string =>
  `Snoozed: ${listed(names, count)}. It is back in ${duration(until - now)}.`;

const labels: Record<Outcome['result'], (outcome: Outcome) => string> = {
  taken: () => 'Taken',
  already: ({ by }) => `Already taken by ${nameOf(by)}`,
  resolved: () => 'Resolved',
  rerunning: () => 'Running again',
  snoozed: () => 'Snoozed',
  handed: () => 'Handed on',
  told: () => 'The owner knows of',
  closed: ({ how, by }) => closedLabel(how, by),
};
function closedLabel(how: Outcome['how'], by: string | null): string {
  if (how === 'recovered') return 'Working again already';
  if (how === 'resolved' && by !== null) return `Resolved already by ${nameOf(by)}`;
  if (how === 'forgotten') return 'Not watched any more';
  if (how === 'not-promised') return 'Not late any more';
  return how === 'deleted' ? 'Deleted in Tableau' : 'Over already';
}

/** What became of an item that is over, and by whom. */
export const closedText = (name: string, how: Outcome['how'], by: string | null): string =>
  sentence(closedLabel(how, by), quoted(name, 40));

/** The last draft of a text names nothing. */
const sentence = (label: string, names: string): string => (names === '' ? `${label}.` : `${label}: ${names}.`);

const order: Outcome['result'][] = ['taken', 'rerunning', 'resolved', 'snoozed', 'handed', 'told', 'already', 'closed'];

/** `2 taken: "Sales", "HR". Reminder in 4 h. Still open: 3.` */
export function confirmationText(
  outcomes: readonly Outcome[],
  stillOpen: number,
  now: number,
  channel: TextChannel,
): string {
  const ranked = order.flatMap((result) => outcomes.filter((outcome) => outcome.result === result));
  const open = stillOpen > 0 ? [`Still open: ${stillOpen}.`] : [];
  const draft = (shown: number, room: number): string =>
    [
      ...ranked.flatMap((outcome) => {
        const label = labels[outcome.result](outcome);
        const counted =
          outcome.count > 1 ? `${outcome.count} ${label.charAt(0).toLowerCase()}${label.slice(1)}` : label;
        const names = shown === 0 ? '' : listed(outcome.names.slice(0, shown), outcome.count, shown, room);
        return [sentence(counted, names), ...whenNext(outcome, now)];
      }),
      ...open,
    ].join(' ');
  return firstThatFits([draft(3, 40), draft(3, 24), draft(2, 16), draft(1, 12), draft(0, 0)], channel);
}

function whenNext({ result, until }: Outcome, now: number): string[] {
  if (until === null || until <= now) return [];
  if (result === 'snoozed') return [`It is back in ${duration(until - now)}.`];
  return result === 'taken' || result === 'rerunning' ? [`Reminder in ${duration(until - now)}.`] : [];
}

/** The spoken answer to a key. */
export function spokenOutcome(outcomes: readonly Outcome[], now: number): string {
  const first = order.flatMap((result) => outcomes.filter((outcome) => outcome.result === result))[0];
  const all = first !== undefined && first.count > 1 ? ` All ${first.count} of them.` : '';
  switch (first?.result) {
    case 'taken':
      return `Acknowledged.${all} Good night.`;
    case 'already':
      return `Already taken by ${nameOf(first.by)}. Good night.`;
    case 'resolved':
      return `Resolved.${all} Good night.`;
    case 'rerunning':
      return 'Running it again. You will hear what becomes of it.';
    case 'snoozed':
      return `Snoozed for ${spokenDuration((first.until ?? now) - now)}. Good night.`;
    case 'handed':
      return 'Handed on. Good night.';
    case 'told':
      return 'The owner gets a message.';
    case 'closed':
    case undefined:
      return 'This is over already. Good night.';
  }
}

/** "12 open, 3 yours": what a list has, and every answer counts. */
export const countText = ({ open, yours }: { open: number; yours: number }): string =>
  yours > 0 ? `${open} open, ${yours} yours` : `${open} open`;

/** One page of the list: "12 open, 3 yours.", ten lines, and how to see more. */
export function listText(
  entries: readonly { number: number; facts: Facts; isYours: boolean }[],
  page: number,
  counts: { open: number; yours: number },
  now: number,
  channel: TextChannel,
): string {
  const head = `${countText(counts)}.`;
  const more = counts.open + counts.yours > page * 10 ? `LIST ${page + 1} for more.` : null;
  const line = ({ number, facts, isYours }: (typeof entries)[number], room: number, withAge: boolean): string =>
    `[${number}] ${quoted(facts.name, room)}${withAge ? `, ${duration(now - facts.since)}` : ''}${isYours ? ', yours' : ''}`;
  const draft = (room: number, withAge: boolean, named = entries.length): string => {
    const others = entries.slice(named).map(({ number }) => `[${number}]`);
    return [
      head,
      ...entries.slice(0, named).map((entry) => line(entry, room, withAge)),
      ...(others.length > 0 ? [`Also ${others.join(' ')}.`] : []),
      ...(more ? [more] : []),
    ].join('\n');
  };
  return firstThatFits(
    [
      draft(40, true),
      draft(24, true),
      draft(20, false),
      ...[10, 8, 6, 4, 2, 0].map((named) => draft(12, false, named)),
    ],
    channel,
  );
}

/** A notice: it works again, somebody has it, it cannot be run. */
export function noticeText(
  { kind, facts, by, why }: Pick<PendingNotice, 'kind' | 'facts' | 'by' | 'why'>,
  now: number,
  room = 60,
): string {
  const name = quoted(facts.name, room);
  switch (kind) {
    case 'recovered':
      return why
        ? `${name} works again. ${sentenceOf(why, 160)} Nothing to do.`
        : `${name} works again after ${duration(now - facts.since)}. Nothing to do.`;
    case 'resolved':
      return `${name} was resolved by ${nameOf(by)}. Nothing to do.`;
    case 'taken':
      return `${name} was taken by ${nameOf(by)}. Nothing to do.`;
    case 'deleted':
      return `${name} was deleted in Tableau. Nothing to do.`;
    case 'not-promised':
      return `${name} is not late any more: what is promised of its data has changed. Nothing to do.`;
    case 'not-rerun':
      return [
        `${name} was not run again.`,
        sentenceOf(why ?? '', 160),
        by === null ? 'It is still yours.' : `Taken by ${nameOf(by)}.`,
      ]
        .filter(Boolean)
        .join(' ');
    case 'reminder':
      return `Reminder: ${name} still fails after ${duration(now - facts.since)}. It is yours.`;
    case 'suspended':
      return `Tableau has suspended the schedule of ${name}: it is not refreshed until somebody resumes it there.`;
    case 'forgotten':
      return [`${name} is not watched any more.`, sentenceOf(why ?? '', 160), again(facts)].filter(Boolean).join(' ');
  }
}

const again = (facts: Facts): string => `A new ${isFailure(facts) ? 'failure' : 'event'} pages again.`;

const bundled: Record<PendingNotice['kind'], (by: string | null) => string> = {
  recovered: () => 'working again',
  resolved: (by) => `resolved by ${nameOf(by)}`,
  taken: (by) => `taken by ${nameOf(by)}`,
  deleted: () => 'deleted in Tableau',
  'not-promised': () => 'not late any more by what is promised',
  'not-rerun': () => 'not run again',
  reminder: () => 'still yours and failing',
  suspended: () => 'suspended by Tableau',
  forgotten: () => 'silent in Tableau and not watched any more',
};
/** After these there is nothing to do. */
const overKinds = new Set<PendingNotice['kind']>(['recovered', 'resolved', 'taken', 'deleted', 'not-promised']);

/** Several notices in one text: "12 working again: Sales, HR and 10 more. Still open: 3." */
export function noticesText(
  notices: readonly PendingNotice[],
  stillOpen: number,
  now: number,
  channel: TextChannel,
): string {
  const [only] = notices;
  if (only && notices.length === 1)
    return firstThatFits([noticeText(only, now), noticeText({ ...only, why: null }, now, 24)], channel);
  const groups = groupBy(notices, ({ kind, by }) => `${kind} ${by ?? ''}`);
  const isOver = notices.every(({ kind }) => overKinds.has(kind));
  const rest = stillOpen > 0 ? [`Still open: ${stillOpen}.`] : isOver ? ['Nothing to do.'] : [];
  const draft = (shown: number, room: number): string =>
    [...groups.values()]
      .flatMap((group) => {
        const [first] = group;
        if (!first) return [];
        const some = group.slice(0, shown).map(({ facts }) => facts.name);
        const names = shown === 0 ? '' : listed(some, group.length, shown, room);
        return [sentence(`${group.length} ${bundled[first.kind](first.by)}`, names)];
      })
      .concat(rest)
      .join(' ');
  return firstThatFits([draft(5, 40), draft(3, 24), draft(1, 16), draft(0, 0)], channel);
}
