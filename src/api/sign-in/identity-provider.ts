/** Sign-in by an identity provider: the authorization code flow of OpenID Connect with PKCE, state and nonce, by openid-client. */
import * as client from 'openid-client';
import type { FastifyBaseLogger } from 'fastify';
import { namesGroups, type PeopleSignIn } from '../../config/people-sign-in.js';
import { minute, second } from '../../workflows/contract.js';
import { cached } from '../cached.js';
import { createFlows, type Flow } from './flows.js';
import { problemOf, providerUnavailable, signInExpired, wrongAnswer } from './problems.js';
import { personIn } from './verified-person.js';
import type { SignedIn } from './sessions.js';

const timeoutS = 5;
const retryMs = 5 * second;
const checkEveryMs = minute;

export interface IdentityProvider {
  /** Host of the issuer, for the page. */
  host: string;
  /** Where to send the browser, and the value of the cookie that its way back needs. Throws a Problem when the provider is away. */
  begin: (to: string) => Promise<{ address: string; flow: string }>;
  /**
   * Who has come back, and where they wanted to go. Throws a Problem.
   * @param query that of the address at which the browser came back, with its `?`
   * @param flow the value of the cookie
   */
  finish: (query: string, flow: string | undefined) => Promise<{ person: SignedIn; to: string }>;
  /** Since when it does not answer, or refuses us: milliseconds since the epoch; null: it works, as far as is known. */
  unavailableSince: () => number | null;
  /** Looks now and then, so that the alarm comes before somebody needs it. Gives what ends that. */
  watch: () => () => void;
}

export interface IdentityProviderOptions {
  settings: PeopleSignIn;
  /** Without a trailing slash. */
  publicUrl: string;
  /** Signs the cookies of sign-ins that are under way. */
  secret: string;
  log: FastifyBaseLogger;
  clock: () => number;
}

/** In the header, which is the default of OpenID Connect, unless the provider does not take it there. */
const clientSecret = (secret: string): client.ClientAuth => {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const takesBasic = server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') ?? true;
    return (takesBasic ? basic : post)(server, ...rest);
  };
};

/** Throws where people cannot sign in by what was discovered: it may be of something else than a provider of sign-ins. */
function requireEndpoints(found: client.Configuration): void {
  client.buildAuthorizationUrl(found, {});
  if (!found.serverMetadata().token_endpoint)
    throw Object.assign(new Error('The discovery has no token endpoint.'), { code: 'OAUTH_MISSING_SERVER_METADATA' });
}

export function createIdentityProvider(options: IdentityProviderOptions): IdentityProvider {
  const { settings, publicUrl, log, clock } = options;
  const issuer = new URL(settings.issuer);
  const redirectUri = `${publicUrl}/sign-in/callback`;
  const flows = createFlows(options.secret, clock);
  const health = createHealth(log, clock);
  let known: client.Configuration | null = null;

  const discover = cached(
    async (): Promise<void> => {
      try {
        const found = await client.discovery(
          issuer,
          settings.clientId,
          undefined,
          clientSecret(settings.clientSecret),
          {
            timeout: timeoutS,
            execute: issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [],
          },
        );
        requireEndpoints(found);
        known = found;
        health.answers();
      } catch (error) {
        health.isUnavailable(error);
      }
    },
    retryMs,
    clock,
  );

  /** Throws a Problem. */
  async function configuration(): Promise<client.Configuration> {
    if (known === null || health.mustBeAsked()) await discover();
    if (known === null || health.mustBeAsked()) throw providerUnavailable();
    return known;
  }

  async function exchange(flow: Flow, query: string): Promise<SignedIn> {
    const config = await configuration();
    const { state: expectedState, nonce: expectedNonce, verifier: pkceCodeVerifier } = flow;
    const checks = { expectedState, expectedNonce, pkceCodeVerifier, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, new URL(redirectUri + query), checks);
    const claims = tokens.claims();
    if (claims === undefined) throw wrongAnswer();
    // Many providers have address and groups there, and not in the token. An address goes with the verification that is beside it.
    const isWhole = claims['email'] !== undefined && (claims['groups'] !== undefined || !namesGroups(settings));
    const more: Partial<client.UserInfoResponse> =
      isWhole || !config.serverMetadata().userinfo_endpoint
        ? {}
        : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    const { email, email_verified, xms_edov } = claims['email'] === undefined ? more : claims;
    return personIn({ email, email_verified, xms_edov, groups: claims['groups'] ?? more['groups'] }, settings);
  }

  return {
    host: issuer.host,
    async begin(to) {
      const config = await configuration();
      const flow = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const address = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: settings.scope,
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
      });
      return { address: address.href, flow: await flows.write({ ...flow, to }) };
    },
    async finish(query, text) {
      const flow = text === undefined ? null : await flows.read(text);
      if (flow === null) throw signInExpired();
      try {
        const person = await exchange(flow, query);
        health.takesUs();
        return { person, to: flow.to };
      } catch (error) {
        const { problem, because } = problemOf(error);
        if (because === 'unavailable') health.isUnavailable(error);
        if (because === 'refuses-us') health.refusesUs(error);
        if (because === null) log.info({ code: problem.code, why: reasonOf(error) }, 'a sign-in has failed');
        throw problem;
      }
    },
    unavailableSince: health.since,
    watch() {
      const check = () => void discover();
      check();
      const timer = setInterval(check, checkEveryMs);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** Since when sign-ins fail, and one line of the log when that begins and ends. */
function createHealth(log: FastifyBaseLogger, clock: () => number) {
  let since: number | null = null;
  let isUnavailable = false;
  let isRefused = false;

  function note(error?: unknown): void {
    const works = !isUnavailable && !isRefused;
    if (!works && since === null)
      log.error({ alarm: 'sign-in-provider', why: reasonOf(error) }, 'the identity provider does not work');
    if (works && since !== null) log.info({ alarm: 'sign-in-provider' }, 'the identity provider works again');
    since = works ? null : (since ?? clock());
  }
  return {
    since: () => since,
    mustBeAsked: () => isUnavailable,
    isUnavailable: (error: unknown) => ((isUnavailable = true), note(error)),
    answers: () => ((isUnavailable = false), note()),
    /** It does not know our client id or secret; nobody learns before the next sign-in whether it does again. */
    refusesUs: (error: unknown) => ((isRefused = true), note(error)),
    takesUs: () => ((isUnavailable = false), (isRefused = false), note()),
  };
}

/** For the log: no message of a provider, which may name a person. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error instanceof client.AuthorizationResponseError)
    return /^[a-z_]{1,40}$/.test(error.error) ? error.error : 'unknown';
  const cause = error.cause instanceof Error && 'code' in error.cause ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : error.name;
}
