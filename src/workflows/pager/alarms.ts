/** Problems that an operator must fix. One is logged once an hour while it lasts, not once for each page. */
import { hour, type Channel } from '../contract.js';
import { logInfo, type Pager } from './state.js';

const logEveryMs = hour;

/** The contact has ended a channel by STOP. */
export const contactStopped = 'contact-stopped';
/** Twilio refuses what is sent to this contact by a channel, for a reason that lies with the contact's number. */
export const contactRefused = 'contact-refused';
/** Pages wait of more items that Tableau does not know than leave in an hour: who has the secret makes them up, or our user sees none. */
export const unknownItems = 'unknown-items';

/** Raises an alarm: it is in the memo until it is cleared. */
export function raiseAlarm(pager: Pager, code: string, channel: Channel, message: string, now: number): void {
  const key = keyOf(code, channel);
  const known = pager.alarms[key];
  if (known && now - known.loggedAt < logEveryMs) return;
  pager.alarms = { ...pager.alarms, [key]: { since: known?.since ?? now, loggedAt: now, channel } };
  pager.logLines.push({ level: 'error', message, about: { alarm: code, channel } });
}

/** A contact can lose one channel and then another, of which a policy may use only one: each is an alarm of its own. */
const keyOf = (code: string, channel: Channel): string =>
  code === contactStopped || code === contactRefused ? `${code}/${channel}` : code;

/** The alarms as they are shown. */
export const raisedAlarms = ({ alarms }: Pager): { code: string; since: number; channel: Channel }[] =>
  Object.entries(alarms).map(([key, { since, channel }]) => ({ code: key.replace(/\/.*$/, ''), since, channel }));

/** A message left by this channel: its problems with Twilio are over. STOP ends by START alone, a limit when no page waits for it. */
export function clearAlarms(pager: Pager, channel: Channel): void {
  for (const alarm of raisedAlarms(pager))
    if (alarm.channel === channel && !endsOtherwise(alarm.code, channel)) clearAlarm(pager, alarm.code, channel);
}

const endsOtherwise = (code: string, channel: Channel): boolean =>
  code === contactStopped || code === unknownItems || code === `${channel}-limit`;

export function clearAlarm(pager: Pager, code: string, channel: Channel): void {
  const { [keyOf(code, channel)]: over, ...others } = pager.alarms;
  if (over === undefined) return;
  pager.alarms = others;
  logInfo(pager, 'An alarm is over', { alarm: code, channel: over.channel });
}
