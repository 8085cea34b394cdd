/** Who is on call, in sentences for a text: contacts are keys, times are those of the clock in the zone of the schedule. Pure. */
import { dayTimeText } from './local-time.js';
import { onCallAt, type Schedule } from './on-call.js';

/**
 * `data: ana until Mon 09:00, then ben.` Where nobody else comes within 400 days there is no end.
 * @param at milliseconds since the epoch
 */
export function onCallSentence(name: string, schedule: Schedule, at: number): string {
  const { now, next } = onCallAt(schedule, at);
  const present = `${name}: ${now.contact ?? 'nobody'}`;
  if (now.until === null) return `${present}.`;
  return `${present} until ${dayTimeText(now.until, schedule.timezone, at)}, then ${next?.contact ?? 'nobody'}.`;
}
