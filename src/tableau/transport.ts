import { create } from 'axios';
import type { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import type { Static, TSchema } from 'typebox';
import {
  codeOf,
  contested,
  isRefused,
  refusal,
  silence,
  tableauFailure,
  type Asked,
  type TableauAnswer,
} from './errors.js';
import { as, SignIn } from './schemas.js';
import { createSharedSession, type Session } from './session.js';
import { credentialsFor, variablesOf, type SignInBy } from './sign-in.js';
import { untilAborted } from './until.js';

export interface TableauConfig {
  /** Origin, `https://…`. */
  domain: string;
  /** The site's contentUrl; '' is the default site. */
  siteName: string;
  /** For example `3.21`. */
  apiVersion: string;
  /** How long a session lasts, minutes: 240 on Tableau Server and 120 on Tableau Cloud, unless configured otherwise. */
  sessionMinutes: number;
  signIn: SignInBy;
}

export interface Request {
  method?: 'get' | 'post' | 'put' | 'delete';
  /** Within the site, or from the root of the server where it begins with `/`. */
  path: string;
  params?: Record<string, string | number>;
  data?: object;
  /** Milliseconds, where it is not the usual. */
  timeout?: number;
}

export interface Transport {
  /** The luid of our site. */
  site: (signal: AbortSignal) => Promise<string>;
  /** What Tableau answers, whatever it is, after signing in again where the session was over. */
  answer: (asked: Asked, request: Request, signal: AbortSignal) => Promise<TableauAnswer>;
  /** An answer of this shape. Throws the problem of any other. */
  ask: <T extends TSchema>(asked: Asked, request: Request, schema: T, signal: AbortSignal) => Promise<Static<T>>;
  signOut: () => Promise<void>;
}

/** Codes of a session that has ended: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_errors.htm */
const sessionOver = new Set(['401000', '401002']);
/** How long a refused sign-in, or a call that a connected app lacks the scope for, is not tried again. Milliseconds. */
const refusedFor = { signIn: 30_000, scope: 5 * 60_000 };
/** Sign-ins for one request: more where other processes use our token too. */
const renewals = { pat: 4, jwt: 1, password: 1 };

/** Requests to one Tableau site in one session, which begins when first needed. `timeout` of one request in milliseconds. */
export function createTransport(config: TableauConfig, logger: BaseLogger, timeout: number): Transport {
  const { domain, apiVersion, siteName, signIn: by } = config;
  const http = create({
    baseURL: `${domain}/api/${apiVersion}/`,
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    responseType: 'text',
    transformResponse: [parsed],
    validateStatus: () => true,
    // A redirect to another host would take the credentials along.
    maxRedirects: 0,
    maxContentLength: 32 * 1024 * 1024,
  });
  const session = createSharedSession(signIn, {
    lifetime: config.sessionMinutes * 60_000,
    exclusive: by.kind === 'pat',
    standing: (error) => (isRefused(error) ? refusedFor.signIn : 0),
  });
  const withoutScope = new Map<Asked, number>();

  async function exchange(
    request: Omit<Request, 'path'> & { url: string; token?: string },
    signal?: AbortSignal,
  ): Promise<TableauAnswer> {
    const { method = 'get', url, params, data, token } = request;
    const longest = request.timeout ?? timeout;
    try {
      const { status, data: body } = await http.request<unknown>({
        method,
        url,
        ...(params && { params }),
        data: data ?? (method === 'post' ? '' : undefined),
        headers: token === undefined ? {} : { 'X-Tableau-Auth': token },
        signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(longest)]),
      });
      return { status, body };
    } catch (error) {
      throw tableauFailure(silence(error, longest / 1000));
    }
  }

  async function signIn(): Promise<Session> {
    const credentials = await credentialsFor(by, siteName, apiVersion);
    const got = await exchange({ method: 'post', url: 'auth/signin', data: { credentials } });
    const { token, site } = accept(got, SignIn, 'sign-in', variablesOf[by.kind]).credentials;
    logger.info('signed in to Tableau');
    return { token, siteId: site.id };
  }

  const late = (): ApplicationFailure => tableauFailure(silence({ code: 'ERR_CANCELED' }, timeout / 1000));
  const until = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> => untilAborted(signal, work, late);

  async function answer(asked: Asked, request: Request, signal: AbortSignal): Promise<TableauAnswer> {
    const { path } = request;
    const send = ({ token, siteId }: Session) =>
      exchange(
        {
          ...request,
          token,
          url: path.startsWith('/') ? domain + path : `sites/${encodeURIComponent(siteId)}/${path}`,
        },
        signal,
      );
    let used = await until(signal, session.current());
    let got = await send(used);
    for (let left = renewals[by.kind]; left > 0 && isOver(got) && !lacksScope(asked); left -= 1) {
      used = await until(signal, session.renewed(used));
      got = await send(used);
      // A fresh session that is refused as well: a connected app has no scope for this call.
      if (by.kind === 'jwt' && isOver(got)) withoutScope.set(asked, Date.now() + refusedFor.scope);
    }
    if (by.kind === 'pat' && isOver(got)) throw tableauFailure(contested);
    return got;
  }

  const isOver = (got: TableauAnswer): boolean => got.status === 401 && sessionOver.has(codeOf(got) ?? '401000');
  const lacksScope = (asked: Asked): boolean => (withoutScope.get(asked) ?? 0) > Date.now();

  return {
    answer,
    site: async (signal) => (await until(signal, session.current())).siteId,
    ask: async (asked, request, schema, signal) => accept(await answer(asked, request, signal), schema, asked),
    async signOut() {
      const ended = await session.end();
      if (ended === undefined) return;
      await exchange({ method: 'post', url: 'auth/signout', token: ended.token }).then(
        () => logger.info('signed out of Tableau'),
        () => logger.info('could not sign out of Tableau'),
      );
    },
  };
}

/** The body of an answer of this shape. Throws the problem of any other. */
export function accept<T extends TSchema>(
  answer: TableauAnswer,
  schema: T,
  asked: Asked,
  variables?: string,
): Static<T> {
  const body = answer.status >= 200 && answer.status < 300 ? as(schema, answer.body) : undefined;
  if (body === undefined) throw tableauFailure(refusal(answer, asked, variables));
  return body;
}

/** Tableau and what stands before it answer HTML now and then. */
function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
