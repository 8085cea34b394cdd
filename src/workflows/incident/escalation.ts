/**
 * How an incident climbs the escalation of its policy. Pure: time comes in, decisions go out.
 */
import type { Step } from '../contract.js';
import {
  addPage,
  newEscalation,
  logDecision,
  minute,
  record,
  type Decision,
  type Page,
  type Incident,
} from './state.js';
import { factsOf, withdrawal } from './pager-messages.js';
import { channelName } from '../words.js';

/** The first page waits this long for what Tableau knows of the item. */
export const detailBudgetMs = 1_000;
/** Whether a failure that came late has healed since is waited for this long. */
export const recoveryCheckMs = 5_000;
/** A pager that says nothing of a page for this long is given up on. */
export const silenceLimitMs = 5 * minute;
/** Before a escalation in which Twilio accepted no page is climbed again; the last one repeats. */
const restartWaitsMs = [1 * minute, 2 * minute, 5 * minute, 15 * minute] as const;

export function startEscalation(incident: Incident, now: number, notBefore: number, restarts: number): void {
  incident.state = 'triggered';
  incident.escalation = { ...newEscalation(now, incident.lastPage + 1), notBefore, restarts };
}

export function escalate(incident: Incident, now: number): Decision {
  const { escalation } = incident;
  if (escalation.step < 0) {
    const detailUntil = incident.openedAt + detailBudgetMs;
    if (incident.detail === null && now < detailUntil)
      return { do: 'wait', until: detailUntil, what: 'Asking Tableau' };
    if (now < escalation.notBefore)
      return { do: 'wait', until: escalation.notBefore, what: 'The escalation starts again' };
    return { do: 'step' };
  }
  const standing = stepStatus(incident);
  if (standing.until !== null && now < standing.until) {
    return {
      do: 'wait',
      until: standing.until,
      what: standing.isUnsent ? 'Waiting until it is sent' : nextStepText(incident),
    };
  }
  return { do: 'step' };
}

/** Until when the present step waits (null: it is over), and whether none of its pages was sent yet. */
function stepStatus(incident: Incident): { until: number | null; isUnsent?: true } {
  const step = presentStep(incident);
  const pages = presentPages(incident);
  const live = pages.filter((page) => page.status !== 'failed');
  if (!step || live.length === 0) return { until: null };
  const sentAt = pages.flatMap((page) => (page.sentAt === undefined ? [] : [page.sentAt]));
  if (sentAt.length > 0) return { until: Math.min(...sentAt) + step.waitMs };
  const held = live.flatMap((page) => (page.heldUntil === undefined ? [] : [page.heldUntil]));
  if (held.length > 0) {
    const last = Math.max(...held);
    const over = incident.escalation.steppedAt + step.waitMs;
    // What is held for longer than the step lasts is not waited for: another channel may be free.
    return {
      until: last > over ? over : Math.max(last, incident.escalation.steppedAt) + silenceLimitMs,
      isUnsent: true,
    };
  }
  return { until: incident.escalation.steppedAt + silenceLimitMs, isUnsent: true };
}

/** Nothing has been done for the first episode but asking Tableau. */
export const hasOnlyBegun = ({ state, escalation, rerun, recoveryCheck: healing }: Incident): boolean =>
  state === 'triggered' && escalation.step < 0 && escalation.firstPage === 1 && !rerun && !healing;

/** The pagers were told of the present step, and none has said yet what became of it, as it does within milliseconds. */
export function isUnreported(incident: Incident): boolean {
  const pages = presentPages(incident);
  return incident.state === 'triggered' && pages.length > 0 && pages.every(({ status }) => status === 'asked');
}

/** Contacts who were paged in this episode before the present step. */
export const pagedBefore = ({ pages, escalation }: Incident): string[] => [
  ...new Set(pages.flatMap(({ n, contact }) => (escalation.pages.includes(n) ? [] : [contact]))),
];

const presentStep = (incident: Incident): Step | undefined => incident.policy?.steps[incident.escalation.step];

function presentPages(incident: Incident): Page[] {
  const numbers = new Set(incident.escalation.pages);
  return incident.pages.filter((page) => numbers.has(page.n));
}

/**
 * Takes the next step: withdraws what the last one still holds and pages the contacts of the new one. After the last step
 * of the last round the incident is unacknowledged, unless Twilio accepted nothing: then the escalation starts again later.
 * @returns whether the escalation ended with nobody answering
 */
export function takeStep(incident: Incident, now: number): { exhausted: boolean } {
  const { escalation, policy } = incident;
  // By the incident and not by the clock, for a replay has to do the same.
  escalation.dueAt = stepStatus(incident).until;
  withdrawUnsent(incident, now);
  if (!policy || incident.episode === null) return { exhausted: false };
  escalation.step += 1;
  escalation.steppedAt = now;
  escalation.pages = [];
  if (escalation.step >= policy.steps.length) {
    if (escalation.round >= policy.repeat) return endEscalation(incident, now);
    escalation.round += 1;
    escalation.step = 0;
  }
  const step = policy.steps[escalation.step];
  if (step) {
    const place = { step: escalation.step + 1, round: escalation.round + 1 };
    logDecision(incident, 'step', { ...place, channel: step.by, contacts: step.page });
    pageContacts(incident, step, now);
  }
  return { exhausted: false };
}

function pageContacts(incident: Incident, step: Step, now: number): void {
  for (const contact of step.page) {
    if (incident.stopped.includes(contact)) {
      record(incident, now, 'skipped', `${channelName[step.by]} to ${contact}: said STOP`, {
        channel: step.by,
        contact,
        why: 'said STOP',
      });
      continue;
    }
    incident.lastPage += 1;
    const n = incident.lastPage;
    addPage(incident, { n, contact, channel: step.by, requestedAt: now, status: 'asked' });
    incident.escalation.pages.push(n);
    incident.outgoing.push({
      contact,
      signal: 'page',
      payload: {
        incident: incident.id,
        pageId: `${incident.episode}.${n}`,
        channel: step.by,
        facts: factsOf(incident),
        waitMs: step.waitMs,
      },
    });
  }
}

function endEscalation(incident: Incident, now: number): { exhausted: boolean } {
  const { escalation } = incident;
  // Also when nobody is left to be paged, since all said STOP.
  if (escalation.accepted || incident.lastPage < escalation.firstPage) {
    incident.state = 'unacknowledged';
    record(incident, now, 'unacknowledged', 'Everybody was paged and nobody answered');
    return { exhausted: true };
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
  return { exhausted: false };
}

/** Takes back pages of the present step of which it was not heard that they were sent, contact by contact, and says so. */
function withdrawUnsent(incident: Incident, now: number): void {
  const unsent = presentPages(incident).filter((page) => page.status === 'asked' || page.status === 'held');
  for (const page of unsent) {
    const { contact, channel } = page;
    const why = page.status === 'held' ? 'held until its step was over' : 'nothing was heard of it in its step';
    record(incident, now, 'skipped', `${channelName[channel]} to ${contact}: ${why}`, { channel, contact, why });
    page.status = 'failed';
    page.why = 'withdrawn';
    incident.outgoing.push({ contact, signal: 'withdraw', payload: withdrawal(incident, page.n) });
  }
}

/** "SMS to ana" for the step after the present one, or what happens after the last. */
export function nextStepText(incident: Incident): string {
  const { policy, escalation } = incident;
  if (!policy) return 'Nothing';
  const following =
    policy.steps[escalation.step + 1] ?? (escalation.round < policy.repeat ? policy.steps[0] : undefined);
  if (!following) return escalation.accepted ? 'Unacknowledged' : 'The escalation starts again';
  return `${channelName[following.by]} to ${following.page.join(', ')}`;
}
