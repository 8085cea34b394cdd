/** What can go wrong when somebody comes back from the identity provider, in words for whoever signs in. */
import * as client from 'openid-client';
import { problem, type Problem } from '../problem.js';

export const providerUnavailable = (): Problem =>
  problem(
    503,
    'SIGN_IN_PROVIDER',
    'The identity provider does not answer. Sign in with the API token, or try again soon.',
    {
      headers: { 'retry-after': '60' },
    },
  );
const refusedUs = (): Problem =>
  problem(
    503,
    'SIGN_IN_PROVIDER',
    'The identity provider does not accept this service: see the log. Sign in with the API token.',
  );
export const signInExpired = (): Problem =>
  problem(400, 'SIGN_IN_EXPIRED', 'This sign-in is too old, or of another browser, or was used before. Sign in again.');
export const wrongAnswer = (): Problem =>
  problem(400, 'BAD_SIGN_IN', 'The answer of the identity provider does not fit to this sign-in. Sign in again.');
const cancelled = (): Problem => problem(403, 'SIGN_IN_REFUSED', 'The identity provider has not let you in.');
export const unverified = (): Problem =>
  problem(
    403,
    'EMAIL_NOT_VERIFIED',
    'The identity provider gives no verified e-mail address for you, and others do not count here.',
  );
export const ambiguousEmail = (): Problem =>
  problem(
    403,
    'EMAIL_AMBIGUOUS',
    'Your e-mail address has a letter that looks like another one in lower case, so that it could be that of somebody else.',
  );
export const noAccess = (): Problem =>
  problem(403, 'NO_ACCESS', 'You are known, but nobody has given you access here. Ask whoever runs this service.');

const isProblem = (error: unknown): error is Problem =>
  error instanceof Error && 'statusCode' in error && 'headers' in error;

/** What a failure of the exchange is for whoever signs in, and whether it is the fault of the provider or of what it was told of us. */
export function problemOf(error: unknown): { problem: Problem; because: 'unavailable' | 'refuses-us' | null } {
  if (isProblem(error)) return { problem: error, because: error.code === 'SIGN_IN_PROVIDER' ? 'unavailable' : null };
  // No alarm: the browser brings it, so that anybody can make it up.
  if (error instanceof client.AuthorizationResponseError)
    return { problem: faultsOfOurs.has(error.error) ? refusedUs() : cancelled(), because: null };
  if (error instanceof client.ResponseBodyError) {
    if (error.status >= 500) return { problem: providerUnavailable(), because: 'unavailable' };
    const isOurs = ['invalid_client', 'unauthorized_client'].includes(error.error);
    return isOurs ? { problem: refusedUs(), because: 'refuses-us' } : { problem: signInExpired(), because: null };
  }
  if (error instanceof client.WWWAuthenticateChallengeError) return { problem: refusedUs(), because: 'refuses-us' };
  if (error instanceof client.ClientError && error.code !== undefined && !unanswered.has(error.code))
    return { problem: wrongAnswer(), because: null };
  return { problem: providerUnavailable(), because: 'unavailable' };
}

/** What a provider says in place of a sign-in where OIDC_SCOPE or the registration is wrong: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
const faultsOfOurs = new Set(['invalid_request', 'invalid_scope', 'unauthorized_client', 'unsupported_response_type']);

/** Codes of openid-client for no answer, or that of something else than the provider. */
const unanswered = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);
