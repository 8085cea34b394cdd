/** The messages that a filter lets through, a page of them at a time. Pure. */
import { Type, type Static } from 'typebox';
import type { Messages } from '../../history/archive.js';
import { outcomeOf, statusOf, type RecordedMessage } from '../../history/recorded-message.js';
import type { Prices } from '../../policy/prices.js';
import { costOf } from '../../report/cost.js';
import { MessageFields, messageFieldsOf } from '../../report/message-fields.js';

export const MessageRow = Type.Object({
  ...MessageFields.properties,
  items: Type.Array(Type.Object({ incident: Type.String(), name: Type.String() })),
  cost: Type.Union([Type.Number(), Type.Null()]),
});
export type MessageRow = Static<typeof MessageRow>;

export interface MessageFilters {
  contact?: string | undefined;
  channel?: string | undefined;
  /** A status of Twilio's, or an outcome. */
  status?: string | undefined;
}

export const rowOf = (message: RecordedMessage, names: Messages['names'], prices: Prices | undefined): MessageRow => ({
  ...messageFieldsOf(message),
  items: message.incidents.map((incident) => ({
    incident,
    name: names.get(incident) ?? incident.split(':').slice(2).join(':'),
  })),
  cost: costOf(message, prices),
});

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
