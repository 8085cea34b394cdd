import { endOfHours, weekdays } from '../policy/local-time.js';
import { quietUntil } from '../policy/quiet-hours.js';
import type { Escalation } from '../policy/route.js';
import { timezoneOf } from '../policy/timezone-of.js';

/** For a contact without quiet hours: 22:00 to 07:00, in minutes since midnight. */
export const night = { days: weekdays, from: 22 * 60, to: 7 * 60 };

/** Whether a time is in the quiet hours that the file has for a contact, or in the night on the clock of one for whom it has none. */
export const isAsleep = (escalation: Escalation, contact: string, at: number): boolean =>
  Object.hasOwn(escalation.contacts, contact) && escalation.contacts[contact]?.quiet
    ? quietUntil(escalation, contact, at) !== null
    : endOfHours(night, at, timezoneOf(escalation, contact)) !== null;
