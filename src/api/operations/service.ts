import { Type } from 'typebox';
import type { Component } from '../schemas/component.js';
import { HealthSchema } from '../schemas/health.js';
import { AliveSchema, HomeSchema, ReadySchema } from '../schemas/service.js';
import {
  byAnybody,
  byToken,
  json,
  jsonOrPage,
  keptByClient,
  pageRefusals,
  refusals,
  tooMany,
  tooMuch,
  type Operation,
} from './operation.js';

const tags = ['service'];

export const showHome: Operation = {
  operationId: 'showHome',
  summary: 'What this is, and what is wrong',
  description:
    'The alarms of this service, for everybody who knows the address: codes and counts, never a name. Without `Accept: application/json` it is a page.',
  tags,
  security: byAnybody,
  response: {
    200: jsonOrPage('The alarms.', HomeSchema),
    ...refusals({ 429: tooMany, 503: tooMuch }),
  },
};

/** A check of the process, for programs that look at its status alone. */
const healthCheck = (
  body: Component,
  about: Pick<Operation, 'operationId' | 'summary' | 'description'>,
): Operation => ({
  ...about,
  tags,
  security: byAnybody,
  response: { 200: json('It is.', body), 503: json('It is not; the body says why.', body) },
});

export const isAlive = healthCheck(AliveSchema, {
  operationId: 'isAlive',
  summary: 'Whether the process is alive',
  description: 'For what restarts it. Its workers are included where it has some.',
});

export const isReady = healthCheck(ReadySchema, {
  operationId: 'isReady',
  summary: 'Whether the process is ready',
  description: 'For load balancers and monitors: Temporal is reachable, and its workers have begun where it has some.',
});

export const showHealth: Operation = {
  operationId: 'showHealth',
  summary: 'How the service is, and what to do',
  description: 'Alarms with what to do and whom they concern, and how each contact is reached. A browser gets a page.',
  tags,
  security: byToken,
  // What else the page reads of its address is for the page.
  documented: { querystring: Type.Object({}) },
  response: { 200: jsonOrPage('How it is.', HealthSchema), ...pageRefusals() },
};

export const showDocument: Operation = {
  operationId: 'showDocument',
  summary: 'This document',
  description: 'OpenAPI 3.1. `/docs` shows it as a page.',
  tags,
  security: byAnybody,
  response: {
    ...keptByClient({
      description: 'The document.',
      content: {
        'application/json': {
          schema: Type.Object(
            { openapi: Type.String({ description: 'The version of OpenAPI.' }) },
            {
              additionalProperties: true,
              description: 'https://spec.openapis.org/oas/v3.1.1.html',
              examples: [{ openapi: '3.1.0', info: { title: 'Tableau Webhooks', version: '0.1.0' }, paths: {} }],
            },
          ),
        },
      },
    }),
    ...refusals({ 429: tooMany, 503: tooMuch }),
  },
};
