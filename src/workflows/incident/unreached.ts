/**
 * Contacts whose pager could not be signalled. What they are to get waits here in order and is tried again by an activity of its own, so that
 * nobody else's pages wait for it.
 */
import type { PagerMessage, PagingActivities, SignallingResult } from '../activity-contract.js';
import { hour, minute, second } from '../contract.js';
import type { ActivityEffect } from '../machine.js';
import type { InFlight, Unreached } from './request-state.js';
import type { Decision } from './next.js';
import { nextId, informedContacts, type Incident } from './state.js';
import { record } from './timeline.js';

export type RetryCall = { activity: 'retryPager'; input: Parameters<PagingActivities['retryPager']>[0] };
type Retrying = Extract<InFlight, { activity: 'retryPager' }>;

/** Pauses between two tries; the last one repeats. */
const pausesMs = [
  1 * second,
  2 * second,
  5 * second,
  10 * second,
  30 * second,
  1 * minute,
  2 * minute,
  5 * minute,
] as const;
/** One failed try may be a moment in which Temporal was busy. */
const triesBeforeAlarm = 2;
/** An incident that is over waits for as long from the first failed try. */
const giveUpAfterMs = hour;

const unreachedOf = ({ unreached }: Incident, contact: string): Unreached | undefined =>
  unreached.find((one) => one.contact === contact);

export const isUnreached = (incident: Incident, contact: string): boolean =>
  unreachedOf(incident, contact) !== undefined;

export const isPage = ({ signal }: PagerMessage): boolean => signal === 'page';

/** A page whose withdrawal follows is not needed any more. The withdrawal goes in any case: a try that failed may have delivered the page. */
function withoutWithdrawn(messages: readonly PagerMessage[]): PagerMessage[] {
  return messages.filter((message, index) => {
    if (message.signal !== 'page') return true;
    const { pageId } = message.payload;
    return !messages
      .slice(index + 1)
      .some(({ signal, payload }) => signal === 'withdraw' && isWithdrawn(pageId, payload.episode, payload.upTo));
  });
}

function isWithdrawn(pageId: string, episode: string, upTo: number): boolean {
  const dot = pageId.lastIndexOf('.');
  return pageId.slice(0, dot) === episode && Number(pageId.slice(dot + 1)) <= upTo;
}

/** Puts messages behind those that the pager of this contact has not taken. What is new is tried at once. */
export function queueBehind(incident: Incident, message: PagerMessage, now: number): boolean {
  const unreached = unreachedOf(incident, message.contact);
  if (!unreached) return false;
  unreached.messages = withoutWithdrawn([...unreached.messages, message]);
  unreached.pauses = 0;
  if (unreached.retryAt !== null) unreached.retryAt = Math.min(unreached.retryAt, now);
  return true;
}

/** Keeps what a batch could not hand over. Pagers ignore copies, so that all messages of a contact are kept. */
export function keepUnreached(
  incident: Incident,
  messages: readonly PagerMessage[],
  { unreached }: SignallingResult,
  now: number,
): void {
  for (const { contact, why } of unreached) {
    const theirs = messages.filter((message) => message.contact === contact);
    const one: Unreached = { contact, messages: theirs, since: now, tries: 0, pauses: 0, retryAt: null };
    incident.unreached.push(one);
    noteFailedTry(incident, one, why, now);
  }
}

function noteFailedTry(incident: Incident, one: Unreached, why: string, now: number): void {
  one.tries += 1;
  one.retryAt = now + (pausesMs[Math.min(one.pauses, pausesMs.length - 1)] ?? minute);
  one.pauses += 1;
  if (one.tries !== triesBeforeAlarm) return;
  record(incident, now, 'unreachable', `The pager of ${one.contact} cannot be signalled: ${why}`);
  const message = 'The pager of a contact cannot be signalled; it is tried again';
  const about = { alarm: 'pager-unreachable', contact: one.contact, why };
  incident.logLines.push({ level: 'error', message, about });
}

/** Tries the contacts whose time has come, each by an activity of its own. */
export function beginRetries(incident: Incident, now: number): ActivityEffect<RetryCall>[] {
  return incident.unreached
    .filter(({ retryAt }) => retryAt !== null && retryAt <= now)
    .flatMap((one): ActivityEffect<RetryCall>[] => {
      const { contact } = one;
      const messages = one.messages.splice(0);
      if (messages.length === 0) {
        endUnreached(incident, one);
        return [];
      }
      one.retryAt = null;
      const id = nextId(incident, 'retry-pager');
      incident.inFlight.push({ id, activity: 'retryPager', contact, messages, episode: incident.episode });
      const input = { contact, messages, paged: informedContacts(incident) };
      return [
        {
          type: 'activity',
          id,
          call: { activity: 'retryPager', input },
          summary: `Signal the pager of ${contact} again`,
        },
      ];
    });
}

export function applyRetry(
  incident: Incident,
  { contact, messages }: Retrying,
  { unreached }: SignallingResult,
  now: number,
): void {
  const one = unreachedOf(incident, contact);
  if (!one) return;
  const [failed] = unreached;
  if (!failed) {
    // Before what waits for the next batch, since it came before that.
    incident.outgoing.unshift(...one.messages);
    endUnreached(incident, one);
    return;
  }
  one.messages = withoutWithdrawn([...messages, ...one.messages]);
  noteFailedTry(incident, one, failed.why, now);
}

function endUnreached(incident: Incident, one: Unreached): void {
  incident.unreached = incident.unreached.filter((other) => other !== one);
  if (one.tries < triesBeforeAlarm) return;
  const about = { alarm: 'pager-unreachable', contact: one.contact };
  incident.logLines.push({ level: 'info', message: 'An alarm is over', about });
}

/** A try was cancelled, since an answer superseded its pages: the rest goes at once. */
export function restoreRetry(incident: Incident, { contact, messages }: Retrying, now: number): void {
  const one = unreachedOf(incident, contact);
  if (!one) return;
  one.messages = [...messages.filter((message) => !isPage(message)), ...one.messages];
  one.retryAt = now;
}

/** The episode was answered for or is over: its pages are not needed any more. */
export function dropUnreachedPages(incident: Incident): void {
  for (const one of incident.unreached) one.messages = one.messages.filter((message) => !isPage(message));
}

/** When a contact is tried again; null while none waits for that. */
export function nextRetryAt({ unreached }: Incident): number | null {
  const times = unreached.flatMap((one) => one.retryAt ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}

/** Contacts that are an alarm. */
export const unreachable = ({ unreached }: Incident): Unreached[] =>
  unreached.filter(({ tries }) => tries >= triesBeforeAlarm);

/** An incident that would end waits for what its pagers have not taken, for a bounded time. */
export function waitForUnreached({ unreached }: Incident, now: number): Decision | null {
  const until = Math.max(...unreached.map(({ since }) => since + giveUpAfterMs));
  return unreached.length > 0 && now < until
    ? { do: 'wait', until, code: 'pager-given-up', what: 'A pager cannot be signalled' }
    : null;
}

/** The incident ends, and these contacts do not get to know. */
export function giveUpUnreached(incident: Incident): void {
  const contacts = incident.unreached.map(({ contact }) => contact);
  if (contacts.length === 0) return;
  const message = 'The incident ends, and what it had for a pager was not delivered';
  incident.logLines.push({ level: 'error', message, about: { alarm: 'pager-unreachable', contacts } });
}

/** Contacts whose pager cannot be signalled stand in the memo, where the api finds them: what changed of that. */
export function shownUnreachable(incident: Incident): Record<string, unknown> {
  const shown = unreachable(incident).map(({ contact, since }) => ({ contact, since: new Date(since).toISOString() }));
  const memo = JSON.stringify(shown);
  if (memo === incident.publishedUnreachable) return {};
  incident.publishedUnreachable = memo;
  return { unreachable: shown };
}
