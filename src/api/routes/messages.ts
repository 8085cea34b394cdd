import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { outcomes } from '../../history/recorded-message.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { isComplete } from '../../report/notes.js';
import { channels } from '../../workflows/contract.js';
import { limitOf } from '../incidents/query.js';
import { pageOf, rowOf } from '../history/message-list.js';
import { messagesPage } from '../pages/messages-page.js';
import { formToken, sendPage } from '../pages/send-page.js';
import { listMessages } from '../operations/history.js';
import { wantsHtml } from '../pages/wanted.js';
import { problem } from '../problem.js';
import { messagesProgress, type HistoryReader } from '../history/read-history.js';
import { readerClock } from '../sign-in/reader-clock.js';
import { sinceMsOf } from '../history/since.js';
import type { PublicAddress } from '../public-address.js';

const text = Type.Optional(Type.String({ maxLength: 64 }));
const Query = Type.Object({
  contact: text,
  channel: text,
  status: text,
  since: text,
  limit: text,
  cursor: Type.Optional(Type.String({ maxLength: 256 })),
});

interface Options {
  history: HistoryReader;
  escalation: EscalationSource;
  address: PublicAddress;
  clock: () => number;
}

const defaultSince = '7d';
const knownStatus = /^[a-z_-]{1,32}$/;

/** An empty field of a form is none. */
const given = (value: string | undefined): string | undefined => (value?.trim() ? value.trim() : undefined);

/** @throws a 400 */
function filtersOf(query: { contact?: string; channel?: string; status?: string }) {
  const [contact, channel, status] = [given(query.contact), given(query.channel), given(query.status)];
  if (channel !== undefined && !channels.some((one) => one === channel))
    throw problem(400, 'BAD_CHANNEL', `channel must be one of ${channels.join(', ')}.`);
  if (status !== undefined && !knownStatus.test(status))
    throw problem(400, 'BAD_STATUS', `status must be a status of Twilio's, or one of ${outcomes.join(', ')}.`);
  return { contact, channel, status };
}

/** `GET /messages`: each message and call with its id at Twilio, every status and what it cost. No phone number is in it. */
export const messages: FastifyPluginAsyncTypebox<Options> = async (
  scope,
  { history, escalation, address: { prefix }, clock },
) => {
  const onRequest = [scope.limits.reads, scope.shed];
  const schema = { ...listMessages, querystring: Query };

  scope.get('/messages', { onRequest, schema }, async (request, reply) => {
    const { query } = request;
    const { cursor } = query;
    const since = given(query.since) ?? defaultSince;
    const filters = filtersOf(query);
    const limit = limitOf(given(query.limit));
    const read = await history.messages(sinceMsOf(since));
    const shown = pageOf(read.messages, filters, { limit, cursor });
    if (shown === null) throw problem(400, 'BAD_CURSOR', 'cursor must be the `next` of an earlier answer.');
    const { prices, contacts } = escalation.current();
    const rows = shown.messages.map((message) => rowOf(message, read.names, prices));
    const { next } = shown;
    void reply.header('vary', 'accept');
    if (!wantsHtml(request)) {
      const pagers = { read: read.read, of: read.of };
      const currency = prices?.currency ?? null;
      return { messages: rows, next, currency, isComplete: isComplete(read), pagers, notes: read.notes };
    }
    const live = new URLSearchParams({ of: 'messages', since, seen: messagesProgress(read) }).toString();
    const now = readerClock(request.person, clock());
    return sendPage(request, reply, formToken(reply), {
      title: 'Messages',
      current: '/messages',
      prefix,
      clock: now,
      ...(!isComplete(read) && { live: `${prefix}/live/history?${live}` }),
      main: messagesPage({
        prefix,
        clock: now,
        rows,
        found: shown.found,
        progress: read,
        notes: read.notes,
        currency: prices?.currency ?? null,
        given: { ...filters, since },
        contacts: [...new Set([...Object.keys(contacts), ...read.messages.map(({ contact }) => contact)])].toSorted(),
        pages: { query: { ...filters, since, limit: query.limit }, next, isFirst: cursor === undefined },
      }),
    });
  });
};
