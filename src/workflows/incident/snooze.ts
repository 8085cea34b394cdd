/** Nobody is paged until a time; then the escalation starts again. */
import { minute, type AnswerResult } from '../contract.js';
import { startEscalation } from './escalation.js';
import { defaultSnoozeMs, longestSnoozeMs } from '../reply-parser.js';
import { noticeAll, settleAll } from './pager-messages.js';
import type { Decision } from './next.js';
import type { GivenAnswer } from './answer-state.js';
import { release, type Incident } from './state.js';
import { record } from './timeline.js';
import { duration, roleOnly } from '../words.js';

export function snooze(incident: Incident, answer: GivenAnswer, now: number): AnswerResult {
  const length = Math.min(Math.max(answer.durationMs ?? defaultSnoozeMs, minute), longestSnoozeMs);
  record(incident, now, 'snoozed', `Snoozed by ${roleOnly(answer.by)} for ${duration(length)}`, {
    by: roleOnly(answer.by),
    minutes: Math.round(length / minute),
  });
  const wasTaken = incident.state === 'acknowledged' || incident.state === 'snoozed';
  incident.state = 'snoozed';
  incident.remindAt = null;
  incident.rerun = null;
  incident.failedRerun = null;
  incident.snoozed = { by: answer.by, contact: answer.contact ?? null, at: now, until: now + length };
  settleAll(incident, 'acknowledged', answer.by, answer.pager);
  if (!wasTaken) noticeAll(incident, 'taken', answer.by, answer.contact ?? answer.by);
  return 'snoozed';
}

/** Waits for the end of the snooze. */
export function waitForSnoozeEnd(incident: Incident, now: number): Decision {
  const until = incident.snoozed?.until ?? now;
  if (now < until) return { do: 'wait', until, code: 'snooze-ends', what: 'The escalation starts again' };
  record(incident, now, 'triggered', 'The snooze is over: the escalation starts again', { why: 'the snooze is over' });
  release(incident);
  startEscalation(incident, now, now, 0);
  return { do: 'decide-again' };
}
