/** Validates requests to create messages and calls, with the documented errors. */
import { restError, type RestError } from './errors.js';
import { magicCallError, magicMessageError } from './magic.js';
import { channelOf, plainNumber } from './world.js';

export interface MessageRequest {
  to: string;
  /** null: the Messaging Service chooses. */
  from: string | null;
  serviceSid: string | null;
  body: string | null;
  contentSid: string | null;
  variables: Record<string, string>;
  statusCallback: string | null;
}

export interface CallRequest {
  to: string;
  from: string;
  url: string | null;
  twiml: string | null;
  timeoutMs: number;
  statusCallback: string | null;
  events: Set<string>;
}

const isNumber = (address: string): boolean => /^\+[1-9]\d{6,14}$/.test(plainNumber(address));

/** An absolute http(s) address without an underscore in its host; a fragment contains connection overrides. */
const isAddress = (value: string): boolean => {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && !hostname.includes('_');
};

const given = (form: URLSearchParams, name: string): string | null => form.get(name) || null;

const readVariables = (text: string | null): Record<string, string> | null => {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]));
  } catch {
    return null;
  }
};

const callbackError = (address: string | null): RestError | null =>
  address === null || isAddress(address)
    ? null
    : restError(21609, `The 'StatusCallback' URL ${address} is not a valid URL.`);

const addressError = (to: string, from: string | null): RestError | null => {
  if (!isNumber(to)) return restError(21211, `The 'To' number ${to} is not a valid phone number.`);
  if (from === null) return null;
  if (!isNumber(from))
    return restError(
      21212,
      `The 'From' number ${from} is not a valid phone number, shortcode, or alphanumeric sender ID.`,
    );
  if (channelOf(from) !== channelOf(to))
    return restError(21910, 'Invalid From and To pair. From and To should be of the same channel');
  return channelOf(to) === 'sms' ? magicMessageError(from, to) : null;
};

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
export const readMessageRequest = (form: URLSearchParams): MessageRequest | RestError => {
  const to = given(form, 'To');
  const from = given(form, 'From');
  const serviceSid = given(form, 'MessagingServiceSid');
  const body = given(form, 'Body');
  const contentSid = given(form, 'ContentSid');
  const statusCallback = given(form, 'StatusCallback');
  if (to === null) return restError(21604, "A 'To' phone number is required.");
  if (from === null && serviceSid === null) return restError(21603, "A 'From' phone number is required.");
  const wrong = addressError(to, from);
  if (wrong) return wrong;
  if (contentSid !== null && !/^HX[0-9a-fA-F]{32}$/.test(contentSid))
    return restError(21655, `The ContentSid ${contentSid} is Invalid`);
  if (contentSid === null && body === null) return restError(21602, 'Message body is required.');
  if (body !== null && body.length > 1600)
    return restError(21617, 'The concatenated message body exceeds the 1600 character limit');
  const variables = readVariables(given(form, 'ContentVariables'));
  if (variables === null) return restError(21656, 'The Content Variables Parameter is invalid');
  const wrongCallback = callbackError(statusCallback);
  if (wrongCallback) return wrongCallback;
  return { to, from, serviceSid, body, contentSid, variables, statusCallback };
};

const eventsIn = (form: URLSearchParams): Set<string> => {
  const events = form.getAll('StatusCallbackEvent').flatMap((value) => value.split(/[\s,]+/).filter(Boolean));
  return new Set(events.length > 0 ? events : ['completed']);
};

/** https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource */
export const readCallRequest = (form: URLSearchParams): CallRequest | RestError => {
  const to = given(form, 'To');
  const from = given(form, 'From');
  const url = given(form, 'Url');
  const twiml = given(form, 'Twiml');
  const statusCallback = given(form, 'StatusCallback');
  if (to === null) return restError(21201, "No 'To' number is specified");
  if (from === null) return restError(21213, "No 'From' number is specified");
  if (!isNumber(to) || channelOf(to) === 'whatsapp') return restError(21211, `Invalid 'To' Phone Number: ${to}`);
  if (!isNumber(from) || channelOf(from) === 'whatsapp')
    return restError(21212, `The 'From' number ${from} is not a valid phone number.`);
  const magic = magicCallError(from, to);
  if (magic) return magic;
  if (url === null && twiml === null && given(form, 'ApplicationSid') === null)
    return restError(21205, 'Url parameter is required.');
  if (url !== null && !isAddress(url)) return restError(21205, `Url is not a valid URL: ${url}`);
  // The documented limit; the code for it is not documented, 20001 is Twilio's "invalid parameter".
  if (url === null && twiml !== null && twiml.length > 4000)
    return restError(20001, 'Twiml must not be longer than 4000 characters');
  const wrongCallback = callbackError(statusCallback);
  if (wrongCallback) return wrongCallback;
  const seconds = Number(given(form, 'Timeout') ?? 60);
  const timeoutMs = (Number.isFinite(seconds) ? Math.min(600, Math.max(1, seconds)) : 60) * 1000;
  return { to, from, url, twiml: url === null ? twiml : null, timeoutMs, statusCallback, events: eventsIn(form) };
};
