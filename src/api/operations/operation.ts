/** What the document at `/openapi.json` says of a route, besides what Fastify checks. */
import { Type, type TSchema } from 'typebox';
import { errorBody } from '../problem.js';
import { ref, type Component } from '../schemas/component.js';
import { ErrorBody } from '../schemas/errors.js';

/** What a request may have, where the route reads it by itself: the document has it, and Fastify checks nothing by it. */
export interface Documented {
  querystring?: TSchema;
  params?: TSchema;
  body?: TSchema;
  /** The content types of the body; absent: JSON. */
  consumes?: string[];
  /** A request without a body is read as one with an empty object. */
  hasOptionalBody?: boolean;
}

declare module 'fastify' {
  interface FastifySchema {
    documented?: Documented;
  }
}

interface Header {
  type: 'string' | 'integer';
  description: string;
}
interface Media {
  schema: object;
  examples?: Record<string, { value: unknown }>;
}
/** One answer of a route. Without content it has no body. */
interface Answer {
  description: string;
  headers?: Record<string, Header>;
  content?: Record<string, Media>;
  /** `null`: no body. */
  type?: 'null';
}
export type Answers = Record<string, Answer>;

export interface Operation {
  /** Unique; programs that are generated from the document name their functions by it. */
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security: Record<string, string[]>[];
  deprecated?: boolean;
  documented?: Documented;
  response: Answers;
}

export const tokenScheme = 'token';
export const byAnybody: Operation['security'] = [];
/** Whoever has the API token. */
export const byToken = [{ [tokenScheme]: [] }];

/** An answer with a body in JSON. */
export const json = (description: string, body: Component): Answer => ({
  description,
  content: { 'application/json': { schema: ref(body) } },
});

/** The same address gives a browser a page. */
export const jsonOrPage = (description: string, body: Component): Answer => ({
  description,
  content: {
    'application/json': { schema: ref(body) },
    'text/html': { schema: Type.String({ description: 'The same as a page, for browsers.' }) },
  },
});

export const noBody = (description: string): Answer => ({ type: 'null', description });

/** The answers of a route that sends what clients keep (`sendUnlessKept`). */
export const keptByClient = (answer: Answer): Answers => ({
  200: {
    ...answer,
    headers: { etag: { type: 'string', description: 'To be sent as `If-None-Match` the next time.' } },
  },
  304: noBody('It is the same as when the client got the `ETag` that it sends as `If-None-Match`.'),
});

const retryAfter: Answer['headers'] = {
  'retry-after': { type: 'integer', description: 'In how many seconds to try again.' },
};

const meanings: Readonly<Record<number, Answer>> = {
  400: { description: 'Something of the request is wrong.' },
  401: { description: 'The credential is missing or wrong.' },
  403: { description: 'The request is not allowed.' },
  404: { description: 'There is no such thing.' },
  409: { description: 'It cannot be done any more, or not now.' },
  413: { description: 'The body is too large.' },
  415: { description: 'The content type or content encoding of the body is not known here.' },
  429: { description: 'Too many requests came from one address.', headers: retryAfter },
  431: { description: 'Address and headers have more than 16 KiB.' },
  503: { description: 'It cannot be answered now.', headers: retryAfter },
};

/** Status → code → an example of its message. */
type Refusals = Readonly<Record<number, Readonly<Record<string, string>>>>;

/** The answers of a route that refuses, in the one shape of all errors. */
export function refusals(codes: Refusals): Answers {
  const entries = Object.entries(codes).map(([text, messages]): [string, Answer] => {
    const status = Number(text);
    const examples = Object.fromEntries(
      Object.entries(messages).map(([code, message]) => [code, { value: errorBody(status, code, message) }]),
    );
    const content = { 'application/json': { schema: ref(ErrorBody), examples } };
    return [text, { ...meanings[status], description: meanings[status]?.description ?? 'It is refused.', content }];
  });
  return Object.fromEntries(entries);
}

export const tooMany = { TOO_MANY_REQUESTS: 'Too many requests. Try again in 7 s.' };
export const tooMuch = { UNDER_PRESSURE: 'There is too much to do now. Try again soon.' };
export const unavailable = { TEMPORAL_UNAVAILABLE: 'Temporal does not answer. Try again soon.' };

/** Of every route that needs the API token; `more` are those of the route. */
export const tokenRefusals = (more: Refusals = {}): Answers =>
  refusals({
    401: { BAD_TOKEN: 'Send the API token: Authorization: Bearer <API_TOKEN>.' },
    403: { NOT_ALLOWED: 'Only a responder may do this.' },
    429: tooMany,
    431: { REQUEST_HEADER_FIELDS_TOO_LARGE: 'The request cannot be read.' },
    503: { ...unavailable, ...tooMuch },
    ...more,
    400: { ...more[400], BAD_ADDRESS: 'The address cannot be read.' },
  });

/** Of routes that give a browser a page: without a session it is sent to sign in. */
export const pageRefusals = (more: Refusals = {}): Answers => ({
  303: noBody('A browser that is not signed in is sent to the page that signs in.'),
  ...tokenRefusals(more),
});

/** Of routes that read a JSON body. */
export const bodyRefusals = {
  413: { PAYLOAD_TOO_LARGE: 'Request body is too large' },
  415: { UNSUPPORTED_MEDIA_TYPE: 'Unsupported Media Type' },
} as const;
export const badBody = {
  BAD_JSON: 'The body is not UTF-8.',
  BAD_REQUEST: 'body must be object',
} as const;
