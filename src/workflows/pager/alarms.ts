/** Problems that an operator must fix. One is logged once an hour while it lasts, not once for each page. */
import { hour, type Channel } from '../contract.js';
import { logInfo, type Pager } from './state.js';

const logEveryMs = hour;

/** Pages wait of more items that Tableau does not know than leave in an hour: who has the secret makes them up, or our user sees none. */
export const unknownItems = 'unknown-items';

/** Raises an alarm: it is in the memo until it is cleared. */
export function raiseAlarm(pager: Pager, code: string, channel: Channel, message: string, now: number): void {
  const known = pager.alarms[code];
  if (known && now - known.loggedAt < logEveryMs) return;
  pager.alarms = { ...pager.alarms, [code]: { since: known?.since ?? now, loggedAt: now, channel } };
  pager.logLines.push({ level: 'error', message, about: { alarm: code } });
}

/** A message left by this channel: its problems with Twilio are over. */
export function clearAlarms(pager: Pager, channel: Channel): void {
  for (const [code, alarm] of Object.entries(pager.alarms))
    if (alarm.channel === channel && code !== `${channel}-limit` && code !== unknownItems) clearAlarm(pager, code);
}

export function clearAlarm(pager: Pager, code: string): void {
  if (pager.alarms[code] === undefined) return;
  pager.alarms = Object.fromEntries(Object.entries(pager.alarms).filter(([one]) => one !== code));
  logInfo(pager, 'An alarm is over', { alarm: code });
}
