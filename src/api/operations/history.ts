import { Type } from 'typebox';
import { reportCsv } from '../../report/report-csv.js';
import { channels } from '../../workflows/contract.js';
import { durationPattern } from '../../policy/duration.js';
import { word } from '../schemas/component.js';
import { MessageListSchema, ReportSchema } from '../schemas/history.js';
import { exampleReport } from '../schemas/report-example.js';
import { byToken, jsonOrPage, pageRefusals, type Operation } from './operation.js';

const tags = ['history'];
const badSince = { BAD_SINCE: 'since must be a time from 1h to 90d, such as 7d.' };
const since = (fallback: string, pattern = durationPattern) =>
  Type.Optional(
    Type.String({
      pattern,
      maxLength: 64,
      default: fallback,
      description: 'From so long ago on, 1h to 90d.',
      examples: ['7d'],
    }),
  );

export const listMessages: Operation = {
  operationId: 'listMessages',
  summary: 'List messages and calls',
  description:
    'Each with its id at Twilio, every status and what it cost, as the histories of pagers have it. No phone number is in it. A browser gets a page.',
  tags,
  security: byToken,
  documented: {
    querystring: Type.Object({
      contact: Type.Optional(
        Type.String({ maxLength: 64, description: 'Only to this contact, by key.', examples: ['ana'] }),
      ),
      channel: Type.Optional(word(channels, { description: 'Only by this channel.' })),
      status: Type.Optional(
        Type.String({
          pattern: '^([a-z_-]{1,32})?$',
          maxLength: 64,
          description: "Only those with this status of Twilio's, or outcome.",
          examples: ['delivered'],
        }),
      ),
      // An empty field of a form is none.
      since: since('7d', `^(${durationPattern.slice(1, -1)})?$`),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'At most so many.', examples: [20] }),
      ),
      cursor: Type.Optional(
        Type.String({ maxLength: 256, pattern: '^[\\w.:-]*$', description: 'The `next` of an earlier answer.' }),
      ),
    }),
  },
  response: {
    200: jsonOrPage('The messages.', MessageListSchema),
    ...pageRefusals({
      400: {
        ...badSince,
        BAD_CHANNEL: `channel must be one of ${channels.join(', ')}.`,
        BAD_STATUS: "status must be a status of Twilio's, or one of the outcomes.",
        BAD_LIMIT: 'limit must be a whole number from 1 to 1000.',
        BAD_CURSOR: 'cursor must be the `next` of an earlier answer.',
        BAD_REQUEST: 'querystring/contact must NOT have more than 64 characters',
      },
    }),
  },
};

const period = Type.Object({
  since: since('30d'),
  zone: Type.Optional(
    Type.String({
      maxLength: 64,
      default: 'UTC',
      description: 'The IANA time zone of days, hours and the night.',
      examples: ['Europe/Berlin'],
    }),
  ),
});
const badPeriod = {
  ...badSince,
  BAD_ZONE: 'zone must be the IANA name of a time zone, such as Europe/Berlin.',
  BAD_REQUEST: 'querystring/zone must NOT have more than 64 characters',
};

export const showReport: Operation = {
  operationId: 'showReport',
  summary: 'What happened, compared with the time before',
  description:
    'Incidents, time to acknowledge and to recover, what fails again, wakings and cost: in the last night and since a time. A browser gets a page.',
  tags,
  security: byToken,
  documented: { querystring: period },
  response: { 200: jsonOrPage('The report.', ReportSchema), ...pageRefusals({ 400: badPeriod }) },
};

export const downloadReport: Operation = {
  operationId: 'downloadReport',
  summary: 'The same as CSV',
  description: 'For spreadsheets. A cell that a spreadsheet would take for a formula is quoted.',
  tags,
  security: byToken,
  documented: { querystring: period },
  response: {
    200: {
      description: 'The report as CSV.',
      content: {
        'text/csv': { schema: Type.String({ description: 'RFC 4180, UTF-8.', examples: [reportCsv(exampleReport)] }) },
      },
    },
    ...pageRefusals({ 400: badPeriod }),
  },
};
