/** What the answers of people and scripts do to an incident. */
import type { AnswerResult, AnswerSignal } from '../contract.js';
import { canBeRefreshed, kindName, roleOnly } from '../words.js';
import { handOn, tellOwner } from './hand-on.js';
import { noticeAll, noticeNotRerun, settleAll } from './pager-messages.js';
import { wantRerun } from './rerun.js';
import { resolveBy } from './resolve.js';
import { snooze } from './snooze.js';
import type { GivenAnswer } from './answer-state.js';
import { holderOf, isOpen, recordAnswer, type Incident } from './state.js';
import { record } from './timeline.js';

/**
 * Takes an answer and notes its outcome. A copy of one that was taken before changes nothing.
 * @param isShown it came past the pagers: whoever gave it reads the outcome in the memo
 */
export function applyAnswer(incident: Incident, answer: AnswerSignal, now: number, isShown?: true): void {
  if (incident.answers.some(({ id }) => id === answer.answerId)) return;
  const result = resultOf(incident, { ...answer, pager: isShown ? undefined : answer.contact }, now);
  const until = incident.state === 'snoozed' ? (incident.snoozed?.until ?? null) : incident.remindAt;
  const isPresent = answer.episode === undefined || answer.episode === incident.episode;
  recordAnswer(incident, {
    id: answer.answerId,
    result,
    by: holderOf(incident)?.by ?? answer.by,
    ...(until === null ? {} : { until }),
    ...(isPresent ? { upTo: incident.lastPage } : {}),
    ...(isShown && { isShown }),
  });
}

function resultOf(incident: Incident, answer: GivenAnswer, now: number): AnswerResult {
  if (answer.episode !== undefined && answer.episode !== incident.episode) return 'closed';
  if (!isOpen(incident)) return incident.state === 'resolved' && answer.verb === 'resolve' ? 'resolved' : 'closed';
  switch (answer.verb) {
    case 'acknowledge':
      return acknowledge(incident, answer, now);
    case 'resolve':
      resolveBy(incident, now, answer);
      return 'resolved';
    case 'rerun':
      return rerun(incident, answer, now);
    case 'snooze':
      return snooze(incident, answer, now);
    case 'hand':
      return handOn(incident, answer, now);
    case 'tell':
      return tellOwner(incident, answer, now);
  }
}

function acknowledge(incident: Incident, answer: GivenAnswer, now: number): AnswerResult {
  if (incident.state === 'acknowledged') return incident.acknowledgedBy === answer.by ? 'taken' : 'already';
  record(incident, now, 'acknowledged', `Acknowledged by ${roleOnly(answer.by)}`, { by: roleOnly(answer.by) });
  incident.state = 'acknowledged';
  incident.acknowledgedBy = answer.by;
  incident.acknowledgedContact = answer.contact ?? null;
  incident.acknowledgedAt = now;
  incident.snoozed = null;
  incident.remindAt = now + (incident.policy?.remindMs ?? 0);
  incident.reminded = false;
  incident.failedRerun = null;
  settleAll(incident, 'acknowledged', answer.by, answer.pager);
  noticeAll(incident, 'taken', answer.by, answer.contact ?? answer.by);
  return 'taken';
}

/** Acknowledges, and runs the refresh again unless that is under way. */
function rerun(incident: Incident, answer: GivenAnswer, now: number): AnswerResult {
  const taken = acknowledge(incident, answer, now);
  if (!canBeRefreshed(incident.item)) {
    const { kind } = incident.item;
    const why = kind === 'flow' ? 'Flows can only be run in Tableau.' : `${kindName(kind)}s have no refresh.`;
    if (answer.contact !== undefined) noticeNotRerun(incident, answer.contact, why);
    return taken;
  }
  if (incident.rerun === null) {
    record(incident, now, 'rerun', `${roleOnly(answer.by)} runs it again`, {
      by: roleOnly(answer.by),
      result: 'requested',
    });
    wantRerun(incident, { by: answer.by, contact: answer.contact ?? null }, now, incident.policy?.rerun?.waitMs);
  } else if (incident.rerun.by === null) {
    // The rerun of the policy is under way: from now on it is theirs.
    incident.rerun.by = answer.by;
    incident.rerun.contact = answer.contact ?? null;
  }
  return 'rerunning';
}
