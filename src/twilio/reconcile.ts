/**
 * Twilio has no idempotency key, and its lists show no status callbacks: whether an earlier try was accepted is read from
 * what went to the number since. https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
 */
import type { TwilioClient } from './client.js';
import type { CallRequest, MessageRequest } from './requests.js';

/** Clocks differ, and Twilio's times have whole seconds. */
const margin = 5_000;
const limit = 50;

interface Sent {
  sid: string;
  from: string;
  dateCreated: Date;
}

/** The sid of the message or call that an earlier try has made, or undefined; at most one request. */
export async function findEarlier(
  twilio: TwilioClient,
  request: MessageRequest | CallRequest,
  { firstTriedAt, knownSids }: { firstTriedAt: number; knownSids: string[] },
): Promise<string | undefined> {
  const { to } = request.options;
  const known = new Set(knownSids);
  const ours = ({ sid, from, dateCreated }: Sent) =>
    dateCreated.getTime() >= firstTriedAt - margin &&
    !known.has(sid) &&
    (request.from === undefined || from === request.from);

  if (request.kind === 'call') {
    const calls = await twilio.calls.list({ to, limit, pageSize: limit });
    return calls.find(ours)?.sid;
  }
  const messages = (await twilio.messages.list({ to, limit, pageSize: limit })).filter(ours);
  const found = request.template
    ? (messages.find(({ body }) => request.texts.every(within(body))) ??
      messages.find(({ body }) => isUnfilled(body) || within(body)(longestOf(request.texts))))
    : messages.find(({ body }) => request.texts.every(sameAs(body)));
  return found?.sid;
}

/** Twilio may list typographic characters as their plain equivalents. */
const plain = (text: string | null): string => (text ?? '').normalize('NFKC').replaceAll(/\s+/g, ' ').trim();

const within = (body: string) => (text: string) => plain(body).includes(plain(text));

/** Whether lists show the filled template is not documented. */
const isUnfilled = (body: string): boolean => plain(body) === '' || body.includes('{{1}}');

/** A short value, such as a reply number, is within many a text. */
const longestOf = (texts: string[]): string => texts.toSorted((a, b) => b.length - a.length)[0] ?? '';

/** A trial account puts its own words, with a dash, before ours. */
const sameAs = (body: string) => (text: string) =>
  plain(body) === plain(text) || plain(body).endsWith(` - ${plain(text)}`);
