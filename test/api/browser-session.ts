/** A browser without a window: it keeps cookies, follows no redirect, and fills in the form of a page. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { config } from './service.js';

export const asHtml = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
export const csrfOf = (body: string): string => /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? '';

export interface BrowserSession {
  cookies: Map<string, string>;
  get: (url: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>;
  /** Gets the page first, for the token of its forms. */
  submit: (page: string, action: string, fields: Record<string, string>) => Promise<LightMyRequestResponse>;
  post: (url: string, fields: Record<string, string>) => Promise<LightMyRequestResponse>;
}

export function browserSession(app: FastifyInstance, cookies = new Map<string, string>()): BrowserSession {
  const headers = () => ({ ...asHtml, cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') });
  const keep = (response: LightMyRequestResponse): LightMyRequestResponse => {
    for (const { name, value, maxAge, expires } of response.cookies) {
      const isOver = maxAge === 0 || (expires !== undefined && expires.getTime() < 1_000_000);
      if (isOver) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const get: BrowserSession['get'] = async (url, more = {}) =>
    keep(await app.inject({ url, headers: { ...headers(), ...more } }));
  const post: BrowserSession['post'] = async (url, fields) =>
    keep(
      await app.inject({
        method: 'POST',
        url,
        headers: { ...headers(), 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(fields).toString(),
      }),
    );
  return {
    cookies,
    get,
    post,
    submit: async (page, action, fields) => post(action, { _csrf: csrfOf((await get(page)).body), ...fields }),
  };
}

/** Signed in by the API token. */
export async function signedIn(app: FastifyInstance, name = 'Olga'): Promise<BrowserSession> {
  const browser = browserSession(app);
  await browser.submit('/sign-in', '/sign-in', { name, token: config.apiToken });
  return browser;
}
