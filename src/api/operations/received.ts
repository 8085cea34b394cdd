/** What Tableau and Twilio post. */
import { Type } from 'typebox';
import { callMenu, emptyResponse } from '../../twilio/twiml.js';
import { ref, type Component } from '../schemas/component.js';
import {
  AcceptedSchema,
  CallFormSchema,
  EventSchema,
  MessageFormSchema,
  StatusFormSchema,
  TestSchema,
} from '../schemas/received.js';
import { byAnybody, json, noBody, refusals, tooMany, unavailable, type Answers, type Operation } from './operation.js';

const notifierAnswers: Answers = {
  200: json('Temporal has it, or it asks for nothing.', AcceptedSchema),
  ...refusals({
    400: {
      BAD_EVENT: 'event_type is missing.',
      BAD_JSON: 'The body is not valid JSON.',
      BAD_ADDRESS: 'The address cannot be read.',
    },
    401: { BAD_SECRET: 'The address does not hold a current webhook secret.' },
    413: { PAYLOAD_TOO_LARGE: 'The body has more than 65536 bytes when it is inflated.' },
    415: { UNSUPPORTED_MEDIA_TYPE: 'Content-Encoding must be gzip, deflate or identity.' },
    429: tooMany,
    503: unavailable,
  }),
};
const body = {
  body: Type.Union([ref(EventSchema), ref(TestSchema)]),
  hasOptionalBody: true,
};
const secret = Type.String({ minLength: 1, description: 'A current webhook secret.', examples: ['3q2-7w8xKd0fZcVb'] });

export const receiveEvent: Operation = {
  operationId: 'receiveEvent',
  summary: 'A webhook of Tableau',
  description:
    'A refresh failed, worked, or something else happened. 200 means that Temporal has it. The body is read as JSON whatever its content type is; an empty one is the test of a webhook. To repeat it changes nothing: what has the same `event_type` and `created_at` for an item is a copy.',
  tags: ['received'],
  // The secret is in the address.
  security: byAnybody,
  documented: { ...body, params: Type.Object({ secret }) },
  response: notifierAnswers,
};

export const receiveEventBySecretInQuery: Operation = {
  ...receiveEvent,
  operationId: 'receiveEventBySecretInQuery',
  summary: 'A webhook of Tableau, with the secret in the query',
  description:
    'As `POST /notifier/{secret}`, and so is what to repeat it does. Proxies write queries to their logs: put the secret into the path.',
  deprecated: true,
  documented: { ...body, querystring: Type.Object({ secret }) },
};

const form = (schema: Component) => ({ body: ref(schema), consumes: ['application/x-www-form-urlencoded'] });
const signed = (copy: string): string =>
  `Twilio signs the request in the header \`X-Twilio-Signature\`. To repeat it changes nothing: ${copy}`;
const twiml = (description: string, example: string) => ({
  description,
  content: {
    'text/xml': {
      schema: Type.String({
        description: 'TwiML: https://www.twilio.com/docs/glossary/what-is-twilio-markup-language-twiml',
        examples: [example],
      }),
    },
  },
});
const exampleMenu = callMenu({
  text: 'A Tableau refresh failed.',
  action: 'https://webhooks.example.com/twilio/call?contact=ana&attempt=9d1f0c52-3b7e-4a41-8a53-5a0f6f7f0c11',
  times: 1,
});
const twilioRefusals = refusals({
  400: { BAD_REQUEST: 'The request cannot be read.' },
  403: { BAD_SIGNATURE: 'The request is not signed by Twilio for this address.' },
  413: { PAYLOAD_TOO_LARGE: 'Request body is too large' },
  429: tooMany,
});
const ofAttempt = {
  contact: Type.Optional(Type.String({ description: 'The contact key of whom it was sent to.' })),
  attempt: Type.Optional(Type.String({ description: 'Our id of the message or call.' })),
};
const twilioOperation = { tags: ['received'], security: [{ twilioSignature: [] }] };

export const receiveMessage: Operation = {
  ...twilioOperation,
  operationId: 'receiveMessage',
  summary: 'A text or WhatsApp message from a contact',
  description: signed('what has the same `MessageSid` is a copy.'),
  documented: form(MessageFormSchema),
  response: { 200: twiml('Nothing to say, or that it was not recorded.', emptyResponse()), ...twilioRefusals },
};

export const receiveCall: Operation = {
  ...twilioOperation,
  operationId: 'receiveCall',
  summary: 'A call that was answered, or a key in it',
  description: signed('the same `Digits` in a call with the same `CallSid` are a copy.'),
  documented: {
    ...form(CallFormSchema),
    querystring: Type.Object({
      ...ofAttempt,
      reply: Type.Optional(
        Type.String({ description: 'The reply of which the caller waits to hear what became of it.' }),
      ),
      round: Type.Optional(Type.String({ description: 'How often that was asked for.' })),
    }),
  },
  response: { 200: twiml('What to say, and a menu.', exampleMenu), ...twilioRefusals },
};

export const receiveStatus: Operation = {
  ...twilioOperation,
  operationId: 'receiveStatus',
  summary: 'A delivery receipt, or the status of a call',
  description: signed('a status never goes back.'),
  documented: { ...form(StatusFormSchema), querystring: Type.Object(ofAttempt) },
  response: { 204: noBody('It is recorded.'), ...twilioRefusals, ...refusals({ 503: unavailable }) },
};
