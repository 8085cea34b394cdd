/**
 * Troubles that an operator must mend. One is said once an hour while it lasts, not once for each page. Pure.
 */
import type { Channel } from '../contract.js';
import type { Pager } from './state.js';

const logEveryMs = 60 * 60_000;

/** Notes a trouble; true when it is to be said now. */
export function raise(pager: Pager, code: string, channel: Channel, now: number): boolean {
  const known = pager.alarms[code];
  if (known && now - known.loggedAt < logEveryMs) return false;
  pager.alarms = { ...pager.alarms, [code]: { since: known?.since ?? now, loggedAt: now, channel } };
  return true;
}

/** Something left by this channel: what troubled it is over. Gives the codes that were raised. */
export function clear(pager: Pager, channel: Channel): string[] {
  const alarms = Object.entries(pager.alarms);
  const over = alarms.filter(([, alarm]) => alarm.channel === channel).map(([code]) => code);
  if (over.length > 0) pager.alarms = Object.fromEntries(alarms.filter(([code]) => !over.includes(code)));
  return over;
}
