/** What the buttons of the page of a link do. */
import { nextTimeOfDay } from '../../policy/local-time.js';
import { addressOf, type Escalation } from '../../policy/route.js';
import { textChannels } from '../../workflows/channels.js';
import { channels, hour, minute, type AnswerSignal, type PageVerb, type Verb } from '../../workflows/contract.js';

export const linkVerbs = ['acknowledge', 'rerun', 'resolve', 'snooze', 'hand', 'tell'] as const satisfies (
  Verb | PageVerb
)[];
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
  /** Made with the page: a button that is pressed twice is one answer. */
  nonce: string;
  for?: SnoozeTime;
  /** The contact to whom it is handed. */
  to?: string;
}

/** Which button it was: `acknowledge`, `snooze:15m`, `hand:ben`. */
export const pressedOf = ({ verb, for: time, to }: Omit<LinkForm, 'nonce'>): string =>
  [verb, ...(verb === 'snooze' ? [time ?? '1h'] : []), ...(verb === 'hand' && to !== undefined ? [to] : [])].join(':');

/** A browser may show the page again as it was: there another button is another answer. */
export const answerIdOf = (nonce: string, pressed: string): string => `link:${nonce}:${pressed}`;

/** By what a contact can be paged, in order. */
const channelsOf = (escalation: Escalation, contact: string) =>
  channels.filter((channel) => addressOf(escalation, contact, channel) !== undefined);

/** To whom the reader of a page can hand it. */
export const othersOf = (escalation: Escalation, contact: string): string[] =>
  Object.keys(escalation.contacts).filter((one) => one !== contact && channelsOf(escalation, one).length > 0);

/** The owner, where it is another contact who can get a text; else null. */
export const ownerToTell = (escalation: Escalation, contact: string, owner: string | null): string | null =>
  owner !== null && owner !== contact && textChannels.some((one) => addressOf(escalation, owner, one) !== undefined)
    ? owner
    : null;

interface About {
  contact: string;
  episode: string;
  zone: string;
  now: number;
  escalation: Escalation;
  /** The contact key of the item's owner. */
  owner: string | null;
}

/** The answer of a form, recorded under the contact of the link; null for what its page does not offer. */
export function answerOf(form: LinkForm, about: About): AnswerSignal | null {
  const { verb, nonce, for: time = '1h', to } = form;
  const { contact, episode, zone, now, escalation, owner } = about;
  const answer = { answerId: answerIdOf(nonce, pressedOf(form)), episode, verb, by: contact, contact };
  switch (verb) {
    case 'acknowledge':
    case 'rerun':
    case 'resolve':
      return answer;
    case 'snooze':
      return { ...answer, durationMs: snoozeMs(time, zone, now) };
    case 'hand':
      if (to === undefined || !othersOf(escalation, contact).includes(to)) return null;
      return { ...answer, to: { contact: to, channels: channelsOf(escalation, to) } };
    case 'tell': {
      const told = ownerToTell(escalation, contact, owner);
      return told === null ? null : { ...answer, to: { contact: told, channels: channelsOf(escalation, told) } };
    }
  }
}
