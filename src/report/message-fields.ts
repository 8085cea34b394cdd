/** The fields of a message or call that the list of the api and the export share. */
import { Type, type Static } from 'typebox';
import { outcomeOf, outcomes, statusOf, type RecordedMessage } from '../history/recorded-message.js';
import { channels } from '../workflows/contract.js';

const instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });

export const MessageFields = Type.Object({
  attempt: Type.String({ description: 'A uuid of ours, the same for all tries.' }),
  contact: Type.String(),
  channel: Type.Enum([...channels]),
  at: instant,
  sid: Type.Union([Type.String({ description: "Twilio's id" }), Type.Null()]),
  outcome: Type.Enum([...outcomes]),
  status: Type.Union([Type.String(), Type.Null()]),
  statuses: Type.Array(Type.Object({ at: instant, status: Type.String(), code: Type.Optional(Type.String()) })),
  tries: Type.Integer(),
  segments: Type.Integer(),
  answered: Type.Union([Type.Object({ at: instant, by: Type.Enum(['key', 'reply']) }), Type.Null()]),
});

const iso = (at: number): string => new Date(at).toISOString();

export function messageFieldsOf(message: RecordedMessage): Static<typeof MessageFields> {
  const { attempt, contact, channel, at, sid, statuses, tries, segments, answered } = message;
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
    answered: answered && { at: iso(answered.at), by: answered.by },
  };
}
