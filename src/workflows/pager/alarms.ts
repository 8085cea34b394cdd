/** Problems that an operator must fix. One is logged once an hour while it lasts, not once for each page. */
import { hour, type Channel } from '../contract.js';
import { logInfo, type Pager } from './state.js';

const logEveryMs = hour;

/** The contact has ended a channel by STOP. */
export const contactStopped = 'contact-stopped';
/** Twilio refuses what is sent to this contact by a channel, for a reason that lies with the contact's number. */
export const contactRefused = 'contact-refused';

/** Raises an alarm: it is in the memo until it is cleared. */
export function raiseAlarm(pager: Pager, code: string, channel: Channel, message: string, now: number): void {
  const known = pager.alarms[code];
  if (known && now - known.loggedAt < logEveryMs) return;
  pager.alarms = { ...pager.alarms, [code]: { since: known?.since ?? now, loggedAt: now, channel } };
  pager.logLines.push({ level: 'error', message, about: { alarm: code, channel } });
}

/** A message left by this channel: its problems are over. STOP ends by START alone. */
export function clearAlarms(pager: Pager, channel: Channel): void {
  for (const [code, alarm] of Object.entries(pager.alarms))
    if (alarm.channel === channel && code !== contactStopped) clearAlarm(pager, code);
}

export function clearAlarm(pager: Pager, code: string): void {
  if (pager.alarms[code] === undefined) return;
  const { [code]: _over, ...others } = pager.alarms;
  pager.alarms = others;
  logInfo(pager, 'An alarm is over', { alarm: code });
}
