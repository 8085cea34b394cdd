/** What the answers of people and scripts do to an incident. */
import type { AnswerResult, AnswerSignal } from '../contract.js';
import { canBeRefreshed, kindName, roleOnly } from '../words.js';
import { noticeAll, noticeTo, settleAll } from './pager-messages.js';
import { wantRerun } from './rerun.js';
import { resolveBy } from './resolve.js';
import { snooze } from './snooze.js';
import { isOpen, recordAnswer, type Incident } from './state.js';
import { record } from './timeline.js';

/**
 * Takes an answer. The outcome goes to the pager of whoever gave it.
 * @returns what became of it; null for a copy of an answer that was taken before
 */
export function applyAnswer(incident: Incident, answer: AnswerSignal, now: number): AnswerResult | null {
  if (incident.answers.some(({ id }) => id === answer.answerId)) return null;
  const result = outcomeOf(incident, answer, now);
  recordAnswer(incident, answer.answerId, result);
  if (answer.contact !== undefined) {
    // Before what follows from the answer, so that the person gets the outcome first.
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
  }
}

function acknowledge(incident: Incident, answer: AnswerSignal, now: number): AnswerResult {
  if (incident.state === 'acknowledged') return incident.acknowledgedBy === answer.by ? 'taken' : 'already';
  record(incident, now, 'acknowledged', `Acknowledged by ${answer.by}`, { by: roleOnly(answer.by) });
  incident.state = 'acknowledged';
  incident.acknowledgedBy = answer.by;
  incident.acknowledgedContact = answer.contact ?? null;
  incident.snoozedUntil = null;
  incident.remindAt = now + (incident.policy?.remindMs ?? 0);
  incident.reminded = false;
  incident.failedRerun = null;
  // The pager of whoever answered settles its pages by the outcome.
  settleAll(incident, 'acknowledged', answer.by, answer.contact);
  noticeAll(incident, 'taken', answer.by, answer.contact ?? answer.by);
  return 'taken';
}

/** Acknowledges, and runs the refresh again unless that is under way. */
function rerun(incident: Incident, answer: AnswerSignal, now: number): AnswerResult {
  const taken = acknowledge(incident, answer, now);
  if (!canBeRefreshed(incident.item)) {
    const why = `${kindName(incident.item.kind)}s have no refresh.`;
    if (answer.contact !== undefined) noticeTo(incident, [answer.contact], 'not-rerun', null, why);
    return taken;
  }
  if (incident.rerun === null) {
    record(incident, now, 'rerun', `${answer.by} runs it again`, { by: roleOnly(answer.by), result: 'requested' });
    wantRerun(incident, { by: answer.by, contact: answer.contact ?? null }, now, incident.policy?.rerun?.waitMs);
  } else if (incident.rerun.by === null) {
    // The rerun of the policy is under way: from now on it is theirs.
    incident.rerun.by = answer.by;
    incident.rerun.contact = answer.contact ?? null;
  }
  return 'rerunning';
}
