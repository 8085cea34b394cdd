import { Type } from 'typebox';
import { durationPattern } from '../../policy/duration.js';
import { defaultSince } from '../../policy/freshness/episode-report.js';
import { word } from '../schemas/component.js';
import { FreshnessReportSchema, FreshnessSchema } from '../schemas/freshness.js';
import { byToken, json, jsonOrPage, pageRefusals, tokenRefusals, type Operation } from './operation.js';

const tags = ['freshness'];
const badQuery = {
  BAD_REQUEST: 'querystring/state must be equal to one of the allowed values',
  BAD_LIMIT: 'limit must be a whole number from 1 to 20000.',
};

export const showFreshness: Operation = {
  operationId: 'showFreshness',
  summary: 'Which data is late',
  description: 'Every item of which data is promised, with its last data, what is expected, and why it is late.',
  tags,
  security: byToken,
  documented: {
    querystring: Type.Object({
      state: Type.Optional(word(['late', 'all'], { default: 'all', description: 'Only what is late, or all.' })),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 20_000,
          default: 1_000,
          description: 'At most so many items of each site.',
          examples: [50],
        }),
      ),
    }),
  },
  response: { 200: jsonOrPage('By site of Tableau.', FreshnessSchema), ...pageRefusals({ 400: badQuery }) },
};

/** How far back: `since`. */
export const sinceQuery = Type.Object({
  since: Type.Optional(
    Type.String({
      pattern: durationPattern,
      maxLength: 20,
      default: defaultSince,
      description: 'From so long ago on.',
      examples: ['7d'],
    }),
  ),
});

export const reportFreshness: Operation = {
  operationId: 'reportFreshness',
  summary: 'How often data was late',
  description: 'For each promise, in at most the last 35 days.',
  tags,
  security: byToken,
  response: {
    200: json('By site of Tableau.', FreshnessReportSchema),
    ...tokenRefusals({ 400: { BAD_REQUEST: `querystring/since must match pattern "${durationPattern}"` } }),
  },
};
