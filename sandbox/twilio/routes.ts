/** The REST API at /2010-04-01/Accounts/{AccountSid}, with Basic authentication. */
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { Calls } from './calls.js';
import { isRestError, notFound, restErrorBody, unauthorized, type RestError } from './errors.js';
import { byDate, pageOf } from './lists.js';
import type { Messages } from './messages.js';
import { accountPath, apiVersion, callResource, messageResource } from './resources.js';
import type { Call, Message, TwilioOptions, TwilioState } from './world.js';

interface Parts {
  options: TwilioOptions;
  state: TwilioState;
  messages: Messages;
  calls: Calls;
}

export const isAllowed = ({ accountSid, authToken, apiKeys }: TwilioOptions, header: string | undefined): boolean => {
  const [scheme, encoded = ''] = (header ?? '').split(' ');
  const given = Buffer.from(encoded, 'base64').toString('utf8');
  const pairs = [{ sid: accountSid, secret: authToken }, ...apiKeys];
  return scheme?.toLowerCase() === 'basic' && pairs.some(({ sid, secret }) => given === `${sid}:${secret}`);
};

const flat = (query: unknown): Record<string, string> =>
  typeof query === 'object' && query !== null
    ? Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
    : {};

const formOf = (body: unknown): URLSearchParams => (body instanceof URLSearchParams ? body : new URLSearchParams());

export const twilioRoutes = ({ options, state, messages, calls }: Parts): FastifyPluginCallback => {
  const { accountSid } = options;
  const path = accountPath(accountSid);
  const refuse = (reply: FastifyReply, error: RestError): FastifyReply =>
    reply.code(error.status).send(restErrorBody(error));
  const showMessage = (message: Message): Record<string, unknown> => messageResource(accountSid, message);
  const showCall = (call: Call): Record<string, unknown> => callResource(accountSid, call);
  const sidOf = (request: FastifyRequest): string => (flat(request.params)['file'] ?? '').replace(/\.json$/, '');
  const newestFirst = <Row extends { createdAt: number }>(rows: Iterable<Row>): Row[] => [...rows].toReversed();

  return (app, _options, done) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) => {
      parsed(null, new URLSearchParams(String(body)));
    });
    app.addHook('preHandler', async (request, reply) => {
      if (!isAllowed(options, request.headers.authorization)) return refuse(reply, unauthorized);
      if (flat(request.params)['account'] !== accountSid) return refuse(reply, notFound(request.url));
      return undefined;
    });

    app.post('/Messages.json', (request, reply) => {
      const message = messages.create(formOf(request.body));
      return isRestError(message) ? refuse(reply, message) : reply.code(201).send(showMessage(message));
    });
    app.get('/Messages.json', (request, reply) => {
      const query = flat(request.query);
      const sent = byDate(query, 'DateSent');
      const rows = newestFirst(state.messages.values()).filter(
        (one) => (query['To'] ?? one.to) === one.to && (query['From'] ?? one.from) === one.from && sent(one.sentAt),
      );
      return reply.send(
        pageOf(
          `${path}/Messages.json`,
          query,
          'messages',
          rows.map((one) => showMessage(one)),
        ),
      );
    });
    app.get('/Messages/:file', (request, reply) => {
      const message = state.messages.get(sidOf(request));
      return message ? reply.send(showMessage(message)) : refuse(reply, notFound(request.url));
    });

    app.post('/Calls.json', (request, reply) => {
      const call = calls.create(formOf(request.body));
      return isRestError(call) ? refuse(reply, call) : reply.code(201).send(showCall(call));
    });
    app.get('/Calls.json', (request, reply) => {
      const query = flat(request.query);
      const started = byDate(query, 'StartTime');
      const rows = newestFirst(state.calls.values()).filter(
        (one) =>
          (query['To'] ?? one.to) === one.to &&
          (query['From'] ?? one.from) === one.from &&
          (query['Status'] ?? one.status) === one.status &&
          started(one.answeredAt ?? one.endedAt ?? one.createdAt),
      );
      return reply.send(
        pageOf(
          `${path}/Calls.json`,
          query,
          'calls',
          rows.map((one) => showCall(one)),
        ),
      );
    });
    app.get('/Calls/:file', (request, reply) => {
      const call = state.calls.get(sidOf(request));
      return call ? reply.send(showCall(call)) : refuse(reply, notFound(request.url));
    });
    app.post('/Calls/:file', (request, reply) => {
      const call = state.calls.get(sidOf(request));
      if (!call) return refuse(reply, notFound(request.url));
      const updated = calls.update(call, formOf(request.body));
      return isRestError(updated) ? refuse(reply, updated) : reply.send(showCall(updated));
    });
    done();
  };
};

export const twilioPrefix = `/${apiVersion}/Accounts/:account`;
