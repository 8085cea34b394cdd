import { Type } from 'typebox';
import { SilenceListSchema, SilenceSchema } from '../schemas/on-call.js';
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

const text = (description: string, example: string) =>
  Type.String({ maxLength: 512, description, examples: [example] });

export const silenceBody = Type.Object(
  {
    match: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'What it silences: at least one of `item`, `project`, `tag`, `site` and `event`, each a text of 1 to 128 characters in which `*` stands for anything. All must fit.',
      examples: [{ project: 'Finance/*' }],
    }),
    for: Type.Optional(text('From now on for so long, 1m to 90d. In place of `start` and `end`.', '2h')),
    start: Type.Optional(
      text('The beginning: ISO 8601 with an offset. Now where it is absent.', '2026-12-24T18:00:00Z'),
    ),
    end: Type.Optional(text('The end: ISO 8601 with an offset. In place of `for`.', '2026-12-24T20:00:00Z')),
    reason: text('Why, 1 to 200 characters.', 'The warehouse is being moved.'),
    by: Type.Optional(
      text('Who makes it, 1 to 64 characters without a phone number. `api` where it is absent.', 'lead'),
    ),
  },
  {
    description: 'Either `for`, or `end` and perhaps `start`. Other fields are ignored.',
    examples: [{ match: { project: 'Finance/*' }, for: '2h', reason: 'The warehouse is being moved.' }],
  },
);

export const makeSilence: Operation = {
  operationId: 'makeSilence',
  summary: 'Silence items',
  description: 'What fits is recorded, and nobody is paged for it. What still fails at the end is paged then.',
  tags,
  security: byToken,
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
  description: 'What still fails is paged again.',
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
