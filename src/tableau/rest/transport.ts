import { create, type AxiosInstance } from 'axios';
import type { BaseLogger } from 'pino';
import type { Static, TSchema } from 'typebox';
import { minute, second } from '../../workflows/contract.js';
import {
  codeOf,
  isSignInRefused,
  refusal,
  sharedToken,
  TableauError,
  unanswered,
  type RequestedResource,
  type TableauAnswer,
} from './errors.js';
import { shown } from './reading.js';
import { as, Named, SignIn } from './schemas.js';
import { createSharedSession, type Session } from './session.js';
import { credentialsFor, variablesOf, type SignInBy } from './sign-in.js';
import { timeoutError, untilAborted } from './timeouts.js';

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
  /** Where it is not that of the transport. */
  timeoutMs?: number;
}

export interface Transport {
  /** The luid of our site. */
  site: (signal: AbortSignal) => Promise<string>;
  /** The luid of our user; undefined where Tableau does not tell. */
  ourUser: (signal: AbortSignal) => Promise<string | undefined>;
  /** Tableau's answer, also when it is an error. Signs in again where the session has ended. */
  send: (resource: RequestedResource, request: Request, signal: AbortSignal) => Promise<TableauAnswer>;
  /** The body of a successful answer. Throws a TableauError for any other answer, and for a body of another shape. */
  read: <T extends TSchema>(
    resource: RequestedResource,
    request: Request,
    schema: T,
    signal: AbortSignal,
  ) => Promise<Static<T>>;
  signOut: () => Promise<void>;
}

/** Codes of a session that has ended: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_errors.htm */
const sessionEndedCodes = new Set(['401000', '401002']);
/**
 * How long a refused sign-in is not repeated, twice as long after each in a row: Tableau may refuse one by mistake, as during an update,
 * but repeated wrong passwords lock the account.
 */
const signInPauseMs = {
  pat: { first: second, max: 30 * second },
  jwt: { first: second, max: 30 * second },
  password: { first: 5 * second, max: 5 * minute },
};
/** How long a request is not repeated for which a connected app lacks the scope. */
const scopeRefusalTtlMs = 5 * minute;
/** Sign-ins for one request: more where other processes may use the same token. */
const maxSignIns = { pat: 4, jwt: 1, password: 1 };
const maxAnswerBytes = 32 * 1024 * 1024;

/** Requests to one Tableau site in one session, which begins with the first request. Each request has `timeoutMs` milliseconds. */
export function createTransport(config: TableauConfig, logger: BaseLogger, timeoutMs: number): Transport {
  const { domain, signIn: by } = config;
  const { first, max } = signInPauseMs[by.kind];
  const exchange = createExchange(config, timeoutMs);
  const session = createSharedSession(() => signIn(config, exchange, logger), {
    lifetimeMs: config.sessionMinutes * minute,
    exclusive: by.kind === 'pat',
    failureTtlMs: (error, inARow) => (isSignInRefused(error) ? Math.min(first * 2 ** (inARow - 1), max) : 0),
  });
  const scopeMissingUntil = new Map<RequestedResource, number>();
  const lacksScope = (resource: RequestedResource): boolean => (scopeMissingUntil.get(resource) ?? 0) > Date.now();
  const until = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
    untilAborted(signal, work, () => timeoutError(timeoutMs));

  async function send(resource: RequestedResource, request: Request, signal: AbortSignal): Promise<TableauAnswer> {
    const { path } = request;
    const sendIn = ({ token, siteId }: Session) => {
      const url = path.startsWith('/') ? domain + path : `sites/${encodeURIComponent(siteId)}/${path}`;
      return exchange({ ...request, token, url }, signal);
    };
    let used = await until(signal, session.current());
    let answer = await sendIn(used);
    for (let left = maxSignIns[by.kind]; left > 0 && hasEnded(answer) && !lacksScope(resource); left -= 1) {
      used = await until(signal, session.renewed(used));
      answer = await sendIn(used);
      // Tableau refuses a new session too: a connected app has no scope for this request.
      if (by.kind === 'jwt' && hasEnded(answer)) scopeMissingUntil.set(resource, Date.now() + scopeRefusalTtlMs);
    }
    if (by.kind === 'pat' && hasEnded(answer)) throw new TableauError(sharedToken);
    return answer;
  }

  return {
    send,
    site: async (signal) => (await until(signal, session.current())).siteId,
    ourUser: async (signal) => (await until(signal, session.current())).userId,
    read: async (resource, request, schema, signal) => bodyOf(await send(resource, request, signal), schema, resource),
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

/** Signs out of each session once. Never throws. */
export async function signOutOf(transports: readonly Transport[]): Promise<void> {
  await Promise.all([...new Set(transports)].map((transport) => transport.signOut()));
}

const hasEnded = (answer: TableauAnswer): boolean =>
  answer.status === 401 && sessionEndedCodes.has(codeOf(answer) ?? '401000');

type Exchange = (
  request: Omit<Request, 'path'> & { url: string; token?: string },
  signal?: AbortSignal,
) => Promise<TableauAnswer>;

/** One HTTP request and its answer. Throws a TableauError when there is none in time. */
function createExchange(config: TableauConfig, defaultTimeoutMs: number): Exchange {
  const http = createHttp(config);
  return async ({ method = 'get', url, params, data, token, timeoutMs = defaultTimeoutMs }, signal) => {
    try {
      const { status, data: body } = await http.request<unknown>({
        method,
        url,
        ...(params && { params }),
        data: data ?? (method === 'post' ? '' : undefined),
        headers: token === undefined ? {} : { 'X-Tableau-Auth': token },
        signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(timeoutMs)]),
      });
      return { status, body };
    } catch (error) {
      throw new TableauError(unanswered(error, timeoutMs));
    }
  };
}

const createHttp = ({ domain, apiVersion }: TableauConfig): AxiosInstance =>
  create({
    baseURL: `${domain}/api/${apiVersion}/`,
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    responseType: 'text',
    transformResponse: [parsed],
    validateStatus: () => true,
    // A redirect to another host would send the credentials there.
    maxRedirects: 0,
    maxContentLength: maxAnswerBytes,
  });

async function signIn(config: TableauConfig, exchange: Exchange, logger: BaseLogger): Promise<Session> {
  const { signIn: by, siteName, apiVersion } = config;
  const credentials = await credentialsFor(by, siteName, apiVersion);
  const answer = await exchange({ method: 'post', url: 'auth/signin', data: { credentials } });
  const { token, site, user } = bodyOf(answer, SignIn, 'sign-in', variablesOf[by.kind]).credentials;
  logger.info('signed in to Tableau');
  return { token, siteId: site.id, userId: shown(as(Named, user)?.id) };
}

/** The body of a successful answer. Throws a TableauError for any other answer, and for a body of another shape. */
export function bodyOf<T extends TSchema>(
  answer: TableauAnswer,
  schema: T,
  resource: RequestedResource,
  variables?: string,
): Static<T> {
  const body = answer.status >= 200 && answer.status < 300 ? as(schema, answer.body) : undefined;
  if (body === undefined)
    throw new TableauError(refusal(answer, resource, variables), { atSignIn: resource === 'sign-in' });
  return body;
}

/** Undefined for what is not JSON: Tableau and proxies before it sometimes answer HTML. */
function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
