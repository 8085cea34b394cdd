/**
 * Troubles that an operator must mend. One is said once an hour while it lasts, not once for each page. Pure.
 */
import type { Mailbox } from './mailbox.js';

const sayEvery = 60 * 60_000;

/** Notes a trouble; true when it is to be said now. */
export function raise(box: Mailbox, code: string, now: number): boolean {
  const known = box.alarms[code];
  if (known && now - known.saidAt < sayEvery) return false;
  box.alarms = { ...box.alarms, [code]: { since: known?.since ?? now, saidAt: now } };
  return true;
}

/** A trouble whose code begins like this is over. Gives the codes that were raised. */
export function clear(box: Mailbox, prefix: string): string[] {
  const over = Object.keys(box.alarms).filter((code) => code.startsWith(prefix));
  if (over.length > 0) {
    box.alarms = Object.fromEntries(Object.entries(box.alarms).filter(([code]) => !over.includes(code)));
  }
  return over;
}
