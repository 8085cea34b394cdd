/** A problem that an operator must fix, as `GET /` shows it to everybody: codes and counts, no item and no person. */
export interface Alarm {
  /**
   * `incidents-unacknowledged`, `temporal-unavailable`, `no-workers`, `workers-not-begun`, `pager-unreachable`, `labels-refused`, `escalation-file`,
   * `calendar-unreadable`, `sign-in-provider`, or a code of the pagers (`twilio-20003`, `hourly-limit`). Codes are stable.
   */
  code: string;
  message: string;
  /** ISO 8601, UTC. */
  since?: string;
  /** How many contacts it concerns. */
  contacts?: number;
}

/** A contact whom an alarm concerns, and by which channel where that is known. */
export interface Concerned {
  contact: string;
  channel?: string;
}

/** An alarm for whoever is signed in: with the keys of the contacts whom it concerns. */
export interface KnownAlarm extends Alarm {
  concerns?: Concerned[];
}

/** What a stranger may see of it. */
export const forStrangers = ({ concerns: _concerns, ...alarm }: KnownAlarm): Alarm => alarm;
