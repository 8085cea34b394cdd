/** What would outlive Temporal's retention: a JSON value for each episode and each message, without phone numbers, texts and names of owners. */
import { Type, type Static } from 'typebox';
import type { RecordedEpisode } from '../history/recorded.js';
import type { RecordedMessage } from '../history/recorded-message.js';
import { endings } from '../history/recorded.js';
import { channels, itemKinds, publicName } from '../workflows/contract.js';
import { MessageFields, messageFieldsOf } from './message-fields.js';

/** It is raised when a field changes its meaning or goes; fields may be added. */
export const exportVersion = 1;

const instant = Type.String({ description: 'ISO 8601, UTC' });
const nullable = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) => Type.Union([schema, Type.Null()]);
const text = nullable(Type.String());

export const ExportedEpisode = Type.Object({
  type: Type.Literal('episode'),
  version: Type.Literal(exportVersion),
  incident: Type.String(),
  at: instant,
  event: Type.String(),
  item: Type.Object({ kind: Type.Enum([...itemKinds]), luid: Type.String(), name: Type.String(), site: Type.String() }),
  project: text,
  cause: text,
  owner: nullable(Type.String({ description: 'The contact who is the owner by the escalation file.' })),
  policy: Type.String(),
  reported: Type.Integer({ description: 'How many failures were reported.' }),
  pages: Type.Array(
    Type.Object({
      contact: Type.String(),
      by: Type.Enum([...channels]),
      requestedAt: instant,
      sentAt: nullable(instant),
    }),
  ),
  answers: Type.Array(Type.Object({ at: instant, contact: text, verb: text })),
  end: nullable(Type.Object({ at: instant, how: Type.Enum([...endings]) })),
});

export const ExportedMessage = Type.Object({
  type: Type.Literal('message'),
  version: Type.Literal(exportVersion),
  ...MessageFields.properties,
  incidents: Type.Array(Type.String()),
});

export type Exported = Static<typeof ExportedEpisode> | Static<typeof ExportedMessage>;

const iso = (at: number): string => new Date(at).toISOString();

function episodeOf(episode: RecordedEpisode): Exported {
  const { incident, at, event, item, project, cause, ownerRole, policy, reported, pages, answers, end } = episode;
  return {
    type: 'episode',
    version: exportVersion,
    incident,
    at: iso(at),
    event,
    item: { ...item, name: publicName(item) },
    project: project ?? null,
    cause: cause ?? null,
    owner: ownerRole ?? null,
    policy,
    reported,
    pages: pages.map(({ contact, by, requestedAt, sentAt }) => ({
      contact,
      by,
      requestedAt: iso(requestedAt),
      sentAt: sentAt === null ? null : iso(sentAt),
    })),
    answers: answers.map((answer) => ({ at: iso(answer.at), contact: answer.contact, verb: answer.verb ?? null })),
    end: end && { at: iso(end.at), how: end.how },
  };
}

const messageOf = (message: RecordedMessage): Exported => ({
  type: 'message',
  version: exportVersion,
  ...messageFieldsOf(message),
  incidents: message.incidents,
});

const keyOf = (one: Exported): string => (one.type === 'episode' ? one.incident : one.attempt);

/** In the order of their times, and the same one for the same histories. */
export const exported = (episodes: readonly RecordedEpisode[], messages: readonly RecordedMessage[]): Exported[] =>
  [...episodes.map(episodeOf), ...messages.map(messageOf)].toSorted((a, b) =>
    a.at === b.at ? (keyOf(a) < keyOf(b) ? -1 : 1) : a.at < b.at ? -1 : 1,
  );
