/**
 * What an incident does next. Pure: time comes in, decisions go out.
 */
import { forget } from './resolve.js';
import { escalate, recoveryCheckMs, startEscalation } from './escalation.js';
import { waitToRemind } from './remind.js';
import { followRerun } from './rerun.js';
import { waitForSnoozeEnd } from './snooze.js';
import { hour, record, type Decision, type Incident } from './state.js';

/** What to do now. `again` means that the incident was moved on and is to be decided anew. */
export function decide(incident: Incident, now: number): Decision {
  if (incident.outgoing.length > 0) return { do: 'tell' };
  if (incident.state === null) return { do: 'wait', until: null, what: 'The first event' };
  switch (incident.state) {
    case 'triggered':
      return orForget(
        incident,
        now,
        askHealing(incident, now) ?? followRerun(incident, now) ?? escalate(incident, now),
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

/** A failure that came late may be over: nobody is woken before Tableau was asked, nor much later. */
function askHealing({ recoveryCheck: healing }: Incident, now: number): Decision | null {
  if (healing === null || healing.done) return null;
  if (healing.askedAt === null) return { do: 'ask-healing' };
  const until = healing.askedAt + recoveryCheckMs;
  return now < until ? { do: 'wait', until, what: 'Asking whether it has healed' } : null;
}

function orForget(incident: Incident, now: number, decision: Decision): Decision {
  const forgetAt = incident.lastEventAt + incident.settings.forgetMs;
  if (now >= forgetAt) {
    forget(incident, now);
    return { do: 'again' };
  }
  if (decision.do !== 'wait' || (decision.until !== null && decision.until <= forgetAt)) return decision;
  return { do: 'wait', until: forgetAt, what: 'Forgotten, unless it is heard of again' };
}

function linger(incident: Incident, now: number): Decision {
  const until = (incident.overAt ?? now) + (incident.state === 'resolved' ? incident.settings.lingerMs : 0);
  return now >= until ? { do: 'end' } : { do: 'wait', until, what: 'Closing' };
}

function waitForFailure(incident: Incident, now: number): Decision {
  const { escalation } = incident;
  // A failure that came less than an hour after the escalation began is answered when the hour is over.
  if (incident.failureSeenAt <= escalation.steppedAt) {
    return { do: 'wait', until: null, what: 'The next failure starts the escalation again' };
  }
  const until = escalation.startedAt + hour;
  if (now < until) return { do: 'wait', until, what: 'The escalation starts again' };
  record(incident, now, 'triggered', 'It failed again: the escalation starts again');
  startEscalation(incident, now, now, 0);
  return { do: 'again' };
}
