/** The messages that a filter lets through, a page of them at a time. Pure. */
import { Type, type Static } from 'typebox';
import type { Messages } from '../history/archive.js';
import { outcomeOf, outcomes, statusOf, type RecordedMessage } from '../history/recorded-message.js';
import type { Prices } from '../policy/prices.js';
import { costOf } from '../report/cost.js';
import { channels } from '../workflows/contract.js';

const instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });
const nullableText = Type.Union([Type.String(), Type.Null()]);

export const MessageRow = Type.Object({
  attempt: Type.String({ description: 'A uuid of ours, the same for all tries.' }),
  contact: Type.String(),
  channel: Type.Enum([...channels]),
  at: instant,
  sid: Type.Union([Type.String({ description: "Twilio's id" }), Type.Null()]),
  outcome: Type.Enum([...outcomes]),
  status: nullableText,
  statuses: Type.Array(Type.Object({ at: instant, status: Type.String(), code: Type.Optional(Type.String()) })),
  tries: Type.Integer(),
  segments: Type.Integer(),
  items: Type.Array(Type.Object({ incident: Type.String(), name: Type.String() })),
  answered: Type.Union([Type.Object({ at: instant, by: Type.Enum(['key', 'reply']) }), Type.Null()]),
  cost: Type.Union([Type.Number(), Type.Null()]),
});
export type MessageRow = Static<typeof MessageRow>;

export interface MessageFilters {
  contact?: string | undefined;
  channel?: string | undefined;
  /** A status of Twilio's, or an outcome. */
  status?: string | undefined;
}

const iso = (at: number): string => new Date(at).toISOString();

export function rowOf(message: RecordedMessage, names: Messages['names'], prices: Prices | undefined): MessageRow {
  const { attempt, contact, channel, at, sid, statuses, tries, segments, incidents, answered } = message;
  return {
    attempt,
    contact,
    channel,
    at: iso(at),
    sid,
    outcome: outcomeOf(message),
    status: statusOf(message)?.status ?? null,
    statuses: statuses.map((status) => ({ ...status, at: iso(status.at) })),
    tries,
    segments,
    items: incidents.map((incident) => ({
      incident,
      name: names.get(incident) ?? incident.split(':').slice(2).join(':'),
    })),
    answered: answered && { at: iso(answered.at), by: answered.by },
    cost: costOf(message, prices),
  };
}

const fits = (message: RecordedMessage, { contact, channel, status }: MessageFilters): boolean =>
  (contact === undefined || message.contact === contact) &&
  (channel === undefined || message.channel === channel) &&
  (status === undefined || outcomeOf(message) === status || statusOf(message)?.status === status);

/** The newest first; of the same moment in the order of their ids. */
const newestFirst = (a: RecordedMessage, b: RecordedMessage): number => b.at - a.at || (a.attempt < b.attempt ? 1 : -1);

const cursorOf = ({ at, attempt }: RecordedMessage): string => Buffer.from(`${at}.${attempt}`).toString('base64url');

/** Null for what is none. */
function placeOf(cursor: string): { at: number; attempt: string } | null {
  const [, at, attempt] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return at === undefined || attempt === undefined ? null : { at: Number(at), attempt };
}

export interface MessagePage {
  messages: RecordedMessage[];
  /** The cursor of the next page; null: none. */
  next: string | null;
  /** How many the filters let through. */
  found: number;
}

/** Null where the cursor is none. */
export function pageOf(
  all: readonly RecordedMessage[],
  filters: MessageFilters,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): MessagePage | null {
  const found = all.filter((message) => fits(message, filters)).toSorted(newestFirst);
  const after = cursor === undefined ? null : placeOf(cursor);
  if (cursor !== undefined && after === null) return null;
  const begin =
    after === null
      ? 0
      : found.filter(({ at, attempt }) => at > after.at || (at === after.at && attempt >= after.attempt)).length;
  const messages = found.slice(begin, begin + limit);
  const last = messages.at(-1);
  return { messages, next: last && begin + limit < found.length ? cursorOf(last) : null, found: found.length };
}
