import { contactsOn } from './on-call.js';
import type { Escalation } from './route.js';

/**
 * The zone by whose clock a contact reads times: its own, else that of the first schedule that can have it on call, else that of the first
 * schedule, else UTC.
 */
export function timezoneOf({ contacts, schedules = {} }: Escalation, contact: string): string {
  const own = Object.hasOwn(contacts, contact) ? contacts[contact]?.timezone : undefined;
  const all = Object.values(schedules);
  const theirs = all.find((schedule) => contactsOn(schedule).includes(contact)) ?? all[0];
  return own ?? theirs?.timezone ?? 'UTC';
}
