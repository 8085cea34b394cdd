/**
 * What events, answers and reports do to an incident. Pure; nothing here throws, and everything is idempotent by id.
 */
import type { AnswerResult, AnswerSignal, EventSignal, FailedSignal, HeldSignal, SentSignal } from '../contract.js';
import { recover, resolveBy } from './resolve.js';
import { startEscalation } from './escalation.js';
import { remind } from './remind.js';
import { failureDuringRerun, wantRerun } from './rerun.js';
import { roleOnly } from '../roles.js';
import { isNew, isOpen, logDecision, minute, record, recordAnswer, type Page, type Incident } from './state.js';
import { snooze } from './snooze.js';
import { noticeAll, noticeTo, settleAll, withdrawal } from './pager-messages.js';
import { channelName, kindName, whatHappened } from '../words.js';

/** A first event that came later than this after its `created_at` may be over already. */
const lateArrivalMs = minute;

/**
 * Takes one delivery. An event with a policy is a failure; one without is a success. Deliveries come in any order, so only
 * `createdAt` counts; of a failure and a success in the same second the failure stands.
 * @param newEpisode the id of the episode that this event opens, if it opens one
 */
export function applyEvent(incident: Incident, { event, policy }: EventSignal, now: number, newEpisode: string): void {
  if (!isNew(incident, `${event.type} ${event.createdAt}`)) return;
  incident.lastEventAt = Math.max(incident.lastEventAt, now);
  if (!policy) {
    if (event.type.endsWith('Deleted')) applyDeletion(incident, event.createdAt, now);
    else applySuccess(incident, event.createdAt, now);
    return;
  }
  const created = new Date(event.createdAt).toISOString();
  if (incident.lastSucceededAt !== null && event.createdAt < incident.lastSucceededAt) {
    record(incident, now, 'stale', `${event.type} of ${created} came late: a later refresh has succeeded`);
    return;
  }
  const newest = event.createdAt > incident.lastFailedAt;
  if (newest) {
    incident.item = event.item;
    incident.event = event.type;
  }
  incident.failureSeenAt = now;
  if (!isOpen(incident)) {
    // Over, and the failure belongs to the trouble that is over.
    if (incident.state !== null && !newest) {
      record(incident, now, 'stale', `${event.type} of ${created} came late`);
      return;
    }
    incident.failures = 1;
    incident.firstFailedAt = event.createdAt;
    incident.lastFailedAt = event.createdAt;
    record(incident, now, 'failed', `${event.type}: ${whatHappened(event.type)} at ${created}`);
    open(incident, policy, now, newEpisode);
    if (canBeRefreshed(incident) && event.receivedAt - event.createdAt > lateArrivalMs)
      incident.recoveryCheck = { askedAt: null, done: false, failedAt: event.createdAt };
    return;
  }
  incident.failures += 1;
  incident.firstFailedAt = Math.min(incident.firstFailedAt, event.createdAt);
  incident.lastFailedAt = Math.max(incident.lastFailedAt, event.createdAt);
  record(incident, now, 'failed', `${event.type}: ${whatHappened(event.type)} again at ${created}`);
  if (newest) failureDuringRerun(incident, now);
  if (incident.remindAt !== null && now >= incident.remindAt) remind(incident, now);
}

const canBeRefreshed = ({ item }: Incident): boolean => item.kind === 'workbook' || item.kind === 'datasource';

function open(incident: Incident, policy: NonNullable<EventSignal['policy']>, now: number, newEpisode: string): void {
  const again = incident.episode !== null;
  incident.episode = newEpisode;
  incident.openedAt = now;
  incident.policy = policy;
  incident.lastPage = 0;
  incident.pages = [];
  incident.stopped = [];
  incident.acknowledgedBy = null;
  incident.acknowledgedContact = null;
  incident.snoozedUntil = null;
  incident.remindAt = null;
  incident.overAt = null;
  incident.detail = null;
  incident.lookedUp = null;
  incident.recoveryCheck = null;
  incident.rerun = null;
  startEscalation(incident, now, now, 0);
  logDecision(incident, again ? 'reopened' : 'opened', { event: incident.event, policy: policy.name });
  if (policy.rerun && canBeRefreshed(incident))
    wantRerun(incident, { by: null, contact: null }, now, policy.rerun.waitMs);
}

function applySuccess(incident: Incident, createdAt: number, now: number): void {
  incident.lastSucceededAt = Math.max(incident.lastSucceededAt ?? 0, createdAt);
  if (!isOpen(incident)) return;
  if (createdAt <= incident.lastFailedAt) {
    record(incident, now, 'stale', 'A success came late: it has failed since');
    return;
  }
  recover(incident, now, 'recovered', `Refreshed again at ${new Date(createdAt).toISOString()}`);
}

function applyDeletion(incident: Incident, createdAt: number, now: number): void {
  if (isOpen(incident) && createdAt >= incident.lastFailedAt) recover(incident, now, 'deleted', 'Deleted in Tableau');
}

/** What Tableau was asked about a late first event. */
export function applyRecoveryCheck(incident: Incident, episode: string, healed: boolean, now: number): void {
  if (incident.episode !== episode || incident.recoveryCheck === null) return;
  // It has failed again since it was asked about: the success may be older than that.
  if (healed && incident.lastFailedAt > incident.recoveryCheck.failedAt) {
    incident.recoveryCheck = { askedAt: null, done: false, failedAt: incident.lastFailedAt };
    return;
  }
  incident.recoveryCheck.done = true;
  // Whoever was paged meanwhile, since Tableau was slow, is told.
  if (healed && isOpen(incident)) recover(incident, now, 'recovered', 'It has been refreshed since');
}

/**
 * Takes an answer and says what became of it.
 * @returns null for a copy of an answer that was taken before
 */
export function applyAnswer(incident: Incident, answer: AnswerSignal, now: number): AnswerResult | null {
  if (incident.answers.some(({ id }) => id === answer.answerId)) return null;
  const result = outcomeOf(incident, answer, now);
  recordAnswer(incident, answer.answerId, result);
  if (answer.contact !== undefined) {
    // Before what follows from the answer, so that the person hears of it first.
    const until = incident.state === 'snoozed' ? incident.snoozedUntil : incident.remindAt;
    const by = incident.acknowledgedBy ?? answer.by;
    const isPresent = answer.episode === undefined || answer.episode === incident.episode;
    const payload = {
      answerId: answer.answerId,
      result,
      by,
      ...(until === null ? {} : { until }),
      ...(isPresent ? { upTo: incident.lastPage } : {}),
    };
    incident.outgoing.unshift({ contact: answer.contact, signal: 'outcome', payload });
  }
  return result;
}

function outcomeOf(incident: Incident, answer: AnswerSignal, now: number): AnswerResult {
  if (answer.episode !== undefined && answer.episode !== incident.episode) return 'closed';
  if (!isOpen(incident)) return incident.state === 'resolved' && answer.verb === 'resolve' ? 'resolved' : 'closed';
  switch (answer.verb) {
    case 'acknowledge':
      return acknowledge(incident, answer, now);
    case 'resolve':
      resolveBy(incident, now, answer.by, answer.contact);
      return 'resolved';
    case 'rerun':
      return rerun(incident, answer, now);
    case 'snooze':
      return snooze(incident, answer, now);
    case 'stop':
      return stop(incident, answer, now);
  }
}

/** `told` is the contact whose pager settles its pages by the outcome of the answer. */
function acknowledge(incident: Incident, answer: AnswerSignal, now: number, told = answer.contact): AnswerResult {
  if (incident.state === 'acknowledged') return incident.acknowledgedBy === answer.by ? 'taken' : 'already';
  record(incident, now, 'acknowledged', `Acknowledged by ${answer.by}`, { by: roleOnly(answer.by) });
  incident.state = 'acknowledged';
  incident.acknowledgedBy = answer.by;
  incident.acknowledgedContact = answer.contact ?? null;
  incident.snoozedUntil = null;
  incident.remindAt = now + (incident.policy?.remindMs ?? 0);
  incident.reminded = false;
  settleAll(incident, 'acknowledged', answer.by, told);
  noticeAll(incident, 'taken', answer.by, answer.contact ?? answer.by);
  return 'taken';
}

/** Acknowledges, and runs the refresh again unless that is under way. */
function rerun(incident: Incident, answer: AnswerSignal, now: number): AnswerResult {
  const taken = acknowledge(incident, answer, now);
  if (!canBeRefreshed(incident)) {
    const why = `${kindName(incident.item.kind)}s have no refresh.`;
    if (answer.contact !== undefined) noticeTo(incident, [answer.contact], 'not-rerun', null, why);
    return taken;
  }
  if (incident.rerun === null) {
    record(incident, now, 'rerun', `${answer.by} runs it again`, { by: roleOnly(answer.by), result: 'asked' });
    wantRerun(incident, { by: answer.by, contact: answer.contact ?? null }, now, incident.policy?.rerun?.waitMs);
  } else if (incident.rerun.by === null) {
    // The policy's own is under way: from now on it is theirs.
    incident.rerun.by = answer.by;
    incident.rerun.contact = answer.contact ?? null;
  }
  return 'rerunning';
}

function stop(incident: Incident, answer: AnswerSignal, now: number): AnswerResult {
  const contact = answer.contact ?? answer.by;
  if (!incident.stopped.includes(contact)) incident.stopped.push(contact);
  record(incident, now, 'stopped', `${contact} said STOP`, { contact });
  for (const page of incident.pages) {
    if (page.contact === contact && page.status !== 'failed') {
      page.status = 'failed';
      page.why = 'stopped';
    }
  }
  // What is on its way to the pager, or waits there, is taken back.
  incident.outgoing = incident.outgoing.filter((message) => message.signal !== 'page' || message.contact !== contact);
  if (incident.lastPage > 0)
    incident.outgoing.push({ contact, signal: 'withdraw', payload: withdrawal(incident, incident.lastPage) });
  const others = (incident.policy?.steps ?? [])
    .flatMap((step) => step.page)
    .filter((one) => !incident.stopped.includes(one));
  if (others.length === 0 && incident.state !== 'acknowledged') acknowledge(incident, answer, now, '');
  return 'stopped';
}

/** The page that a pager reports on, unless it is of an episode that is over. */
function pageOf(incident: Incident, pageId: string): Page | undefined {
  const dot = pageId.lastIndexOf('.');
  if (pageId.slice(0, dot) !== incident.episode) return undefined;
  return incident.pages.find(({ n }) => n === Number(pageId.slice(dot + 1)));
}

export function applySent(incident: Incident, { pageId, at, read }: SentSignal, now: number): void {
  const page = pageOf(incident, pageId);
  if (page && read) record(incident, now, 'read', `${channelName[page.channel]} to ${page.contact} was read`);
  if (!page || page.sentAt !== undefined) return;
  page.sentAt = at;
  incident.escalation.accepted ||= page.n >= incident.escalation.firstPage;
  // A receipt can be faster than the report that it was sent, and a withdrawal can be slower.
  if (page.status !== 'failed') page.status = 'sent';
  record(incident, now, 'sent', `${channelName[page.channel]} to ${page.contact}`);
}

export function applyHeld(incident: Incident, { pageId, until, why }: HeldSignal, now: number): void {
  const page = pageOf(incident, pageId);
  if (!page || (page.status !== 'asked' && page.status !== 'held')) return;
  if (page.why !== why) record(incident, now, 'held', `${channelName[page.channel]} to ${page.contact}: ${why}`);
  page.status = 'held';
  page.heldUntil = until;
  page.why = why;
}

export function applyFailed(incident: Incident, { pageId, code }: FailedSignal, now: number): void {
  const page = pageOf(incident, pageId);
  if (!page || page.status === 'failed') return;
  page.status = 'failed';
  page.why = code;
  record(incident, now, 'undelivered', `${channelName[page.channel]} to ${page.contact}: ${code}`);
}
