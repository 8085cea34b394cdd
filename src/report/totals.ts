/** Counts over episodes and messages. Pure: the parts of a whole add up to it. */
import type { RecordedMessage } from '../history/recorded-message.js';
import type { RecordedEpisode } from '../history/recorded.js';
import type { Escalation } from '../policy/route.js';
import type { Channel } from '../workflows/contract.js';
import type { Prices } from '../policy/prices.js';
import { createIsAsleep } from './asleep.js';
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
  /** When the same item failed again, within 24 h of the end; null: it did not. */
  againAt: number | null;
}

/** Null where nobody answered. */
const acknowledgedMsOf = ({ at, answers: [first] }: RecordedEpisode): number | null =>
  first === undefined ? null : Math.max(0, first.at - at);

/** Null where it is open, or ended in another way than by working again. */
const recoveredMsOf = ({ at, end }: RecordedEpisode): number | null =>
  end?.how === 'recovered' || end?.how === 'resolved' ? Math.max(0, end.at - at) : null;

export const isIgnored = ({ episode }: Pick<Counted, 'episode'>): boolean => episode.end?.how === 'ignored';

/** @param episodes all that are known, since the next one of the same item counts */
export function counted(episodes: readonly RecordedEpisode[]): Counted[] {
  const next = new Map<string, number>();
  return episodes
    .toSorted((a, b) => b.at - a.at)
    .map((episode): Counted => {
      const after = next.get(episode.incident);
      const isAgain = after !== undefined && episode.end !== null && after - episode.end.at <= dayMs;
      if (!isIgnored({ episode })) next.set(episode.incident, episode.at);
      return {
        episode,
        isPaged: episode.pages.some(({ sentAt }) => sentAt !== null),
        acknowledgedMs: acknowledgedMsOf(episode),
        recoveredMs: recoveredMsOf(episode),
        againAt: isAgain ? after : null,
      };
    })
    .toReversed();
}

/** A message or call, as it counts. */
export interface CountedMessage {
  message: RecordedMessage;
  /** A person got it while asleep, and it asked for something. */
  isWaking: boolean;
  /** Null where the file has no price for it. */
  cost: number | null;
}

/** @param period in which all of them are */
export function countedMessages(
  escalation: Escalation,
  messages: readonly RecordedMessage[],
  period: Period,
): CountedMessage[] {
  const isAsleep = createIsAsleep(escalation, period);
  return messages.map((message) => {
    const { contact, acceptedAt, incidents } = message;
    return {
      message,
      isWaking: acceptedAt !== null && incidents.length > 0 && isAsleep(contact, acceptedAt),
      cost: costOf(message, escalation.prices),
    };
  });
}

export const toAcknowledge = (all: readonly Counted[]): Spread =>
  spreadOf(all.flatMap(({ acknowledgedMs }) => acknowledgedMs ?? []));
export const toRecover = (all: readonly Counted[]): Spread =>
  spreadOf(all.flatMap(({ recoveredMs }) => recoveredMs ?? []));

export const sentOf = (messages: readonly CountedMessage[]): Record<Channel, number> => {
  const number = (channel: Channel): number =>
    messages.filter(({ message }) => message.channel === channel && message.sid !== null).length;
  return { whatsapp: number('whatsapp'), sms: number('sms'), call: number('call') };
};

/** Everything that is counted, with what it takes to count. */
export interface Recorded {
  prices: Prices | undefined;
  episodes: readonly Counted[];
  messages: readonly CountedMessage[];
}

export function within({ prices, episodes, messages }: Recorded, period: Period): Recorded {
  return {
    prices,
    episodes: episodes.filter(({ episode }) => isIn(period, episode.at)),
    messages: messages.filter(({ message }) => isIn(period, message.at)),
  };
}

export function totalsOf({ prices, episodes: all, messages }: Recorded): Totals {
  const episodes = all.filter((one) => !isIgnored(one));
  const number = (is: (one: Counted) => boolean): number => episodes.filter(is).length;
  return {
    episodes: episodes.length,
    ignored: all.length - episodes.length,
    paged: number(({ isPaged }) => isPaged),
    acknowledged: number(({ acknowledgedMs }) => acknowledgedMs !== null),
    recovered: number(({ recoveredMs }) => recoveredMs !== null),
    unanswered: number(({ isPaged, acknowledgedMs }) => isPaged && acknowledgedMs === null),
    open: number(({ episode }) => episode.end === null),
    failedAgain: number(({ againAt }) => againAt !== null),
    toAcknowledge: toAcknowledge(episodes),
    toRecover: toRecover(episodes),
    sent: sentOf(messages),
    wakings: messages.filter(({ isWaking }) => isWaking).length,
    cost: sumOf(
      messages.map(({ cost }) => cost),
      prices,
    ),
  };
}
