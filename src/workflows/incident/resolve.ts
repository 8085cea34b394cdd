/** How an episode ends by recovery or by an answer; forget.ts has how it ends without either. */
import { roleOnly } from '../words.js';
import { noticeAll, settleAll } from './pager-messages.js';
import type { GivenAnswer } from './answer-state.js';
import type { Incident } from './state.js';
import { record } from './timeline.js';

export function end(incident: Incident, state: 'resolved' | 'forgotten', now: number): void {
  incident.state = state;
  incident.overAt = now;
  incident.rerun = null;
}

/**
 * It works again, is deleted, or is not late any more by what is promised: whoever was paged gets one notice.
 * @param why sentences for the notice, where there is more to say
 */
export function recover(
  incident: Incident,
  now: number,
  how: 'recovered' | 'deleted' | 'not-promised',
  text: string,
  why?: string,
): void {
  record(incident, now, how, text, { how });
  settleAll(incident, how, null);
  noticeAll(incident, how, null, undefined, why);
  end(incident, 'resolved', now);
}

/** Somebody resolved it: everybody else who was paged gets one notice. */
export function resolveBy(incident: Incident, now: number, { by, contact, pager }: GivenAnswer): void {
  record(incident, now, 'resolved', `Resolved by ${roleOnly(by)}`, { by: roleOnly(by) });
  settleAll(incident, 'resolved', by, pager);
  noticeAll(incident, 'resolved', by, contact ?? by);
  end(incident, 'resolved', now);
}
