/**
 * Twilio has no idempotency key, and its lists show no status callbacks: the messages to the number
 * since then show whether an earlier try was accepted. https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
 */
import type { TwilioClient } from './client.js';
import type { CallRequest, MessageRequest } from './requests.js';

/** Clocks differ, and Twilio's times have whole seconds. */
const clockMarginMs = 5_000;
const maxListed = 50;

interface Sent {
  sid: string;
  from: string;
  dateCreated: Date;
}

/**
 * The sid of the message or call that an earlier try has made, or undefined; at most one request. `tried` are the requests of all
 * tries whose outcome is unknown, to one address: their texts differ where something was answered between them.
 */
export async function findEarlier(
  twilio: TwilioClient,
  tried: readonly (MessageRequest | CallRequest)[],
  { firstTriedAt, knownSids }: { firstTriedAt: number; knownSids: string[] },
): Promise<string | undefined> {
  const [request] = tried;
  if (request === undefined) return undefined;
  const { to } = request.options;
  const known = new Set(knownSids);
  const ours = ({ sid, from, dateCreated }: Sent) =>
    dateCreated.getTime() >= firstTriedAt - clockMarginMs &&
    !known.has(sid) &&
    (request.from === undefined || from === request.from);

  if (request.kind === 'call') {
    const calls = await twilio.calls.list({ to, limit: maxListed, pageSize: maxListed });
    return calls.find(ours)?.sid;
  }
  const messages = (await twilio.messages.list({ to, limit: maxListed, pageSize: maxListed })).filter(ours);
  for (const one of tried) {
    const found = one.kind === 'message' ? messageOf(one, messages) : undefined;
    if (found) return found.sid;
  }
  return undefined;
}

/** The message that this request has made, among those that may be ours. */
function messageOf<Message extends { body: string }>(
  { template, texts }: MessageRequest,
  messages: readonly Message[],
): Message | undefined {
  if (!template) return messages.find(({ body }) => texts.every(sameAs(body)));
  return (
    messages.find(({ body }) => texts.every(contains(body))) ??
    messages.find(({ body }) => isUnfilled(body) || contains(body)(longestOf(texts)))
  );
}

/** Twilio may list typographic characters as their plain equivalents. */
const plain = (text: string | null): string => (text ?? '').normalize('NFKC').replaceAll(/\s+/g, ' ').trim();

const contains = (body: string) => (text: string) => plain(body).includes(plain(text));

/** Whether lists show the filled template is not documented. */
const isUnfilled = (body: string): boolean => plain(body) === '' || body.includes('{{1}}');

/** A short value, such as a reply number, occurs in many texts. */
const longestOf = (texts: string[]): string => texts.toSorted((a, b) => b.length - a.length)[0] ?? '';

/** A trial account puts its own words, with a dash, before ours. */
const sameAs = (body: string) => (text: string) =>
  plain(body) === plain(text) || plain(body).endsWith(` - ${plain(text)}`);
