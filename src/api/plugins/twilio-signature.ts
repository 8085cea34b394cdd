import { parse, type ParsedUrlQuery } from 'node:querystring';
import fp from 'fastify-plugin';
import type { FastifyRequest } from 'fastify';
import twilio from 'twilio';
import type { PublicAddress } from '../public-address.js';
import { forbidden, sendError } from './errors.js';

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

const formType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

interface Options {
  address: PublicAddress;
  authTokens: readonly string[];
}

/**
 * Every door of the scope lets in only what Twilio signed with one of the auth tokens for our public address; whatever is
 * wrong is 403, before anything else is looked at. https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export const twilioSignature = fp<Options>(
  async (scope, { address, authTokens }) => {
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
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

    scope.addHook('onRequest', async (request) => {
      if (request.headers['x-twilio-signature'] === undefined) throw forbidden();
    });
    scope.addHook('preValidation', async (request) => {
      if (!formType.test(request.headers['content-type'] ?? '') || typeof request.body !== 'string') throw forbidden();
      const form = parse(request.body, '&', '=', { maxKeys: 0 });
      if (!isSigned(request, form)) throw forbidden();
      request.signedByTwilio = true;
      request.body = form;
    });
    scope.setErrorHandler((error, request, reply) =>
      sendError(request.signedByTwilio ? error : forbidden(), request, reply),
    );
  },
  { name: 'twilio-signature', dependencies: ['errors'] },
);
