/**
 * How an episode ends: by recovery, by an answer, or because nothing is heard any more. Pure.
 */
import { roleOnly } from '../roles.js';
import { record, type Incident } from './state.js';
import { noticeAll, settleAll } from './pager-messages.js';

function end(incident: Incident, state: 'resolved' | 'forgotten', now: number): void {
  incident.state = state;
  incident.overAt = now;
  incident.rerun = null;
}

/** It works again, or it is gone: whoever was paged is told once. */
export function recover(incident: Incident, now: number, how: 'recovered' | 'deleted', text: string): void {
  record(incident, now, how, text, { how });
  settleAll(incident, how, null);
  noticeAll(incident, how, null);
  end(incident, 'resolved', now);
}

/** Somebody says that it is done: everybody else who was paged is told once. */
export function resolveBy(incident: Incident, now: number, by: string, contact: string | undefined): void {
  record(incident, now, 'resolved', `Resolved by ${by}`, { by: roleOnly(by) });
  settleAll(incident, 'resolved', by, contact);
  noticeAll(incident, 'resolved', by, contact ?? by);
  end(incident, 'resolved', now);
}

export function forget(incident: Incident, now: number): void {
  record(incident, now, 'forgotten', 'Nothing was heard of it any more');
  settleAll(incident, 'forgotten', null);
  end(incident, 'forgotten', now);
}
