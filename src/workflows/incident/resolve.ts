/**
 * How an episode ends: by recovery, by an answer, or because nothing is heard any more. Pure.
 */
import { roleOnly } from '../roles.js';
import { note, type Story } from './state.js';
import { noticeAll, settleAll } from './pager-messages.js';

function end(story: Story, state: 'resolved' | 'forgotten', now: number): void {
  story.state = state;
  story.overAt = now;
  story.rerun = null;
}

/** It works again, or it is gone: whoever was paged is told once. */
export function recover(story: Story, now: number, how: 'recovered' | 'deleted', text: string): void {
  note(story, now, how, text, { how });
  settleAll(story, how, null);
  noticeAll(story, how, null);
  end(story, 'resolved', now);
}

/** Somebody says that it is done: everybody else who was paged is told once. */
export function resolveBy(story: Story, now: number, by: string, contact: string | undefined): void {
  note(story, now, 'resolved', `Resolved by ${by}`, { by: roleOnly(by) });
  settleAll(story, 'resolved', by, contact);
  noticeAll(story, 'resolved', by, contact ?? by);
  end(story, 'resolved', now);
}

export function forget(story: Story, now: number): void {
  note(story, now, 'forgotten', 'Nothing was heard of it any more');
  settleAll(story, 'forgotten', null);
  end(story, 'forgotten', now);
}
