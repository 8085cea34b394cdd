/**
 * The contact's answers on their way to the incidents: one activity at a time takes them there and brings back the outcomes. Each incident
 * gets them in order, and one that takes none for now delays the others by seconds.
 */
import type { AnswerActivities, AnsweringResult } from '../activity-contract.js';
import { incidentWorkflowId, minute, second, type AnswerSignal, type Verb } from '../contract.js';
import type { ActivityEffect, Wake } from '../machine.js';
import type { Answering } from '../pager-contract.js';
import { itemText } from './items.js';
import { receiveIncidentOver, receiveOutcome } from './replies.js';
import type { QueuedAnswer } from './reply-state.js';
import type { PagedItem, Pager } from './state.js';

export type AnswerCall = { activity: 'answerIncidents'; input: Parameters<AnswerActivities['answerIncidents']>[0] };

/** How many one activity takes along; what it has no time for goes with the next. */
const atOnce = 200;
const retry = { firstMs: 2 * second, mostMs: minute };

/** The first answer that waits for each incident. */
function firstOfEach({ answers }: Pager): QueuedAnswer[] {
  const keys = new Set<number>();
  return answers.filter(({ key }) => !keys.has(key) && keys.add(key));
}

const isDue = ({ notBefore = 0 }: QueuedAnswer, now: number): boolean => notBefore <= now;

/** The activity for the next answers; none while one runs. */
export function beginAnswers(pager: Pager, now: number): ActivityEffect<AnswerCall>[] {
  if (pager.answersInFlight !== null || pager.answers.length === 0) return [];
  closeForgotten(pager, now);
  // What was not tried yet goes first: an incident that takes no answer may not keep the others from their turn.
  const taken = firstOfEach(pager)
    .filter((one) => isDue(one, now))
    .toSorted((a, b) => (a.tries ?? 0) - (b.tries ?? 0))
    .slice(0, atOnce);
  if (taken.length === 0) return [];
  const isTaken = new Set(taken);
  pager.answers = pager.answers.filter((one) => !isTaken.has(one));
  pager.lastSignal += 1;
  const id = `answers:${pager.lastSignal}`;
  pager.answersInFlight = { id, answers: taken };
  const answers = taken.flatMap((one) => {
    const item = pager.byKey.get(one.key);
    return item ? [{ incident: item.incident, answer: answerOf(pager, item, one) }] : [];
  });
  const summary = answersText(pager, taken);
  return [{ type: 'activity', id, call: { activity: 'answerIncidents', input: { answers } }, summary }];
}

const done: Readonly<Record<Verb, string>> = {
  acknowledge: 'acknowledged',
  resolve: 'resolved',
  rerun: 'requested a rerun of',
  snooze: 'snoozed',
};

/** "ana acknowledged Sales", "ana acknowledged 12 items". */
function answersText({ contact, byKey }: Pager, taken: readonly QueuedAnswer[]): string {
  const did = [...new Set(taken.map(({ verb }) => done[verb]))].join(', ');
  const [first] = taken;
  const item = taken.length === 1 && first ? byKey.get(first.key) : undefined;
  return `${contact} ${did} ${item ? itemText(item) : `${taken.length} items`}`;
}

/** What is over is forgotten when much else is over, also before an answer for it has left. */
function closeForgotten(pager: Pager, now: number): void {
  const gone = pager.answers.filter(({ key }) => !pager.byKey.has(key));
  if (gone.length === 0) return;
  pager.answers = pager.answers.filter((one) => !gone.includes(one));
  for (const { answerId } of gone) receiveOutcome(pager, answerId, { result: 'closed', by: null }, now);
}

function answerOf(
  { contact }: Pager,
  { episode }: PagedItem,
  { answerId, verb, durationMs }: QueuedAnswer,
): AnswerSignal {
  return { answerId, verb, episode, by: contact, contact, ...(durationMs === undefined ? {} : { durationMs }) };
}

/**
 * Takes the outcomes that an activity brought.
 * @returns whether the id is the one of that activity
 */
export function endAnswers(pager: Pager, id: string, { outcomes, failed }: AnsweringResult, now: number): boolean {
  if (pager.answersInFlight?.id !== id) return false;
  const { answers } = pager.answersInFlight;
  pager.answersInFlight = null;
  const again: QueuedAnswer[] = [];
  for (const one of answers) {
    const outcome = outcomes[one.answerId];
    const why = failed[one.answerId];
    if (outcome) receiveOutcome(pager, one.answerId, outcome, now);
    else if (outcome === null) receiveIncidentOver(pager, one.key, now);
    else again.push(why === undefined ? one : tryLater(pager, one, why, now));
  }
  pager.answers.unshift(...again);
  return true;
}

function tryLater(pager: Pager, one: QueuedAnswer, why: string, now: number): QueuedAnswer {
  const tries = (one.tries ?? 0) + 1;
  const about = { incident: pager.byKey.get(one.key)?.incident ?? '', tries, error: why };
  pager.logLines.push({ level: 'warn', message: 'An incident did not take an answer and is asked again', about });
  return { ...one, tries, notBefore: now + Math.min(retry.mostMs, retry.firstMs * 2 ** (tries - 1)) };
}

/** When an answer that an incident did not take is due again; null while an activity runs, whose end is awaited first. */
export function answersDueAt(pager: Pager): Wake | null {
  if (pager.answersInFlight !== null || pager.answers.length === 0) return null;
  const at = Math.min(...firstOfEach(pager).map(({ notBefore = 0 }) => notBefore));
  return { at, why: 'Wait before answers go to their incidents again' };
}

/**
 * Notes the incidents whose answers wait for their turn, and those of the activity before it: until all are there, a page finds
 * them in the memo. One memo at the beginning and one at the end, not one for each activity; while the memo names none, the activity
 * alone shows that answers are on their way.
 */
export function noteAnswering(pager: Pager): void {
  const { answers, answersInFlight, answering } = pager;
  const of = [answersInFlight?.id, answers.length, answers.at(-1)?.answerId].join(' ');
  if (of === pager.answeringOf) return;
  pager.answeringOf = of;
  const underWay = [...(answersInFlight?.answers ?? []), ...answers];
  const ids = underWay.flatMap(({ key }) => pager.byKey.get(key)?.incident ?? []).map(incidentWorkflowId);
  const areThere = answers.length === 0 && (answersInFlight === null || answering.length === 0);
  // While none is in flight, what is left has to be asked again: the others have their outcome.
  const named = [...new Set(answersInFlight === null ? ids : [...answering, ...ids])];
  const next = areThere ? [] : named;
  if (next.length !== answering.length || next.some((id, n) => id !== answering[n])) pager.answering = next;
}

/** Workflow ids without repeating what they begin with: of a site's thousands it is the same. */
export function byPrefix(ids: readonly string[]): Answering {
  const found: Record<string, string[]> = {};
  for (const id of ids) {
    const cut = id.lastIndexOf(':') + 1;
    (found[id.slice(0, cut)] ??= []).push(id.slice(cut));
  }
  return found;
}
