/** The texts of answers to replies and of notices. */
import type { TextChannel } from '../channels.js';
import type { Facts } from '../contract.js';
import type { PendingNotice, Outcome } from './state.js';
import { duration, firstThatFits, fit, listed, spokenDuration } from '../words.js';

export const helpText =
  'Reply ACK to take the newest, a number to take that one, ALL, R to run it again, DONE, SNOOZE 1h, LIST, or STOP.';
export const stoppedText = 'Stopped. START to resume.';
export const startedText = 'Started. You will be paged here again.';
export const nothingOpenText = 'Nothing is open for you.';
export const notKnownText = 'That message is too old to tell what it was about.';

/** Ends the last answer within the hourly limit of answers. */
export const lastAnswerText = (confirms: boolean, quietMs: number): string =>
  `For ${duration(quietMs)} ${confirms ? 'no answers' : 'only confirmations'} are sent. What you reply still counts.`;

/** Says to the person why no more pages come, and for how long. */
export function quietText(about: { quietMs: number; count: number; limit: number; isCall: boolean }): string {
  const { quietMs, count, limit, isCall } = about;
  const wait = count === 1 ? '1 more waits' : `${count} more wait`;
  const most = `${limit} ${isCall ? 'call' : 'message'}${limit === 1 ? '' : 's'}`;
  return `${isCall ? 'No calls' : 'Quiet'} for ${duration(quietMs)}: ${wait}. The limit is ${most} an hour. LIST shows what is open.`;
}

/** Text for a number that this contact was not given, or whose item is forgotten. */
export const unknownNumberText = (number: number): string => `There is no number ${number}.`;

const examples = {
  resolve: (number: number) => `DONE ${number}`,
  rerun: (number: number) => `R ${number}`,
  snooze: (number: number) => `SNOOZE ${number}`,
};

/** The answer to a command for one item when the message carries several. */
export function askWhichText(verb: keyof typeof examples, numbers: number[], count: number): string {
  const some = numbers.slice(0, 5).map(examples[verb]).join(', ');
  return `Which one of ${count}? ${some}${count > 5 ? ', or LIST to see more' : ''}.`;
}

const outcomeTexts: Record<Outcome['result'], (names: string, outcome: Outcome) => string> = {
  taken: (names) => `Taken: ${names}.`,
  already: (names, { by }) => `Already taken by ${by ?? 'somebody else'}: ${names}.`,
  resolved: (names) => `Resolved: ${names}.`,
  rerunning: (names) => `Running again: ${names}.`,
  snoozed: (names) => `Snoozed: ${names}.`,
  stopped: (names) => `Stopped: ${names}.`,
  closed: (names, { how, by }) => closedText(names, how, by),
};
/** What became of it, and by whom. */
function closedText(names: string, how: Outcome['how'], by: string | null): string {
  if (how === 'recovered') return `Refreshing again already: ${names}.`;
  if (how === 'resolved' && by !== null) return `Resolved already by ${by}: ${names}.`;
  if (how === 'deleted') return `Deleted in Tableau: ${names}.`;
  return `Over already: ${names}.`;
}
const order: Outcome['result'][] = ['taken', 'rerunning', 'resolved', 'snoozed', 'already', 'closed', 'stopped'];

/** "2 taken: Sales, HR. Reminder in 4 h. Still open: 3." */
export function confirmationText(outcomes: readonly Outcome[], stillOpen: number, now: number): string {
  const sentences = order.flatMap((result) =>
    outcomes
      .filter((outcome) => outcome.result === result)
      .flatMap((outcome) => {
        const sentence = outcomeTexts[result](listed(outcome.names, outcome.count), outcome);
        const counted =
          outcome.count > 1 ? `${outcome.count} ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}` : sentence;
        return [counted, ...whenNext(outcome, now)];
      }),
  );
  return [...sentences, ...(stillOpen > 0 ? [`Still open: ${stillOpen}.`] : [])].join(' ');
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
      return `Already taken by ${first.by ?? 'somebody else'}. Good night.`;
    case 'resolved':
      return `Resolved.${all} Good night.`;
    case 'rerunning':
      return 'Running it again. You will hear what becomes of it.';
    case 'snoozed':
      return `Snoozed for ${spokenDuration((first.until ?? now) - now)}. Good night.`;
    case 'stopped':
      return 'Stopped. Good night.';
    case 'closed':
    case undefined:
      return 'This is over already. Good night.';
  }
}

/** One page of the list: "12 open.", ten lines, and how to see more. */
export function listText(
  entries: readonly { number: number; facts: Facts }[],
  page: number,
  open: number,
  now: number,
  channel: TextChannel,
): string {
  const head = `${open} open.`;
  const more = open > page * 10 ? `LIST ${page + 1} for more.` : null;
  const draft = (room: number, withAge: boolean): string =>
    [
      head,
      ...entries.map(
        ({ number, facts }) =>
          `[${number}] ${fit(facts.name, room)}${withAge ? `, ${duration(now - facts.since)}` : ''}`,
      ),
      ...(more ? [more] : []),
    ].join('\n');
  return firstThatFits([draft(40, true), draft(24, true), draft(20, false), draft(12, false)], channel);
}

/** A notice: it works again, somebody has it, it cannot be run. */
export function noticeText(
  { kind, facts, by, why }: Pick<PendingNotice, 'kind' | 'facts' | 'by' | 'why'>,
  now: number,
): string {
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
    case 'reminder':
      return `Reminder: ${name} still fails after ${duration(now - facts.since)}. It is yours.`;
  }
}

const bundled: Record<PendingNotice['kind'], (names: string, by: string | null) => string> = {
  recovered: (names) => `refreshing again: ${names}.`,
  resolved: (names, by) => `resolved by ${by ?? 'somebody else'}: ${names}.`,
  taken: (names, by) => `taken by ${by ?? 'somebody else'}: ${names}.`,
  deleted: (names) => `deleted in Tableau: ${names}.`,
  'not-rerun': (names) => `not run again: ${names}.`,
  reminder: (names) => `still yours and failing: ${names}.`,
};

/** Several notices in one text: "12 refreshing again: Sales, HR and 10 more. Still open: 3." */
export function noticesText(
  notices: readonly PendingNotice[],
  stillOpen: number,
  now: number,
  channel: TextChannel,
): string {
  const [only] = notices;
  if (only && notices.length === 1) return firstThatFits([noticeText(only, now)], channel);
  const groups = new Map<string, PendingNotice[]>();
  for (const one of notices) {
    const key = `${one.kind} ${one.by ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const draft = (shown: number, room: number): string =>
    [...groups.values()]
      .flatMap((group) => {
        const [first] = group;
        if (!first) return [];
        const names = listed(
          group.slice(0, shown).map(({ facts }) => facts.name),
          group.length,
          shown,
          room,
        );
        return [`${group.length} ${bundled[first.kind](names, first.by)}`];
      })
      .concat(stillOpen > 0 ? [`Still open: ${stillOpen}.`] : ['Nothing to do.'])
      .join(' ');
  return firstThatFits([draft(5, 40), draft(3, 24), draft(1, 16)], channel);
}
