import cookie, { type CookieSerializeOptions } from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import fp from 'fastify-plugin';
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { wantsHtml } from '../pages/wanted.js';
import { mayAct, type AccessLevel, type Person } from '../person.js';
import { isOneOf } from '../secrets.js';
import { derivedKey } from '../../links/derived-key.js';
import { createSessions, sessionMs, type Session, type Sessions } from '../sessions.js';
import { problem } from './errors.js';

interface Options {
  apiToken: string;
  /** `https:` makes cookies `Secure`. */
  publicUrl: string;
  /** The path prefix of `publicUrl`. */
  prefix: string;
  clock: () => number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in; null: nobody, on routes that do not require it. */
    person: Person | null;
  }
  interface FastifyInstance {
    sessions: Sessions;
    /** A hook for the route of a form: its hidden field `_csrf` must be of a page that the same browser got, else 403. */
    checksForm: preHandlerHookHandler;
    sessionCookie: { name: string; options: CookieSerializeOptions };
    /** A hook for a route: whoever may not do it gets 403, whoever is not signed in 401 or, in a browser, the page that signs in. */
    requires: (least: AccessLevel) => (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  }
}

const badToken = () =>
  problem(401, 'BAD_TOKEN', 'Send the API token: Authorization: Bearer <API_TOKEN>.', {
    headers: { 'www-authenticate': 'Bearer realm="Tableau Webhooks"' },
  });
const notAllowed = (least: AccessLevel) => problem(403, 'NOT_ALLOWED', `Only a ${least} may do this.`);

/** A browser sends the cookie along with what other sites make it send; so writes count by session as forms alone, whose routes check a token of the form. */
const isReadOrForm = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' ||
  method === 'HEAD' ||
  /^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? '');

/** The person of a session by what is in force now; null where the session does not count any more. */
function personOf(session: Session): Person {
  return { name: session.name, contact: null, access: 'admin', zone: 'UTC', session: session.jti };
}

/** Cookies, sessions and forms: who sends a request, and whether they may. */
export const access = fp<Options>(
  async (app, { apiToken, publicUrl, prefix, clock }) => {
    const secure = publicUrl.startsWith('https:');
    const options = { httpOnly: true, sameSite: 'lax', secure, path: prefix === '' ? '/' : prefix } as const;
    await app.register(cookie);
    await app.register(csrf, {
      cookieKey: 'form',
      cookieOpts: { ...options, sameSite: 'strict' },
      csrfOpts: { hmacKey: Buffer.from(derivedKey(apiToken, 'forms')).toString('hex') },
    });
    app.decorate('checksForm', (request, reply, done) => app.csrfProtection(request, reply, done));
    const sessions = createSessions(apiToken, clock);
    app.decorate('sessions', sessions);
    app.decorate('sessionCookie', { name: 'session', options: { ...options, maxAge: sessionMs / 1_000 } });
    app.decorateRequest('person', null);

    async function read(request: FastifyRequest): Promise<Person | null> {
      const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (bearer !== undefined)
        return isOneOf(bearer, [apiToken])
          ? { name: 'api', contact: null, access: 'admin', zone: 'UTC', session: null }
          : null;
      const token = isReadOrForm(request) ? request.cookies[app.sessionCookie.name] : undefined;
      const session = token === undefined ? null : await sessions.read(token);
      return session && personOf(session);
    }

    app.decorate('requires', (least: AccessLevel) => async (request: FastifyRequest, reply: FastifyReply) => {
      request.person = await read(request);
      if (request.person === null) {
        if (request.method === 'GET' && wantsHtml(request)) {
          const to = request.url;
          await reply.redirect(`${prefix}/sign-in?${new URLSearchParams({ to }).toString()}`, 303);
          return;
        }
        throw await app.limits.refusing('incidents', request, badToken());
      }
      if (!mayAct(request.person, least)) throw notAllowed(least);
    });
  },
  { name: 'access', dependencies: ['errors', 'limits'] },
);
