/** Nobody is paged until a time; then the ladder starts again. Pure. */
import type { AnswerResult, AnswerSignal } from '../contract.js';
import { startLadder } from './escalation.js';
import { snoozeDefault, snoozeLongest } from '../reply-parser.js';
import { roleOnly } from '../roles.js';
import { note, type Decision, type Story } from './state.js';
import { noticeAll, settleAll } from './pager-messages.js';
import { duration } from '../words.js';

export function snooze(story: Story, answer: AnswerSignal, now: number): AnswerResult {
  const length = Math.min(Math.max(answer.duration ?? snoozeDefault, 60_000), snoozeLongest);
  note(story, now, 'snoozed', `Snoozed by ${answer.by} for ${duration(length)}`, {
    by: roleOnly(answer.by),
    minutes: Math.round(length / 60_000),
  });
  const wasTaken = story.state === 'acknowledged' || story.state === 'snoozed';
  story.state = 'snoozed';
  story.snoozedUntil = now + length;
  story.remindAt = null;
  story.rerun = null;
  story.acknowledgedBy = answer.by;
  story.acknowledgedContact = answer.contact ?? null;
  settleAll(story, 'acknowledged', answer.by, answer.contact);
  if (!wasTaken) noticeAll(story, 'taken', answer.by, answer.contact ?? answer.by);
  return 'snoozed';
}

/** Waits for the end of the snooze. */
export function sleepOn(story: Story, now: number): Decision {
  const until = story.snoozedUntil ?? now;
  if (now < until) return { do: 'wait', until, what: 'The ladder starts again' };
  note(story, now, 'triggered', 'The snooze is over: the ladder starts again', { why: 'the snooze is over' });
  story.snoozedUntil = null;
  story.acknowledgedBy = null;
  story.acknowledgedContact = null;
  startLadder(story, now, now, 0);
  return { do: 'again' };
}
