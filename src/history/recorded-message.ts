/** A message or call that a pager asked Twilio for. Times are milliseconds since the epoch. */
import { endedRank, failedRank, statusRanks } from '../workflows/delivery-status.js';
import type { Channel } from '../workflows/contract.js';

/**
 * `status`: as Twilio named it, or ours: `accepted` Twilio took it, `refused` it did not, `uncertain` it is not known whether it did, `ending` Twilio is asked
 * to end the call. `code`: Twilio's error code, or a word of ours.
 */
export interface MessageStatus {
  at: number;
  status: string;
  code?: string;
}

export interface RecordedMessage {
  /** A uuid, the same for all tries. */
  attempt: string;
  contact: string;
  channel: Channel;
  /** When Twilio was asked first. */
  at: number;
  /** Twilio's id, `SM…` or `CA…`; null where it never took it, or that is not known. */
  sid: string | null;
  acceptedAt: number | null;
  tries: number;
  /** In order of their arrival. */
  statuses: MessageStatus[];
  /** Incidents whose pages it carries; none: a notice, a confirmation or another text. */
  incidents: string[];
  /** How many Twilio makes of an SMS, else 1. */
  segments: number;
  /** The first answer to what it carries: by a key in a call, else by a reply. That of a text without a button is taken to mean the newest before it. */
  answered: { at: number; by: 'key' | 'reply' } | null;
}

/** What became of a message: `open` says that Twilio has reported no end yet. */
export const outcomes = ['arrived', 'failed', 'withdrawn', 'open'] as const;
export type Outcome = (typeof outcomes)[number];

const deliveredRank = statusRanks['delivered'] ?? 0;
const rankOf = ({ status }: MessageStatus): number => statusRanks[status] ?? 0;

/** The last status by what Twilio's statuses mean, not by their arrival: a message that was delivered did not fail, and the first end of a call stands. */
export function statusOf({ channel, sid, statuses }: RecordedMessage): MessageStatus | null {
  let last: MessageStatus | null = null;
  for (const status of statuses) {
    if (status.status === 'ending') continue;
    const [rank, before] = [rankOf(status), last === null ? -1 : rankOf(last)];
    const stands = before >= endedRank || (rank === failedRank && channel !== 'call' && before >= deliveredRank);
    if (last === null || (!stands && (rank > before || sid === null))) last = status;
  }
  return last;
}

export function outcomeOf(message: RecordedMessage): Outcome {
  const { channel, sid, statuses } = message;
  const last = statusOf(message);
  const rank = last === null ? 0 : rankOf(last);
  if (sid === null) return last?.status === 'refused' ? 'failed' : 'open';
  const isEnded = statuses.some(({ status }) => status === 'ending');
  if (isEnded && (rank >= endedRank || channel === 'call')) return 'withdrawn';
  if (rank === failedRank) return 'failed';
  return rank >= (channel === 'call' ? endedRank : deliveredRank) ? 'arrived' : 'open';
}
