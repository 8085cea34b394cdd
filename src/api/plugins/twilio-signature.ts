import { parse, type ParsedUrlQuery } from 'node:querystring';
import fp from 'fastify-plugin';
import type { FastifyRequest } from 'fastify';
import twilio from 'twilio';
import type { PublicAddress } from '../public-address.js';
import { maxBodyBytes, textOf } from '../request-body.js';
import { sendError } from './errors.js';
import { forbidden } from '../problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    signedByTwilio: boolean;
  }
}

/** The fields of a request by Twilio as they came: nothing trimmed, nothing dropped. */
export type TwilioForm = ParsedUrlQuery;

/** The value of a field, the first one where Twilio sent several; undefined when it is missing or empty. */
export function fieldOf(form: TwilioForm, name: string): string | undefined {
  const value = form[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === '' ? undefined : first;
}

const messageSid = /^(?:SM|MM)[0-9a-f]{32}$/;
const sidForms = {
  MessageSid: messageSid,
  SmsSid: messageSid,
  SmsMessageSid: messageSid,
  OriginalRepliedMessageSid: messageSid,
  CallSid: /^CA[0-9a-f]{32}$/,
};

/**
 * The first field that Twilio does not send like this; undefined when there is none. Twilio signs names and values without anything
 * between them: who has intercepted a request can move the next name and value to the end of an id, and the signature is still valid.
 */
function oddFieldOf(form: TwilioForm, accountSid: string): string | undefined {
  if (form['AccountSid'] !== accountSid) return 'AccountSid';
  const odd = Object.entries(sidForms).find(([name, sid]) =>
    [form[name] ?? []].flat().some((value) => value !== '' && !sid.test(value)),
  );
  return odd?.[0];
}

/** The id by which a copy of the request is recognised. A request without one is not as Twilio made it: 403. */
export function sidOf(form: TwilioForm, ...names: (keyof typeof sidForms)[]): string {
  const sid = names.map((name) => fieldOf(form, name)).find((value) => value !== undefined);
  if (sid === undefined) throw forbidden();
  return sid;
}

/** The base64 of an HMAC-SHA1. */
const signatureForm = /^[A-Za-z0-9+/]{27}=$/;
/** Twilio sends some dozens. Before the signature is checked, each field is sorted more than once. */
const maxFields = 300;

const formType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const isForm = ({ headers }: FastifyRequest): boolean => formType.test(headers['content-type'] ?? '');

function formIn(body: unknown): TwilioForm | null {
  if (typeof body !== 'string' || body.split('&', maxFields + 1).length > maxFields) return null;
  return parse(body, '&', '=', { maxKeys: 0 });
}

interface Options {
  address: PublicAddress;
  /** Ours: a request of another account is not for us, whoever signed it. */
  accountSid: string;
  authTokens: readonly string[];
}

/**
 * Every route of the scope accepts only what Twilio signed with one of the auth tokens for our public address; whatever is
 * wrong is 403, before anything else is looked at. https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export const twilioSignature = fp<Options>(
  async (scope, { address, accountSid, authTokens }) => {
    function isSigned(request: FastifyRequest, form: TwilioForm): boolean {
      const signature = request.headers['x-twilio-signature'];
      if (typeof signature !== 'string') return false;
      return address.signed(request.originalUrl).some((url) =>
        authTokens.some((token) => {
          try {
            return twilio.validateRequest(token, signature, url, form);
          } catch {
            return false;
          }
        }),
      );
    }

    scope.decorateRequest('signedByTwilio', false);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<Buffer>('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) =>
      done(null, textOf(body)),
    );

    scope.addHook('onRequest', async (request) => {
      // A body that cannot be from Twilio is not read.
      const signature = request.headers['x-twilio-signature'];
      if (typeof signature !== 'string' || !signatureForm.test(signature) || !isForm(request)) throw forbidden();
    });
    scope.addHook('preValidation', async (request) => {
      const form = formIn(request.body);
      if (form === null || !isSigned(request, form)) throw forbidden();
      const field = oddFieldOf(form, accountSid);
      if (field !== undefined) {
        request.log.warn(
          { field },
          'a signed request is not as Twilio makes it: of another account, or a changed copy',
        );
        throw forbidden();
      }
      request.signedByTwilio = true;
      request.body = form;
    });
    scope.setErrorHandler(async (error, request, reply) => {
      const shown = request.signedByTwilio ? error : await scope.limits.refusing('twilio', request, forbidden());
      return sendError(shown, request, reply);
    });
  },
  { name: 'twilio-signature', dependencies: ['errors', 'limits'] },
);
