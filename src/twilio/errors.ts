/**
 * The one place that understands what Twilio's client throws: a RestException, a TwilioServiceException or an AxiosError. They
 * share no class, so their numbers distinguish them. https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions
 */
import type { SendFailure, SendFailureType } from '../workflows/send-contract.js';
import { classify } from './codes.js';

/** Codes of node that come before a byte of the request has left, so that the request cannot have been accepted. */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_FAIL|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EPROTO|CERT_.*|UNABLE_TO_.*|SELF_SIGNED_.*|DEPTH_ZERO_.*|ERR_TLS_.*|ERR_SSL_.*|HOSTNAME_MISMATCH)$/;

/** What an error of the client means for the send: never holds a number, a text or a credential. */
export function understand(error: unknown): SendFailure {
  const status = numberOf(error, 'status');
  const code = numberOf(error, 'code');
  if (status !== undefined) return refused(status, code);
  return unanswered(error);
}

/**
 * The result of `work`, or an Error with a sentence for the person at the terminal. Without a cause: what the client throws carries
 * the request, credentials included.
 */
export const orPlainError = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((error: unknown) => Promise.reject(new Error(understand(error).message)));

function refused(status: number, code: number | undefined): SendFailure {
  const meaning = code === undefined ? undefined : classify(code);
  if (code !== undefined && meaning) return { ...meaning, code: String(code) };
  // Twilio's own message is not repeated: it may quote numbers, texts and credentials, and histories keep it.
  const what = code ? `error ${code} (https://www.twilio.com/docs/api/errors/${code})` : `HTTP ${status}`;
  return {
    type: typeOfStatus(status),
    code: code ? String(code) : `http-${status}`,
    message: `Twilio answered ${what}.`,
  };
}

function typeOfStatus(status: number): SendFailureType {
  if (status === 429) return 'outage';
  if (status >= 500 || status === 408 || status === 409) return 'unknown';
  if (status === 400 || status === 422) return 'recipient';
  return 'configuration';
}

function unanswered(error: unknown): SendFailure {
  const code = wordOf(error, 'code');
  if (code !== undefined && neverSent.test(code))
    return {
      type: 'outage',
      code: 'unreachable',
      message: `Twilio cannot be reached (${code}). Check the network and TLS.`,
    };
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT')
    return { type: 'unknown', code: 'timeout', message: 'Twilio did not answer in time.' };
  if (code !== undefined)
    return { type: 'unknown', code: 'connection-lost', message: `The connection to Twilio was lost (${code}).` };
  return { type: 'unknown', code: 'unreadable', message: "Twilio's answer could not be read." };
}

function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;
}
function numberOf(error: unknown, name: string): number | undefined {
  const value = property(error, name);
  return typeof value === 'number' ? value : undefined;
}
function wordOf(error: unknown, name: string): string | undefined {
  const value = property(error, name);
  return typeof value === 'string' ? value : undefined;
}
