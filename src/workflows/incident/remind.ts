/** Whoever acknowledged is reminded of what is still broken: once, then with the next failure, never sooner than `remindMs`. */
import { roleOnly } from '../words.js';
import { noticeTo } from './pager-messages.js';
import type { Decision } from './next.js';
import type { Incident } from './state.js';
import { record } from './timeline.js';

export function remind(incident: Incident, now: number): void {
  if (incident.state !== 'acknowledged' || incident.policy === null) return;
  incident.remindAt = now + incident.policy.remindMs;
  incident.reminded = true;
  const by = roleOnly(incident.acknowledgedBy ?? 'api');
  record(incident, now, 'reminded', `${by} has it, and it is still broken`, { by });
  if (incident.acknowledgedContact !== null) noticeTo(incident, [incident.acknowledgedContact], 'reminder', null);
}

/** The first reminder comes without a new failure; a later one only with one. */
export function waitToRemind(incident: Incident, now: number): Decision {
  const { remindAt } = incident;
  if (remindAt === null || incident.reminded) return { do: 'wait', until: null, what: 'The next refresh' };
  if (now < remindAt) return { do: 'wait', until: remindAt, code: 'reminder', what: 'Reminder' };
  remind(incident, now);
  return { do: 'decide-again' };
}
