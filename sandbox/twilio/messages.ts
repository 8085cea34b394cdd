/** Outbound messages: accepts them, puts them on the phone and starts their receipts. */
import { restError, type RestError } from './errors.js';
import type { Receipts } from './receipts.js';
import { readMessageRequest, type MessageRequest } from './requests.js';
import { newSid } from './sids.js';
import {
  addressOn,
  channelName,
  channelOf,
  phoneOf,
  type Button,
  type Message,
  type Ports,
  type TextChannel,
  type TwilioState,
} from './world.js';

export interface Messages {
  create: (form: URLSearchParams) => Message | RestError;
  /** Puts a message on the phone that was not sent by REST: an answer in TwiML, or one of Twilio's own. */
  answer: (from: string, to: string, body: string) => Message;
}

/** The sender that a Messaging Service would choose: one of our numbers on that channel. */
const senderFor = (state: TwilioState, channel: TextChannel): string =>
  [...state.numbers.keys()].find((address) => channelOf(address) === channel) ?? addressOn(channel, '+15005550006');

const rendered = (state: TwilioState, request: MessageRequest): { body: string; buttons: Button[] } => {
  const { contentSid, variables } = request;
  if (contentSid === null) return { body: request.body ?? '', buttons: [] };
  const template = state.templates.get(contentSid);
  const samples = template?.content?.variables ?? {};
  const fill = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => variables[name] ?? samples[name] ?? '');
  if (template)
    return {
      body: fill(template.body),
      buttons: template.buttons.map(({ id, title }) => ({ text: fill(title), payload: fill(id) })),
    };
  const values = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return { body: [`[template ${contentSid}]`, ...values].join(' '), buttons: [] };
};

/** Only an approved template may open a conversation; other texts need an inbound message in the last 24 h. */
const mayOpen = (state: TwilioState, contentSid: string | null): boolean => {
  if (contentSid === null) return false;
  const approval = state.templates.get(contentSid)?.content?.approval;
  return approval === undefined || approval.status === 'approved';
};

export const createMessages = (state: TwilioState, ports: Ports, receipts: Receipts): Messages => {
  const keep = (message: Message): Message => {
    state.messages.set(message.sid, message);
    ports.changed(phoneOf(message));
    ports.log(
      `Phone ${phoneOf(message)} gets ${channelName(message.channel)}: ${message.body.replaceAll('\n', ' / ')}`,
    );
    receipts.follow(message);
    return message;
  };

  const blank = (from: string, to: string): Omit<Message, 'sid' | 'direction' | 'body' | 'status'> => ({
    channel: channelOf(to),
    from,
    to,
    errorCode: null,
    createdAt: Date.now(),
    updatedAt: Date.now(),
    sentAt: null,
    statusCallback: null,
    serviceSid: null,
    template: false,
    buttons: [],
  });

  return {
    create: (form) => {
      const request = readMessageRequest(form);
      if ('code' in request) return request;
      const channel = channelOf(request.to);
      const from = request.from ?? senderFor(state, channel);
      if (state.optOuts.has(`${from} ${request.to}`))
        return restError(21610, 'Attempt to send to unsubscribed recipient');
      return keep({
        ...blank(from, request.to),
        // Sids of template messages begin with MM, all others with SM; clients must not rely on the letters.
        sid: newSid(request.contentSid === null ? 'SM' : 'MM'),
        direction: 'outbound-api',
        ...rendered(state, request),
        status: request.serviceSid === null ? 'queued' : 'accepted',
        statusCallback: request.statusCallback,
        serviceSid: request.serviceSid,
        template: mayOpen(state, request.contentSid),
      });
    },
    answer: (from, to, body) =>
      keep({ ...blank(from, to), sid: newSid('SM'), direction: 'outbound-reply', body, status: 'queued' }),
  };
};
