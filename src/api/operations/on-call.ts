import { Type } from 'typebox';
import { author, time } from '../schemas/component.js';
import { OnCallSchema, OverrideListSchema, OverrideSchema } from '../schemas/on-call.js';
import {
  badBody,
  bodyRefusals,
  byToken,
  json,
  jsonOrPage,
  noBody,
  pageRefusals,
  tokenRefusals,
  type Operation,
} from './operation.js';

const tags = ['on call'];

export const whoIsOnCall: Operation = {
  operationId: 'whoIsOnCall',
  summary: 'Who is on call',
  description: 'By each schedule of the escalation file, now or at a time, with who is next. Contacts are keys.',
  tags,
  security: byToken,
  documented: {
    querystring: Type.Object({
      at: Type.Optional(
        Type.String({
          format: 'date-time',
          maxLength: 64,
          description: 'At this time in place of now: ISO 8601 with an offset.',
          examples: ['2026-12-24T18:00:00Z'],
        }),
      ),
    }),
  },
  response: {
    200: jsonOrPage('Who is on call.', OnCallSchema),
    ...pageRefusals({ 400: { BAD_AT: 'at must be a time with its offset, such as 2026-12-24T18:00:00Z.' } }),
  },
};

const name = Type.String({ description: 'The name of a schedule of the escalation file.', examples: ['data'] });
export const scheduleParams = Type.Object({ name });
export const overrideParams = Type.Object({
  name,
  id: Type.String({ description: 'The id of the override.', examples: ['2f6f7a9e-8b0c-4c57-9c32-1c1d5f2f5d10'] }),
});

const unknownSchedule = { UNKNOWN_SCHEDULE: 'There is no such schedule; known are: data.' };

export const listOverrides: Operation = {
  operationId: 'listOverrides',
  summary: 'List overrides of a schedule',
  description: 'Those that were made by requests and are not over; those of the escalation file are not among them.',
  tags,
  security: byToken,
  response: { 200: json('The overrides.', OverrideListSchema), ...tokenRefusals({ 404: unknownSchedule }) },
};

const text = Type.String({ maxLength: 256 });
/** What Fastify checks; the route refuses the rest with a code of its own. */
export const overrideBody = Type.Object({ contact: text, from: text, to: text, by: Type.Optional(text) });

const documentedBody = Type.Object(
  {
    contact: Type.String({ maxLength: 256, description: 'The contact key of who is on call.' }),
    from: time('The beginning: with an offset, not past, at most a year ahead.', { maxLength: 256 }),
    to: time('The end: with an offset, at most 90 days after the beginning.', { maxLength: 256 }),
    by: Type.Optional(author('Who makes it', 'lead')),
  },
  {
    description: 'Other fields are ignored.',
    examples: [{ contact: 'ben', from: '2026-12-24T18:00:00Z', to: '2026-12-26T08:00:00Z', by: 'lead' }],
  },
);

export const makeOverride: Operation = {
  operationId: 'makeOverride',
  summary: 'Put somebody on call',
  description:
    'In place of whoever would be by the escalation file. Whom it concerns is notified by text. To repeat it is refused with `BAD_FROM`, for it overlaps the first; end that one to change it.',
  tags,
  security: byToken,
  documented: { body: documentedBody },
  response: {
    201: json('The override.', OverrideSchema),
    ...tokenRefusals({
      400: {
        ...badBody,
        BAD_CONTACT: 'contact must be a contact of the escalation file.',
        BAD_FROM: 'from is past; it must be now or later.',
        BAD_TO: 'to must be after from.',
        BAD_BY: 'by must have 1 to 64 characters, no control characters among them.',
      },
      404: unknownSchedule,
      409: { TOO_MANY_OVERRIDES: 'There are 200 overrides; end one first.' },
      ...bodyRefusals,
    }),
  },
};

export const endOverride: Operation = {
  operationId: 'endOverride',
  summary: 'End an override',
  description:
    'Whoever would be on call is so again. Whom it concerns is notified by text. To repeat it changes nothing: it is 204 for a day, then 404.',
  tags,
  security: byToken,
  response: {
    204: noBody('It is ended.'),
    ...tokenRefusals({
      400: { ...badBody },
      404: { ...unknownSchedule, UNKNOWN_OVERRIDE: 'The schedule has no such override.' },
      ...bodyRefusals,
    }),
  },
};
