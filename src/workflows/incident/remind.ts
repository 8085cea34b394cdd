/** Whoever acknowledged is reminded of what is still broken: once, then with the next failure, never sooner than `remind`. Pure. */
import { roleOnly } from '../roles.js';
import { note, type Decision, type Story } from './state.js';
import { noticeTo } from './pager-messages.js';

export function remind(story: Story, now: number): void {
  if (story.state !== 'acknowledged' || story.policy === null) return;
  story.remindAt = now + story.policy.remind;
  story.reminded = true;
  note(story, now, 'reminded', `${story.acknowledgedBy ?? 'Somebody'} has it, and it is still broken`, {
    by: roleOnly(story.acknowledgedBy ?? 'api'),
  });
  if (story.acknowledgedContact !== null) noticeTo(story, [story.acknowledgedContact], 'reminder', null);
}

/** The first reminder comes by itself; a later one only with a failure. */
export function waitToRemind(story: Story, now: number): Decision {
  const { remindAt } = story;
  if (remindAt === null || story.reminded) return { do: 'wait', until: null, what: 'The next refresh' };
  if (now < remindAt) return { do: 'wait', until: remindAt, what: 'Reminder' };
  remind(story, now);
  return { do: 'again' };
}
