import { Type } from 'typebox';
import { durationPattern } from '../../policy/duration.js';
import { author, line, ref, time } from '../schemas/component.js';
import { SilenceListSchema, SilenceMatchSchema, SilenceSchema } from '../schemas/on-call.js';
import { badBody, bodyRefusals, byToken, json, noBody, tokenRefusals, type Operation } from './operation.js';

const tags = ['silences'];

export const listSilences: Operation = {
  operationId: 'listSilences',
  summary: 'List silences',
  description: 'Those that are not over.',
  tags,
  security: byToken,
  response: { 200: json('The silences.', SilenceListSchema), ...tokenRefusals() },
};

const text = Type.String({ maxLength: 512 });
/** What Fastify checks; the route refuses the rest with a code of its own. */
export const silenceBody = Type.Object({
  match: Type.Record(Type.String(), Type.Unknown()),
  for: Type.Optional(text),
  start: Type.Optional(text),
  end: Type.Optional(text),
  reason: text,
  by: Type.Optional(text),
});

const documentedBody = Type.Object(
  {
    match: ref(SilenceMatchSchema),
    for: Type.Optional(
      Type.String({
        pattern: durationPattern,
        maxLength: 512,
        description: 'From now on for so long, 1m to 90d. In place of `start` and `end`.',
      }),
    ),
    start: Type.Optional(time('The beginning, with an offset. Now where it is absent.', { maxLength: 512 })),
    end: Type.Optional(time('The end, with an offset. In place of `for`.', { maxLength: 512 })),
    reason: line(200, 'Why.'),
    by: Type.Optional(author('Who makes it', 'lead')),
  },
  {
    description: 'Either `for`, or `end` and perhaps `start`. Other fields are ignored.',
    examples: [{ match: { project: 'Finance/*' }, for: '2h', reason: 'The warehouse is being moved.' }],
  },
);

export const makeSilence: Operation = {
  operationId: 'makeSilence',
  summary: 'Silence items',
  description:
    'What fits is recorded, and nobody is paged for it. What still fails at the end is paged then. To repeat it makes one more silence: after 503 look with `GET /silences` whether the first was made.',
  tags,
  security: byToken,
  documented: { body: documentedBody },
  response: {
    201: json('The silence.', SilenceSchema),
    ...tokenRefusals({
      400: {
        ...badBody,
        BAD_MATCH: 'match must have at least one of item, project, tag, site, event; {"item":"*"} matches everything.',
        BAD_FOR: 'for must be a time from 1m to 90d, such as 30m, 2h or 1d12h.',
        BAD_START: 'start is past; it must be now or later.',
        BAD_END: 'end is missing: give either for, or end and perhaps start.',
        BAD_REASON: 'reason must have 1 to 200 characters, no control characters among them.',
        BAD_BY: 'by must have 1 to 64 characters, no control characters among them.',
      },
      409: { TOO_MANY_SILENCES: 'There are 200 silences; end one first.' },
      ...bodyRefusals,
    }),
  },
};

export const silenceParams = Type.Object({
  id: Type.String({ description: 'The id of the silence.', examples: ['6a1f0cb5-2f0e-4a53-8d0f-8f8f7f1f4a02'] }),
});

export const endSilence: Operation = {
  operationId: 'endSilence',
  summary: 'End a silence',
  description: 'What still fails is paged again. To repeat it changes nothing: it is 204 for a day, then 404.',
  tags,
  security: byToken,
  response: {
    204: noBody('It is ended.'),
    ...tokenRefusals({
      400: { ...badBody },
      404: { UNKNOWN_SILENCE: 'There is no such silence.' },
      ...bodyRefusals,
    }),
  },
};
