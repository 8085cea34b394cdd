/**
 * What is configured in Twilio's console, to read: the account, its numbers, messaging services and WhatsApp senders.
 * https://www.twilio.com/docs/iam/api/account, https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource,
 * https://www.twilio.com/docs/messaging/api/service-resource and https://www.twilio.com/docs/whatsapp/api/senders
 */
import type { FastifyPluginCallback, FastifyReply } from 'fastify';
import { notFound, restErrorBody, restError, unauthorized, type RestError } from './errors.js';
import { pageOf } from './lists.js';
import { accountPath, apiVersion } from './resources.js';
import { isAllowed } from './routes.js';
import type { OwnNumber, Ports, TwilioOptions, TwilioState } from './world.js';

const messagingHost = 'https://messaging.twilio.com';
const whatsapp = 'whatsapp:';

const numberResource = (accountSid: string, number: string, own: OwnNumber): object => ({
  account_sid: accountSid,
  capabilities: { fax: false, mms: false, sms: own.sms ?? true, voice: own.voice ?? true },
  friendly_name: number,
  phone_number: number,
  sid: `PN${number.replace(/\D/g, '').padStart(32, '0')}`,
  sms_method: own.messageMethod ?? 'POST',
  sms_url: own.messageUrl ?? '',
  status: 'in-use',
  voice_method: 'POST',
  voice_url: '',
});

const senderResource = (number: string, own: OwnNumber): object => {
  const sid = `XE${number.replace(/\D/g, '').padStart(32, '0')}`;
  return {
    sid,
    sender_id: number,
    status: own.senderStatus ?? 'ONLINE',
    url: `${messagingHost}/v2/Channels/Senders/${sid}`,
    webhook: { callback_method: own.messageMethod ?? 'POST', callback_url: own.messageUrl },
  };
};

/** A service that was not set up leaves incoming messages to the number. */
const serviceResource = (accountSid: string, sid: string, setUp: OwnNumber | undefined): object => ({
  account_sid: accountSid,
  friendly_name: sid,
  inbound_method: setUp?.messageMethod ?? 'POST',
  inbound_request_url: setUp?.messageUrl ?? null,
  sid,
  url: `${messagingHost}/v1/Services/${sid}`,
  use_inbound_webhook_on_number: setUp === undefined,
});

export const consoleRoutes =
  (options: TwilioOptions, state: TwilioState, ports: Ports): FastifyPluginCallback =>
  (app, _options, done) => {
    const { accountSid } = options;
    const refuse = (reply: FastifyReply, error: RestError): FastifyReply =>
      reply.code(error.status).send(restErrorBody(error));
    app.addHook('preHandler', async (request, reply) =>
      isAllowed(options, request.headers.authorization) ? undefined : refuse(reply, unauthorized),
    );
    const isApiKey = (header = ''): boolean =>
      !Buffer.from(header.split(' ')[1] ?? '', 'base64')
        .toString('utf8')
        .startsWith(`${accountSid}:`);

    app.get<{ Params: { file: string } }>(`/${apiVersion}/Accounts/:file`, (request, reply) => {
      if (request.params.file !== `${accountSid}.json`) return refuse(reply, notFound(request.url));
      // https://www.twilio.com/docs/iam/api-keys: a standard key may not read accounts.
      if (isApiKey(request.headers.authorization)) return refuse(reply, unauthorized);
      const { twilioAccount: kind } = ports.settings();
      return reply.send({
        friendly_name: 'Sandbox',
        sid: accountSid,
        status: kind === 'suspended' ? 'suspended' : 'active',
        type: kind === 'trial' ? 'Trial' : 'Full',
        uri: `${accountPath(accountSid)}.json`,
      });
    });

    app.get<{ Params: { account: string }; Querystring: Record<string, string> }>(
      `/${apiVersion}/Accounts/:account/IncomingPhoneNumbers.json`,
      ({ params, query, url }, reply) => {
        if (params.account !== accountSid) return refuse(reply, notFound(url));
        const rows = [...state.numbers]
          .filter(([number]) => /^\+\d+$/.test(number) && (query['PhoneNumber'] ?? number) === number)
          .map(([number, own]) => ({ ...numberResource(accountSid, number, own) }));
        const path = `${accountPath(accountSid)}/IncomingPhoneNumbers.json`;
        return reply.send(pageOf(path, query, 'incoming_phone_numbers', rows));
      },
    );

    app.get<{ Params: { sid: string } }>('/v1/Services/:sid', ({ params, url }, reply) =>
      /^MG[0-9a-fA-F]{32}$/.test(params.sid)
        ? reply.send(serviceResource(accountSid, params.sid, state.numbers.get(params.sid)))
        : refuse(reply, notFound(url)),
    );

    app.get<{ Querystring: { Channel?: string } }>('/v2/Channels/Senders', ({ query }, reply) => {
      if (query.Channel !== 'whatsapp') return refuse(reply, restError(20001, 'Invalid Channel'));
      const senders = [...state.numbers]
        .filter(([number]) => number.startsWith(whatsapp))
        .map(([number, own]) => senderResource(number, own));
      const url = `${messagingHost}/v2/Channels/Senders?PageSize=50&Page=0`;
      const meta = {
        first_page_url: url,
        key: 'senders',
        next_page_url: null,
        page: 0,
        page_size: 50,
        previous_page_url: null,
        url,
      };
      return reply.send({ senders, meta });
    });
    done();
  };
