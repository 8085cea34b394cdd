import { create } from 'axios';
import type { BaseLogger } from 'pino';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { codeOf, refusal, silence, tableauFailure, type Asked, type TableauAnswer } from './errors.js';
import { DatasourceAnswer, SignIn, UserAnswer, WorkbookAnswer, type Content, type User } from './schemas.js';
import { createSharedSession, type Session } from './session.js';

export interface TableauConfig {
  /** Origin, `https://…`. */
  domain: string;
  /** The site's contentUrl; '' is the default site. */
  siteName: string;
  /** For example `3.21`. */
  apiVersion: string;
  /** How long a session lasts, minutes: 240 on Tableau Server and 120 on Tableau Cloud, unless configured otherwise. */
  sessionMinutes: number;
  pat: { name: string; secret: string };
}

/**
 * Reads from one site of Tableau. Every method ends when `signal` does, and throws an ApplicationFailure: of type
 * `tableau-unavailable` where a later try may succeed, else `tableau-refused`, nonRetryable.
 */
export interface TableauClient {
  workbook(luid: string, signal: AbortSignal): Promise<Content>;
  datasource(luid: string, signal: AbortSignal): Promise<Content>;
  user(luid: string, signal: AbortSignal): Promise<User>;
  /** Ends the session, for shutdown. Never throws. */
  signOut(): Promise<void>;
}

/** Codes of a session that has ended: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_errors.htm */
const sessionOver = new Set(['401000', '401002']);

/**
 * A client of Tableau's REST API that signs in when first asked, with one session for all.
 * `timeout` of one request in milliseconds. https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
 */
export function createTableauClient(
  config: TableauConfig,
  { logger, timeout = 5_000 }: { logger: BaseLogger; timeout?: number },
): TableauClient {
  const http = create({
    baseURL: `${config.domain}/api/${config.apiVersion}/`,
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    responseType: 'text',
    transformResponse: [parsed],
    validateStatus: () => true,
    // A redirect to another host would take the credentials along.
    maxRedirects: 0,
    maxContentLength: 4 * 1024 * 1024,
  });
  const session = createSharedSession(signIn, config.sessionMinutes * 60_000);

  async function exchange(
    request: { method: 'get' | 'post'; url: string; data?: object; token?: string },
    signals: AbortSignal[] = [],
  ): Promise<TableauAnswer> {
    const { method, url, data, token } = request;
    try {
      const answer = await http.request<unknown>({
        method,
        url,
        data: data ?? (method === 'post' ? '' : undefined),
        headers: token === undefined ? {} : { 'X-Tableau-Auth': token },
        signal: AbortSignal.any([...signals, AbortSignal.timeout(timeout)]),
      });
      return { status: answer.status, body: answer.data };
    } catch (error) {
      throw tableauFailure(silence(error, timeout / 1000));
    }
  }

  async function signIn(): Promise<Session> {
    const credentials = {
      personalAccessTokenName: config.pat.name,
      personalAccessTokenSecret: config.pat.secret,
      site: { contentUrl: config.siteName },
    };
    const answer = await exchange({ method: 'post', url: 'auth/signin', data: { credentials } });
    const { token, site } = accept(answer, SignIn, 'sign-in').credentials;
    logger.info('signed in to Tableau');
    return { token, siteId: site.id };
  }

  async function read<T extends TSchema>(
    asked: Asked,
    path: string,
    schema: T,
    signal: AbortSignal,
  ): Promise<Static<T>> {
    const get = ({ token, siteId }: Session) =>
      exchange({ method: 'get', url: `sites/${encodeURIComponent(siteId)}/${path}`, token }, [signal]);
    const first = await until(signal, session.current());
    let answer = await get(first);
    if (answer.status === 401 && sessionOver.has(codeOf(answer) ?? '401000'))
      answer = await get(await until(signal, session.renewed(first)));
    return accept(answer, schema, asked);
  }

  /** The sign-in is shared, so that whoever is out of time leaves it to the others. */
  function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = () => reject(tableauFailure(silence({ code: 'ERR_CANCELED' }, timeout / 1000)));
      if (signal.aborted) late();
      signal.addEventListener('abort', late, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
    });
  }

  return {
    workbook: async (luid, signal) => (await read('workbook', at('workbooks', luid), WorkbookAnswer, signal)).workbook,
    datasource: async (luid, signal) =>
      (await read('datasource', at('datasources', luid), DatasourceAnswer, signal)).datasource,
    user: async (luid, signal) => (await read('user', at('users', luid), UserAnswer, signal)).user,
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

function accept<T extends TSchema>(answer: TableauAnswer, schema: T, asked: Asked): Static<T> {
  if (answer.status >= 200 && answer.status < 300 && Value.Check(schema, answer.body)) return answer.body;
  throw tableauFailure(refusal(answer, asked));
}

const at = (collection: string, luid: string) => `${collection}/${encodeURIComponent(luid)}`;

/** Tableau and what stands before it answer HTML now and then. */
function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
