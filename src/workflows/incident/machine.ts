/**
 * What an incident does next. Pure: time comes in, decisions go out.
 */
import { forget } from './resolve.js';
import { climb, healingBudget, startLadder } from './escalation.js';
import { waitToRemind } from './remind.js';
import { followRerun } from './rerun.js';
import { sleepOn } from './snooze.js';
import { hour, note, type Decision, type Story } from './state.js';

/** What to do now. `again` means that the story was moved on and is to be decided anew. */
export function decide(story: Story, now: number): Decision {
  if (story.outgoing.length > 0) return { do: 'tell' };
  if (story.state === null) return { do: 'wait', until: null, what: 'The first event' };
  switch (story.state) {
    case 'triggered':
      return orForget(story, now, askHealing(story, now) ?? followRerun(story, now) ?? climb(story, now));
    case 'unacknowledged':
      return orForget(story, now, waitForFailure(story, now));
    case 'acknowledged':
      return orForget(story, now, followRerun(story, now) ?? waitToRemind(story, now));
    case 'snoozed':
      return orForget(story, now, sleepOn(story, now));
    case 'resolved':
    case 'forgotten':
      return linger(story, now);
  }
}

/** A failure that came late may be over: nobody is woken before Tableau was asked, nor much later. */
function askHealing({ healing }: Story, now: number): Decision | null {
  if (healing === null || healing.done) return null;
  if (healing.askedAt === null) return { do: 'ask-healing' };
  const until = healing.askedAt + healingBudget;
  return now < until ? { do: 'wait', until, what: 'Asking whether it has healed' } : null;
}

function orForget(story: Story, now: number, decision: Decision): Decision {
  const forgetAt = story.lastEventAt + story.settings.forget;
  if (now >= forgetAt) {
    forget(story, now);
    return { do: 'again' };
  }
  if (decision.do !== 'wait' || (decision.until !== null && decision.until <= forgetAt)) return decision;
  return { do: 'wait', until: forgetAt, what: 'Forgotten, unless it is heard of again' };
}

function linger(story: Story, now: number): Decision {
  const until = (story.overAt ?? now) + (story.state === 'resolved' ? story.settings.linger : 0);
  return now >= until ? { do: 'end' } : { do: 'wait', until, what: 'Closing' };
}

function waitForFailure(story: Story, now: number): Decision {
  const { ladder } = story;
  // A failure that came less than an hour after the ladder began is answered when the hour is over.
  if (story.failureSeenAt <= ladder.steppedAt) {
    return { do: 'wait', until: null, what: 'The next failure starts the ladder again' };
  }
  const until = ladder.startedAt + hour;
  if (now < until) return { do: 'wait', until, what: 'The ladder starts again' };
  note(story, now, 'triggered', 'It failed again: the ladder starts again');
  startLadder(story, now, now, 0);
  return { do: 'again' };
}
