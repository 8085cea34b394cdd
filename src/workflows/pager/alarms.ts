/**
 * Troubles that an operator must mend. One is said once an hour while it lasts, not once for each page. Pure.
 */
import type { Channel } from '../contract.js';
import type { Mailbox } from './state.js';

const sayEvery = 60 * 60_000;

/** Notes a trouble; true when it is to be said now. */
export function raise(box: Mailbox, code: string, channel: Channel, now: number): boolean {
  const known = box.alarms[code];
  if (known && now - known.saidAt < sayEvery) return false;
  box.alarms = { ...box.alarms, [code]: { since: known?.since ?? now, saidAt: now, channel } };
  return true;
}

/** Something left by this channel: what troubled it is over. Gives the codes that were raised. */
export function clear(box: Mailbox, channel: Channel): string[] {
  const alarms = Object.entries(box.alarms);
  const over = alarms.filter(([, alarm]) => alarm.channel === channel).map(([code]) => code);
  if (over.length > 0) box.alarms = Object.fromEntries(alarms.filter(([code]) => !over.includes(code)));
  return over;
}
