/** Counts over episodes and messages. Pure: the parts of a whole add up to it. */
import type { RecordedMessage } from '../history/recorded-message.js';
import type { RecordedEpisode } from '../history/recorded.js';
import type { Escalation } from '../policy/route.js';
import type { Channel } from '../workflows/contract.js';
import { isAsleep } from './asleep.js';
import { costOf, sumOf } from './cost.js';
import { isIn, type Period } from './periods.js';
import type { Totals } from './schema.js';
import { spreadOf, type Spread } from './spread.js';

const dayMs = 24 * 3_600_000;

/** What happened in one episode, as it counts. */
export interface Counted {
  episode: RecordedEpisode;
  isPaged: boolean;
  acknowledgedMs: number | null;
  recoveredMs: number | null;
  /** The same item failed again within 24 h. */
  isAgain: boolean;
}

/** Null where nobody answered. */
const acknowledgedMsOf = ({ at, answers: [first] }: RecordedEpisode): number | null =>
  first === undefined ? null : Math.max(0, first.at - at);

/** Null where it is open, or ended in another way than by working again. */
const recoveredMsOf = ({ at, end }: RecordedEpisode): number | null =>
  end?.how === 'recovered' || end?.how === 'resolved' ? Math.max(0, end.at - at) : null;

/** @param episodes all that are known, since the next one of the same item counts */
export function counted(episodes: readonly RecordedEpisode[]): Counted[] {
  const next = new Map<string, number>();
  return episodes
    .toSorted((a, b) => b.at - a.at)
    .map((episode): Counted => {
      const after = next.get(episode.incident);
      next.set(episode.incident, episode.at);
      return {
        episode,
        isPaged: episode.pages.some(({ sentAt }) => sentAt !== null),
        acknowledgedMs: acknowledgedMsOf(episode),
        recoveredMs: recoveredMsOf(episode),
        isAgain: after !== undefined && episode.end !== null && after - episode.end.at <= dayMs,
      };
    })
    .toReversed();
}

export const isIgnored = ({ episode }: Counted): boolean => episode.end?.how === 'ignored';

/** A message or call that a person got while asleep, and that asked for something. */
export const isWaking = (escalation: Escalation, { contact, acceptedAt, incidents }: RecordedMessage): boolean =>
  acceptedAt !== null && incidents.length > 0 && isAsleep(escalation, contact, acceptedAt);

export const toAcknowledge = (all: readonly Counted[]): Spread =>
  spreadOf(all.flatMap(({ acknowledgedMs }) => acknowledgedMs ?? []));
export const toRecover = (all: readonly Counted[]): Spread =>
  spreadOf(all.flatMap(({ recoveredMs }) => recoveredMs ?? []));

export const sentOf = (messages: readonly RecordedMessage[]): Record<Channel, number> => {
  const number = (channel: Channel): number =>
    messages.filter((message) => message.channel === channel && message.sid !== null).length;
  return { whatsapp: number('whatsapp'), sms: number('sms'), call: number('call') };
};

/** Everything that is counted, with what it takes to count. */
export interface Recorded {
  escalation: Escalation;
  episodes: readonly Counted[];
  messages: readonly RecordedMessage[];
}

export function within({ escalation, episodes, messages }: Recorded, period: Period): Recorded {
  return {
    escalation,
    episodes: episodes.filter(({ episode }) => isIn(period, episode.at)),
    messages: messages.filter(({ at }) => isIn(period, at)),
  };
}

export function totalsOf({ escalation, episodes: all, messages }: Recorded): Totals {
  const episodes = all.filter((one) => !isIgnored(one));
  const number = (is: (one: Counted) => boolean): number => episodes.filter(is).length;
  const { prices } = escalation;
  return {
    episodes: episodes.length,
    ignored: all.length - episodes.length,
    paged: number(({ isPaged }) => isPaged),
    acknowledged: number(({ acknowledgedMs }) => acknowledgedMs !== null),
    recovered: number(({ recoveredMs }) => recoveredMs !== null),
    unanswered: number(({ isPaged, acknowledgedMs }) => isPaged && acknowledgedMs === null),
    open: number(({ episode }) => episode.end === null),
    failedAgain: number(({ isAgain }) => isAgain),
    toAcknowledge: toAcknowledge(episodes),
    toRecover: toRecover(episodes),
    sent: sentOf(messages),
    wakings: messages.filter((message) => isWaking(escalation, message)).length,
    cost: sumOf(
      messages.map((message) => costOf(message, prices)),
      prices,
    ),
  };
}
