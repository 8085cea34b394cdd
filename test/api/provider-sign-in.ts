/** A browser that signs in to the api by an identity provider. */
import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import type { PeopleSignIn } from '../../src/config/people-sign-in.js';
import { identityProvider, type TestIdentityProvider } from '../helpers/identity-provider.js';
import { walkThroughProvider } from '../helpers/provider-walk.js';
import { browserSession, type BrowserSession } from './browser-session.js';

export const publicUrl = 'https://webhooks.example.com';
const callback = `${publicUrl}/sign-in/callback`;
const verified = { email_verified: true };

const accounts = {
  ana: { email: 'Ana.Lima@example.com', ...verified },
  olga: { email: 'olga@example.com', ...verified, groups: ['platform', 'everybody'] },
  vic: { email: 'vic@example.com', ...verified },
  eve: { email: 'ana.lima@example.com', email_verified: false },
  // The first letter is the Kelvin sign, which is k in lower case.
  kelvin: { email: '\u212Aai@example.com', ...verified },
  nobody: {},
  stranger: { email: 'stranger@elsewhere.example', ...verified },
};

/** With accounts of all kinds. It is not started yet. @param idTokens whether all claims are in the ID token, too */
export const testProvider = (idTokens = false): Promise<TestIdentityProvider> =>
  identityProvider({ redirectUri: callback, accounts, idTokens });

/** The settings for it: everybody of example.com may look, and a group may do everything, unless `people` says otherwise. */
export const signInFor = (
  { issuer, clientId, clientSecret }: TestIdentityProvider,
  people: Partial<PeopleSignIn['people']> = {},
): PeopleSignIn => ({
  issuer,
  clientId,
  clientSecret,
  scope: 'openid email profile groups',
  people: { viewer: ['*@example.com'], responder: [], admin: ['group:platform'], ...people },
});

/** To the provider and through it; gives the path at which the browser comes back. */
export async function throughProvider(browser: BrowserSession, account: string, to = '/health'): Promise<string> {
  const start = await browser.get(`/sign-in/start?to=${encodeURIComponent(to)}`);
  assert.equal(start.statusCode, 303, start.body);
  const back = await walkThroughProvider(String(start.headers.location), account, callback);
  return back.pathname + back.search;
}

export async function signInAs(app: FastifyInstance, account: string) {
  const browser = browserSession(app);
  const response = await browser.get(await throughProvider(browser, account));
  return { browser, response };
}

/** The codes of the alarms that everybody sees. */
export const alarmsAt = async (app: FastifyInstance): Promise<string[]> =>
  (await app.inject({ url: '/', headers: { accept: 'application/json' } }))
    .json()
    .alarms.map(({ code }: { code: string }) => code);
