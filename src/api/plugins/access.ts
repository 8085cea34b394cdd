import cookie, { type CookieSerializeOptions } from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import fp from 'fastify-plugin';
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import type { PeopleSignIn } from '../../config/people-sign-in.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { sessionMs } from '../../workflows/sessions-contract.js';
import { createEndedSessions } from '../sign-in/ended-sessions.js';
import { wantsHtml } from '../pages/wanted.js';
import { mayAct, personOf, type AccessLevel, type Person } from '../sign-in/person.js';
import type { PublicAddress } from '../public-address.js';
import { isOneOf } from '../secrets.js';
import { derivedKey } from '../../links/derived-key.js';
import { createSessions, personIdOf, type PersonId, type Session, type SignedIn } from '../sign-in/sessions.js';
import { isTemporalUnavailable } from '../temporal-errors.js';
import { problem } from '../problem.js';

interface Options {
  apiToken: string;
  /** Who may sign in by an identity provider; absent: nobody, and such sessions of before count no more. */
  signIn?: PeopleSignIn | undefined;
  escalation: EscalationSource;
  /** `https:` makes cookies `Secure`. */
  address: PublicAddress;
  clock: () => number;
}

export interface Access {
  /** Who somebody is by what is in force now; null: nobody who may do anything. */
  personOf: (signedIn: SignedIn) => Omit<Person, 'session'> | null;
  /** Begins a session in the browser of the request. */
  beginSession: (reply: FastifyReply, signedIn: SignedIn) => Promise<void>;
  /** Ends that of the request for good, wherever its cookie is. Throws a Problem that says who is still signed in while Temporal is unavailable. */
  endSession: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Ends all that somebody has begun until now. Throws `temporalUnavailable`. */
  endSessionsOf: (people: readonly PersonId[]) => Promise<void>;
  /** The name and the flags of a cookie that only we may set and read, without a lifetime. */
  cookie: (name: string) => { name: string; options: CookieSerializeOptions };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in; null: nobody, on routes that do not require it. */
    person: Person | null;
  }
  interface FastifyInstance {
    access: Access;
    /** A hook for the route of a form: its hidden field `_csrf` must be of a page that the same browser got, else 403. */
    checksForm: preHandlerHookHandler;
    /** A hook for a route: whoever may not do it gets 403, whoever is not signed in 401 or, in a browser, the page that signs in. */
    requires: (least: AccessLevel) => (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
    /** A hook for a route that everybody may see: it notes who is signed in, and nobody where that cannot be known now. */
    recognizes: (request: FastifyRequest) => Promise<void>;
  }
}

const badToken = () =>
  problem(401, 'BAD_TOKEN', 'Send the API token: Authorization: Bearer <API_TOKEN>.', {
    headers: { 'www-authenticate': 'Bearer realm="Tableau Webhooks"' },
  });
const notAllowed = (least: AccessLevel) =>
  problem(403, 'NOT_ALLOWED', `Only ${least === 'admin' ? 'an admin' : `a ${least}`} may do this.`);
const stillSignedIn = (name: string, cause: unknown) =>
  problem(
    503,
    'TEMPORAL_UNAVAILABLE',
    `Temporal does not answer, so that the session goes on: ${name} is still signed in in this browser. Go back, and sign out again soon.`,
    { headers: { 'retry-after': '5' }, cause },
  );
/** A browser sends the cookie along with what other sites make it send; so writes count by session as forms alone, whose routes check a token of the form. */
const isReadOrForm = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' ||
  method === 'HEAD' ||
  /^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? '');

/**
 * Flags of cookies. By their names browsers take them from https alone, and for this path and host alone where we have no path prefix:
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
function cookiesFor({ base, prefix }: PublicAddress): Access['cookie'] {
  const secure = base.startsWith('https:');
  const namePrefix = !secure ? '' : prefix === '' ? '__Host-' : '__Secure-';
  const options = { httpOnly: true, sameSite: 'lax', secure, path: prefix === '' ? '/' : prefix } as const;
  return (name) => ({ name: `${namePrefix}${name}`, options });
}

/** Cookies, sessions and forms: who sends a request, and whether they may. */
export const access = fp<Options>(
  async (app, { apiToken, signIn, escalation, address, clock }) => {
    const { prefix } = address;
    const cookieOf = cookiesFor(address);
    const ofSession = cookieOf('session');
    const ofForm = cookieOf('form');
    await app.register(cookie);
    await app.register(csrf, {
      cookieKey: ofForm.name,
      cookieOpts: { ...ofForm.options, sameSite: 'strict' },
      csrfOpts: { hmacKey: Buffer.from(derivedKey(apiToken, 'forms')).toString('hex') },
      logLevel: 'debug',
    });
    const sessions = createSessions(apiToken, clock);
    const ended = createEndedSessions(app.temporal, clock);
    const whoIs = (signedIn: SignedIn) => personOf(signedIn, { escalation: escalation.current(), signIn });

    async function sessionOf(request: FastifyRequest): Promise<Session | null> {
      const token = isReadOrForm(request) ? request.cookies[ofSession.name] : undefined;
      return token === undefined ? null : sessions.read(token);
    }

    async function read(request: FastifyRequest): Promise<Person | null> {
      const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (bearer !== undefined) {
        const byToken = isOneOf(bearer, [apiToken]) ? whoIs({ via: 'token', name: 'api' }) : null;
        return byToken && { ...byToken, session: null };
      }
      const session = await sessionOf(request);
      const person = session && whoIs(session);
      if (!session || !person) return null;
      const about = { id: session.jti, person: sessions.hashOf(personIdOf(session)), begunAt: session.iat * 1_000 };
      return (await ended.has(about)) ? null : { ...person, session: session.jti };
    }

    app.decorate('access', {
      personOf: whoIs,
      cookie: cookieOf,
      async beginSession(reply, signedIn) {
        const options = { ...ofSession.options, maxAge: sessionMs / 1_000 };
        void reply.setCookie(ofSession.name, await sessions.begin(signedIn), options);
      },
      async endSession(request, reply) {
        const session = await sessionOf(request);
        if (session)
          await ended.end({ what: 'session', id: session.jti, until: session.exp * 1_000 }).catch((error: unknown) => {
            throw isTemporalUnavailable(error) ? stillSignedIn(whoIs(session)?.name ?? session.name, error) : error;
          });
        void reply.clearCookie(ofSession.name, ofSession.options);
      },
      async endSessionsOf(people) {
        for (const person of people)
          await ended.end({ what: 'person', person: sessions.hashOf(person), before: clock() });
      },
    });
    app.decorateRequest('person', null);
    app.decorate('checksForm', (request, reply, done) => app.csrfProtection(request, reply, done));
    app.decorate('recognizes', async (request) => {
      request.person = await read(request).catch((err: unknown) => {
        request.log.warn({ err }, 'nobody knows whether a session was ended: its page is that of strangers');
        return null;
      });
    });
    app.decorate('requires', (least: AccessLevel) => async (request: FastifyRequest, reply: FastifyReply) => {
      request.person = await read(request);
      if (request.person === null) {
        if (request.method === 'GET' && wantsHtml(request)) {
          const to = request.url;
          void reply.header('cache-control', 'no-store');
          await reply.redirect(`${prefix}/sign-in?${new URLSearchParams({ to }).toString()}`, 303);
          return;
        }
        throw await app.limits.refusing('incidents', request, badToken());
      }
      if (!mayAct(request.person, least)) throw notAllowed(least);
    });
  },
  { name: 'access', dependencies: ['errors', 'limits', 'temporal'] },
);
