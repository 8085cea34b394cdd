/** How an incident goes through the steps of its policy. */
import { minute, second, type Step } from '../contract.js';
import { isReference, referenceText } from '../references.js';
import { channelName } from '../channels.js';
import type { NextCode } from '../view-contract.js';
import { giveUp, isExhausted } from './escalation-end.js';
import { isHeldByQuietHours, pageContact, signalPage, withdrawPage } from './paging.js';
import { newEscalation, type Page } from './escalation-state.js';
import type { Decision } from './next.js';
import type { Incident } from './state.js';
import {
  firstAfterQuietHours,
  isUnreported,
  latestEnd,
  plannedEnd,
  presentPages,
  presentStep,
  stepStatus,
} from './step-status.js';
import { logDecision, record } from './timeline.js';
import { isUnreached } from './unreached.js';

/** The first page waits this long for a look-up that began before the page was due. */
export const detailBudgetMs = second;
/** The first page of a failure that arrived late waits this long for the recovery check. */
export const recoveryCheckMs = 5 * second;
/** Pauses before an escalation in which Twilio accepted no page starts again; the last one repeats. */
const restartWaitsMs = [1 * minute, 2 * minute, 5 * minute, 15 * minute] as const;

export function startEscalation(incident: Incident, now: number, notBefore: number, restarts: number): void {
  incident.state = 'triggered';
  incident.escalation = { ...newEscalation(now, incident.lastPage + 1), notBefore, restarts };
}

export function escalate(incident: Incident, now: number): Decision {
  const { escalation } = incident;
  if (escalation.step < 0) {
    const detailUntil = incident.openedAt + detailBudgetMs;
    // A look-up that has not begun goes with the pages.
    if (incident.lookUp !== null && incident.detail === null && now < detailUntil)
      return { do: 'wait', until: detailUntil, code: 'look-up', what: 'Asking Tableau' };
    if (now < escalation.notBefore)
      return { do: 'wait', until: escalation.notBefore, code: 'escalate-again', what: 'The escalation starts again' };
    return { do: 'step' };
  }
  if (escalation.unresolved) return { do: 'find-on-call' };
  const { until, isHeld } = stepStatus(incident);
  if (until === null || now >= until) return { do: 'step' };
  const quiet = firstAfterQuietHours(incident, now);
  if (quiet) return quiet;
  const next = isHeld ? ({ code: 'held', what: 'Waiting until it is sent' } as const) : nextStep(incident);
  const end = plannedEnd(incident);
  // A page is mostly sent soon: the timer is the one that its wait needs then.
  const at = now < end && isUnreported(incident) ? Math.min(end, until) : until;
  return { do: 'wait', until: at, ...next, latest: latestEnd(incident, at) };
}

/**
 * Takes the next step: withdraws what pagers still hold of the last one, unless quiet hours hold it, and pages the contacts of the new one. After
 * the last step of the last round the incident is unacknowledged, unless Twilio accepted nothing: then the escalation starts again later.
 */
export function takeStep(incident: Incident, now: number): void {
  const { escalation, policy } = incident;
  const { until } = stepStatus(incident);
  escalation.dueAt = until === null ? null : Math.min(Math.max(until, now), latestEnd(incident, until));
  for (const page of unsentOfStep(incident))
    if (!isHeldByQuietHours(page, now)) withdrawPage(incident, page, whyUnsent(incident, page), now);
  if (!policy || incident.episode === null) return;
  escalation.step += 1;
  escalation.steppedAt = now;
  escalation.pages = [];
  delete escalation.unresolved;
  if (escalation.step >= policy.steps.length) {
    if (escalation.round >= policy.repeat) {
      endEscalation(incident, now);
      return;
    }
    escalation.round += 1;
    escalation.step = 0;
  }
  const step = policy.steps[escalation.step];
  if (!step) return;
  if (escalation.step === 0) incident.rounds += 1;
  const references = step.page.filter(isReference);
  if (references.length > 0) {
    escalation.unresolved = { references, id: null };
    // Its pages are signalled later: an answer may come before.
    escalation.dueAt ??= now;
  } else pageStep(incident, step, step.page, now);
}

export function pageStep(incident: Incident, step: Step, contacts: readonly string[], now: number): void {
  const place = { step: incident.escalation.step + 1, round: incident.escalation.round + 1 };
  const called = contacts.filter((contact) => step.calls?.includes(contact));
  logDecision(incident, 'step', {
    ...place,
    channel: step.by,
    contacts: [...contacts],
    ...(called.length > 0 && { called }),
  });
  for (const contact of contacts) pageContact(incident, { contact, channel: step.by }, step.waitMs, now);
  for (const contact of called) pageContact(incident, { contact, channel: 'call' }, step.waitMs, now);
}

/** Sends copies of the pages of the present step: pagers send nothing twice, but rank what they hold, and have sent, by the newest facts. */
export function repeatPages(incident: Incident): void {
  const step = presentStep(incident);
  if (incident.state !== 'triggered' || !step) return;
  for (const page of presentPages(incident)) if (page.status !== 'failed') signalPage(incident, page, step.waitMs);
}

/** Sends copies of the pages that wait for the end of quiet hours, so that they say what is known by then. */
export function repeatQuiet(incident: Incident, now: number): void {
  const { escalation, pages } = incident;
  const waiting = pages.filter((page) => page.n >= escalation.firstPage && isHeldByQuietHours(page, now));
  for (const page of waiting) signalPage(incident, page, presentStep(incident)?.waitMs ?? 0);
}

/**
 * After the last step of the last round. When an outage let no page through, the escalation starts again later. Otherwise it is
 * exhausted: somebody was reached and did not answer, or every recipient refused, which no repetition would change.
 */
function endEscalation(incident: Incident, now: number): void {
  const { escalation } = incident;
  if (isExhausted(incident)) {
    giveUp(incident, now);
    return;
  }
  const wait = restartWaitsMs[Math.min(escalation.restarts, restartWaitsMs.length - 1)] ?? 15 * minute;
  record(
    incident,
    now,
    'restarted',
    `No page of the escalation could be sent: it starts again in ${wait / minute} min`,
    {
      why: 'no page could be sent',
      minutes: wait / minute,
    },
  );
  startEscalation(incident, now, now + wait, escalation.restarts + 1);
}

/** Withdraws the pages of the escalation that no pager has reported as sent: another one begins. */
export function withdrawUnsent(incident: Incident, now: number): void {
  withdrawQuiet(incident, now);
  for (const page of unsentOfStep(incident)) withdrawPage(incident, page, whyUnsent(incident, page), now);
}

/** Withdraws what waits for the end of quiet hours, also from earlier steps. */
export function withdrawQuiet(incident: Incident, now: number): void {
  for (const page of incident.pages)
    if (page.n >= incident.escalation.firstPage && isHeldByQuietHours(page, now))
      withdrawPage(incident, page, whyUnsent(incident, page), now);
}

const unsentOfStep = (incident: Incident): Page[] =>
  presentPages(incident).filter(({ status }) => status === 'requested' || status === 'held');

function whyUnsent(incident: Incident, { contact, status }: Page): string {
  if (status === 'held') return 'held until its step was over';
  return isUnreached(incident, contact) ? 'its pager could not be signalled' : 'its pager reported nothing in its step';
}

/** "SMS to ana" for the step after the present one, or what happens after the last. */
export function nextStep(incident: Incident): { code: NextCode; what: string } {
  const { policy, escalation } = incident;
  const following = policy?.steps[escalation.step + 1];
  if (following) return { code: 'step', what: stepText(following) };
  const [first] = policy?.steps ?? [];
  if (policy && first && escalation.round < policy.repeat) return { code: 'repeat', what: stepText(first) };
  return isExhausted(incident)
    ? { code: 'unacknowledged', what: 'Unacknowledged' }
    : { code: 'escalate-again', what: 'The escalation starts again' };
}

function stepText({ by, calls, page }: Step): string {
  return `${channelName(by)}${calls ? ' and call' : ''} to ${page.map(referenceText).join(', ')}`;
}
