/** What the buttons of the page of a link do. */
import { nextTimeOfDay } from '../policy/local-time.js';
import { hour, minute, type AnswerSignal, type Verb } from '../workflows/contract.js';

export const linkVerbs = ['acknowledge', 'rerun', 'resolve', 'snooze'] as const satisfies Verb[];
export type LinkVerb = (typeof linkVerbs)[number];

export const snoozeTimes = ['15m', '1h', '4h', 'morning'] as const;
type SnoozeTime = (typeof snoozeTimes)[number];

const lengths: Readonly<Record<Exclude<SnoozeTime, 'morning'>, number>> = {
  '15m': 15 * minute,
  '1h': hour,
  '4h': 4 * hour,
};
/** 07:00, in minutes since midnight. */
const morning = 7 * 60;

/** Milliseconds to snooze. @param zone by whose clock the morning begins */
export const snoozeMs = (time: SnoozeTime, zone: string, now: number): number =>
  time === 'morning' ? nextTimeOfDay(morning, zone, now) - now : lengths[time];

export interface LinkForm {
  verb: LinkVerb;
  /** Made with the page: a form that is sent twice is one answer. */
  nonce: string;
  for?: SnoozeTime;
}

export const answerIdOf = (nonce: string): string => `link:${nonce}`;

/** The answer of a form, recorded under the contact of the link. */
export const answerOf = (
  { verb, nonce, for: time = '1h' }: LinkForm,
  { contact, episode, zone, now }: { contact: string; episode: string; zone: string; now: number },
): AnswerSignal => ({
  answerId: answerIdOf(nonce),
  episode,
  verb,
  by: contact,
  contact,
  ...(verb === 'snooze' && { durationMs: snoozeMs(time, zone, now) }),
});
