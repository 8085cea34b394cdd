/** How an episode ends: by recovery, by an answer, or because no event comes any more. */
import { roleOnly } from '../words.js';
import { noticeAll, settleAll } from './pager-messages.js';
import type { Incident } from './state.js';
import { record } from './timeline.js';

function end(incident: Incident, state: 'resolved' | 'forgotten', now: number): void {
  incident.state = state;
  incident.overAt = now;
  incident.rerun = null;
}

/** It works again, or it is deleted: whoever was paged gets one notice. */
export function recover(incident: Incident, now: number, how: 'recovered' | 'deleted', text: string): void {
  record(incident, now, how, text, { how });
  settleAll(incident, how, null);
  noticeAll(incident, how, null);
  end(incident, 'resolved', now);
}

/** Somebody resolved it: everybody else who was paged gets one notice. */
export function resolveBy(incident: Incident, now: number, by: string, contact: string | undefined): void {
  record(incident, now, 'resolved', `Resolved by ${by}`, { by: roleOnly(by) });
  settleAll(incident, 'resolved', by, contact);
  noticeAll(incident, 'resolved', by, contact ?? by);
  end(incident, 'resolved', now);
}

export function forget(incident: Incident, now: number): void {
  record(incident, now, 'forgotten', 'There was no event for too long');
  settleAll(incident, 'forgotten', null);
  end(incident, 'forgotten', now);
}
