import swagger from '@fastify/swagger';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import fp from 'fastify-plugin';
import { tokenScheme } from '../operations/operation.js';
import { components } from '../schemas/components.js';

interface Options {
  /** Where the world sees us, with the path prefix and without a trailing slash. */
  base: string;
  version: string;
}

const description = `Pages people when a Tableau refresh fails. Times are ISO 8601, UTC. Every refusal is JSON with \`statusCode\`, \`code\`, \`error\` and \`message\`: compare \`code\`, show \`message\`.

Answers may get more fields with a new version; ignore those that you do not know.`;

const tags = [
  { name: 'incidents', description: 'What failed, who has it, and answers for it.' },
  { name: 'on call', description: 'Who is on call, and overrides of schedules.' },
  { name: 'silences', description: 'What nobody is paged for.' },
  { name: 'freshness', description: 'Which data is late, and how often it was.' },
  { name: 'history', description: 'What was sent, and reports over weeks.' },
  { name: 'service', description: 'This service itself.' },
  { name: 'received', description: 'What Tableau and Twilio post to us.' },
];

const securitySchemes = {
  [tokenScheme]: {
    type: 'http',
    scheme: 'bearer',
    description: 'The value of API_TOKEN. A browser that is signed in may read without it.',
  },
  twilioSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Twilio-Signature',
    description: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
  },
} as const;

/** `documented` in the place of what Fastify checks. A route that has no operation is for browsers alone, and not in the document. */
const transform: NonNullable<FastifyDynamicSwaggerOptions['transform']> = ({ schema, url }) => {
  if (schema?.operationId === undefined) return { schema: { hide: true }, url };
  const { documented: { hasOptionalBody, ...documented } = {}, ...rest } = schema;
  return { schema: { ...rest, ...documented, ...(hasOptionalBody && { 'x-optional-body': true }) }, url };
};

const transformObject: NonNullable<FastifyDynamicSwaggerOptions['transformObject']> = (given) => {
  if (!('openapiObject' in given)) return given.swaggerObject;
  for (const path of Object.values(given.openapiObject.paths ?? {})) {
    for (const operation of Object.values(path ?? {})) makeOptional(operation);
  }
  return given.openapiObject;
};

/** The plugin writes that every body is required. */
function makeOptional(operation: unknown): void {
  if (typeof operation !== 'object' || operation === null || !('x-optional-body' in operation)) return;
  delete operation['x-optional-body'];
  if ('requestBody' in operation && typeof operation.requestBody === 'object')
    operation.requestBody = { ...operation.requestBody, required: false };
}

/**
 * Collects what routes say of themselves (`operations/`) for `app.swagger()`, the OpenAPI document. Registered before the routes.
 * Answers are written by `JSON.stringify`, whatever their schemas are: docs/decisions, 42.
 */
export const openapi = fp<Options>(
  async (app, { base, version }) => {
    app.setSerializerCompiler(() => (body) => JSON.stringify(body));
    for (const schema of components) app.addSchema(schema);
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: { title: 'Tableau Webhooks', version, description, license: { name: 'MIT', identifier: 'MIT' } },
        servers: [{ url: base }],
        tags,
        components: { securitySchemes },
      },
      stripBasePath: false,
      convertConstToEnum: false,
      transform,
      transformObject,
      refResolver: {
        buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === 'string' ? $id : `schema-${index}`),
      },
    });
  },
  { name: 'openapi' },
);
