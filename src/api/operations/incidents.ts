import { Type } from 'typebox';
import { durationPattern } from '../../policy/duration.js';
import { incidentStates, type Verb } from '../../workflows/contract.js';
import { author, word } from '../schemas/component.js';
import { IncidentListSchema, IncidentSchema, RecordedSchema } from '../schemas/incident.js';
import {
  badBody,
  bodyRefusals,
  byToken,
  json,
  jsonOrPage,
  pageRefusals,
  tokenRefusals,
  type Operation,
} from './operation.js';

const tags = ['incidents'];

const filter = (description: string, example: string) =>
  Type.Optional(Type.String({ maxLength: 256, description, examples: [example] }));

export const listIncidents: Operation = {
  operationId: 'listIncidents',
  summary: 'List incidents',
  description: "The newest failure first, within what Temporal's visibility store gives at once.",
  tags,
  security: byToken,
  documented: {
    querystring: Type.Object({
      state: Type.Optional(word(incidentStates, { description: 'Only those in this state.' })),
      item: filter('Only those whose item has this in its name, or this luid.', 'Sales'),
      project: filter('Only those whose project has this in its path.', 'Finance'),
      site: filter('Only those of the site with this luid.', '8b2a95d8-52b9-40a4-8712-cd6da771bd1b'),
      contact: Type.Optional(
        Type.String({
          pattern: '^([a-z][a-z0-9-]{0,31})?$',
          maxLength: 256,
          description: 'Only those that were paged to this contact, or that they have, snoozed or own.',
          examples: ['ana'],
        }),
      ),
      since: filter('Only those that failed last since then: a time back, or one with its offset.', '7d'),
      q: filter('Only those that have each of these words somewhere.', 'snowflake finance'),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'At most so many.', examples: [20] }),
      ),
      cursor: Type.Optional(
        Type.String({
          maxLength: 8_192,
          pattern: '^[\\w.-]*$',
          description: 'The `next` of an earlier answer with the same filters.',
        }),
      ),
    }),
  },
  response: {
    200: jsonOrPage('Some incidents.', IncidentListSchema),
    ...pageRefusals({
      400: {
        BAD_STATE: `state must be one of ${incidentStates.join(', ')}.`,
        BAD_LIMIT: 'limit must be a whole number from 1 to 1000.',
        BAD_CONTACT: 'contact must be the key of a contact, in lower case, such as ana.',
        BAD_SINCE: 'since must be a time back, such as 2h or 7d, or one with its offset.',
        BAD_CURSOR: 'cursor must be the `next` of an earlier answer with the same filters.',
        BAD_REQUEST: 'querystring/q must NOT have more than 256 characters',
      },
    }),
  },
};

/** The id of an incident in an address. */
export const incidentParams = Type.Object({
  id: Type.String({
    description: 'The id of an incident.',
    examples: ['refresh:8b2a95d8-52b9-40a4-8712-cd6da771bd1b:3f1c7a0e-6f0b-4f0e-9a55-0c6e3a1d2b47'],
  }),
});

const unknown = { UNKNOWN_INCIDENT: 'There is no incident with this id.' };

export const getIncident: Operation = {
  operationId: 'getIncident',
  summary: 'Show one incident',
  description: 'With what Tableau knows of it, who was paged and what happened.',
  tags,
  security: byToken,
  // `outcome` and `answer` are for the page.
  documented: { querystring: Type.Object({}) },
  response: { 200: jsonOrPage('The incident.', IncidentSchema), ...pageRefusals({ 404: unknown }) },
};

/** What Fastify checks of the body of an answer; the route refuses the rest with a code of its own. */
export const answerBody = Type.Object({ by: Type.Optional(Type.String()), duration: Type.Optional(Type.String()) });

const by = Type.Optional(author('Who gives it', 'ana'));
const bodies = {
  plain: Type.Object(
    { by, duration: Type.Optional(Type.String({ description: 'Not read.' })) },
    { description: 'Who answers. Other fields are ignored.', examples: [{ by: 'ana' }] },
  ),
  snooze: Type.Object(
    {
      by,
      duration: Type.Optional(
        Type.String({
          pattern: durationPattern,
          default: '1h',
          description: 'For how long, from 1m to 24h.',
          examples: ['2h30m'],
        }),
      ),
    },
    {
      description: 'Who answers, and for how long. Other fields are ignored.',
      examples: [{ by: 'ana', duration: '2h' }],
    },
  ),
};

const words: Readonly<Record<Verb, { summary: string; description: string }>> = {
  acknowledge: {
    summary: 'Take an incident',
    description:
      'Nobody else is paged. Whoever took it is reminded when it is still broken after a while. To repeat it changes nothing: whoever took it first has it.',
  },
  resolve: {
    summary: 'Resolve an incident',
    description:
      'It is over. Whoever was paged is notified once. To repeat it changes nothing: it is 200 for an hour (`settings.linger`), then 409.',
  },
  rerun: {
    summary: 'Run the refresh again',
    description:
      'Tableau is asked to run the refresh again, and the incident is taken. To repeat it changes nothing while the refresh runs; later it runs the refresh once more.',
  },
  snooze: {
    summary: 'Snooze an incident',
    description:
      'Nobody is paged until a time; then the escalation starts again. To repeat it snoozes anew: the time counts from the last request.',
  },
};

export const answerIncident = (verb: Verb): Operation => ({
  operationId: `${verb}Incident`,
  ...words[verb],
  tags,
  security: byToken,
  documented: { body: verb === 'snooze' ? bodies.snooze : bodies.plain, hasOptionalBody: true },
  response: {
    200: json('The incident afterwards.', IncidentSchema),
    202: json('The answer is recorded for good; what became of it is not known after 4 s.', RecordedSchema),
    ...tokenRefusals({
      400: {
        ...badBody,
        BAD_BY: 'by must have 1 to 64 characters, no control characters among them.',
        ...(verb === 'snooze' && {
          BAD_DURATION: 'duration must be a time from 1m to 24h, such as 30m, 1h or 2h30m.',
        }),
      },
      404: unknown,
      409: { INCIDENT_OVER: 'The incident is over.' },
      ...bodyRefusals,
    }),
  },
});
