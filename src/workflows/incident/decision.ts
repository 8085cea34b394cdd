/** What an incident does next, by its state and the time. */
import { hour } from '../contract.js';
import { isFindingOnCall } from './find-on-call.js';
import { escalate, recoveryCheckMs, startEscalation, withdrawUnsent } from './escalation.js';
import { orForget, silentAt } from './forget.js';
import { waitForReport } from './change-reports.js';
import { waitForLabel } from './label.js';
import { isSignalling } from './pager-messages.js';
import { waitToRemind } from './remind.js';
import { followRerun } from './rerun.js';
import { awaitRoute } from './routing.js';
import { isFindingSilence, waitForSilence } from './silence.js';
import { waitForSnoozeEnd } from './snooze.js';
import type { Decision, Next } from './next.js';
import type { Incident } from './state.js';
import { record } from './timeline.js';
import { waitForUnreached } from './unreached.js';

export function decide(incident: Incident, now: number): Decision {
  if (isSignalling(incident)) return { do: 'wait', until: null, what: null };
  if (incident.outgoing.length > 0) return { do: 'signal-pagers' };
  if (incident.cancelling) return waitToEnd(incident, now);
  if (isFindingOnCall(incident) || isFindingSilence(incident)) return { do: 'wait', until: null, what: null };
  switch (incident.state) {
    case null:
      return { do: 'wait', until: null, what: 'The first event' };
    case 'triggered':
      return orForget(
        incident,
        now,
        checkRecovery(incident, now) ??
          awaitRoute(incident, now) ??
          followRerun(incident, now) ??
          waitForSilence(incident, now) ??
          escalate(incident, now),
      );
    case 'unacknowledged':
      return orForget(incident, now, waitForFailure(incident, now));
    case 'acknowledged':
      return orForget(incident, now, followRerun(incident, now) ?? waitToRemind(incident, now));
    case 'snoozed':
      return orForget(incident, now, waitForSnoozeEnd(incident, now));
    case 'resolved':
    case 'forgotten':
      return linger(incident, now);
  }
}

/**
 * What an incident that somebody has taken, or that is over, waits for as soon as its pagers have their signals; null where that is not known before.
 * With it an answer shows at once.
 */
export function foresee(incident: Incident, now: number): Next | null {
  const { state, cancelling, rerun, remindAt, reminded, snoozed } = incident;
  if (cancelling || rerun !== null || ((state === 'acknowledged' || state === 'snoozed') && now >= silentAt(incident)))
    return null;
  switch (state) {
    case 'acknowledged':
      return remindAt !== null && !reminded && now >= remindAt
        ? null
        : waited(orForget(incident, now, waitToRemind(incident, now)));
    case 'snoozed':
      return snoozed === null || now >= snoozed.until
        ? null
        : waited(orForget(incident, now, waitForSnoozeEnd(incident, now)));
    case 'resolved':
    case 'forgotten':
      return waited(linger(incident, now));
    case null:
    case 'triggered':
    case 'unacknowledged':
      return null;
  }
}

const waited = (decision: Decision): Next | null => (decision.do === 'wait' ? nextOf(decision) : null);

/** What is shown of a wait; null where it is not worth that. */
export function nextOf(decision: Extract<Decision, { do: 'wait' }>): Next | null {
  if (decision.until === null) return decision.what === null ? null : { at: null, what: decision.what };
  const { until: at, code, what, latest, shownAt } = decision;
  return { at, code, what, ...(latest !== undefined && { latest }), ...(shownAt !== undefined && { shownAt }) };
}

/** A failure that arrived late may be over: Tableau is asked before anybody is paged, for a bounded time. */
function checkRecovery({ recoveryCheck }: Incident, now: number): Decision | null {
  if (recoveryCheck === null || recoveryCheck.done) return null;
  if (recoveryCheck.startedAt === null) return { do: 'check-recovery' };
  const until = recoveryCheck.startedAt + recoveryCheckMs;
  return now < until
    ? { do: 'wait', until, code: 'recovery-check', what: 'Asking Tableau whether it has recovered' }
    : null;
}

function linger(incident: Incident, now: number): Decision {
  const until = (incident.overAt ?? now) + (incident.state === 'resolved' ? incident.settings.lingerMs : 0);
  if (now < until) return { do: 'wait', until, code: 'linger-ends', what: 'Closing' };
  return waitToEnd(incident, now);
}

const waitToEnd = (incident: Incident, now: number): Decision =>
  waitForUnreached(incident, now) ?? waitForLabel(incident, now) ?? waitForReport(incident) ?? { do: 'end' };

function waitForFailure(incident: Incident, now: number): Decision {
  const { escalation } = incident;
  // A failure within an hour after the escalation began starts the next one when the hour is over.
  if (incident.failureSeenAt <= escalation.steppedAt) {
    return { do: 'wait', until: null, what: 'The next failure starts the escalation again' };
  }
  const until = escalation.startedAt + hour;
  if (now < until) return { do: 'wait', until, code: 'escalate-again', what: 'The escalation starts again' };
  record(incident, now, 'triggered', 'It failed again: the escalation starts again');
  withdrawUnsent(incident, now);
  startEscalation(incident, now, now, 0);
  return { do: 'decide-again' };
}
