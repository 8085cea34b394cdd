/** Delivers what a person writes or taps to the webhook of our number. */
import type { Messages } from './messages.js';
import type { Receipts } from './receipts.js';
import { apiVersion } from './resources.js';
import { newSid } from './sids.js';
import { parseMessaging } from './twiml.js';
import type { SendWebhook } from './webhook.js';
import {
  addressOn,
  channelName,
  channelOf,
  plainNumber,
  type Message,
  type Ports,
  type TextChannel,
  type TwilioOptions,
  type TwilioState,
} from './world.js';
import { XmlError } from '../xml.js';

export interface Written {
  channel: TextChannel;
  body: string;
  /** The message that a swipe reply or a tap refers to; WhatsApp only. */
  originalSid?: string;
  /** The button that was tapped. */
  button?: { text: string; payload: string };
  /** Our number; default: the one that last wrote to this phone, else the first on the channel. */
  to?: string;
}

export interface Reaction {
  sid: string;
  /** HTTP status of the webhook's answer, null without an answer. */
  status: number | null;
  twiml: string | null;
}

export interface Inbound {
  /** Resolves when the webhook has answered. Gives null without a number to write to. */
  write: (phone: string, written: Written) => Promise<Reaction | null>;
}

const stopWords = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const startWords = new Set(['START', 'YES', 'UNSTOP']);
const helpWords = new Set(['HELP', 'INFO']);

export const createInbound = (
  options: TwilioOptions,
  state: TwilioState,
  ports: Ports,
  send: SendWebhook,
  messages: Messages,
  receipts: Receipts,
): Inbound => {
  const ourNumber = (phone: string, { channel, to }: Written): string | null => {
    if (to !== undefined) return addressOn(channel, to);
    const theirs = addressOn(channel, phone);
    const last = [...state.messages.values()].findLast((one) => one.direction !== 'inbound' && one.to === theirs);
    if (last) return last.from;
    return [...state.numbers.keys()].find((address) => channelOf(address) === channel) ?? null;
  };

  /** https://help.twilio.com/articles/223134027: by SMS only, whole body, any case; the message still goes to the webhook. */
  const keywords = (ours: string, theirs: string, body: string): void => {
    const word = body.trim().toUpperCase();
    const pair = `${ours} ${theirs}`;
    if (stopWords.has(word)) {
      if (state.optOuts.has(pair)) return;
      messages.answer(
        ours,
        theirs,
        'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
      );
      state.optOuts.add(pair);
    } else if (startWords.has(word)) {
      state.optOuts.delete(pair);
      messages.answer(
        ours,
        theirs,
        'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
      );
    } else if (helpWords.has(word)) {
      messages.answer(ours, theirs, 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.');
    }
  };

  const params = (message: Message, { originalSid, button }: Written): Record<string, string> => {
    const common = {
      AccountSid: options.accountSid,
      ApiVersion: apiVersion,
      Body: message.body,
      From: message.from,
      To: message.to,
      MessageSid: message.sid,
      SmsMessageSid: message.sid,
      SmsSid: message.sid,
      SmsStatus: 'received',
      NumMedia: '0',
      NumSegments: '1',
    };
    if (message.channel === 'sms') return common;
    return {
      ...common,
      ReferralNumMedia: '0',
      ProfileName: `Phone ${plainNumber(message.from).slice(-4)}`,
      WaId: plainNumber(message.from).slice(1),
      MessageType: button ? 'interactive' : 'text',
      ...(button ? { ButtonText: button.text, ButtonPayload: button.payload } : {}),
      ...(originalSid === undefined
        ? {}
        : { OriginalRepliedMessageSid: originalSid, OriginalRepliedMessageSender: message.to }),
    };
  };

  const put = (message: Message, text: string): void => {
    if (state.optOuts.has(`${message.to} ${message.from}`))
      ports.log(
        `Twilio: error 21610, the answer to ${plainNumber(message.from)} is not sent: the number has opted out by STOP`,
      );
    else messages.answer(message.to, message.from, text);
  };

  const perform = (message: Message, contentType: string, body: string): void => {
    if (body.trim() === '') return;
    try {
      if (contentType.startsWith('text/plain')) put(message, body);
      else if (!contentType.includes('xml') && !contentType.startsWith('text/html'))
        ports.log(`Twilio: error 12300, the webhook answered with content type ${contentType}`);
      else for (const text of parseMessaging(body)) put(message, text);
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      ports.log(`Twilio: error 12100, the webhook's TwiML cannot be parsed: ${error.message}`);
    }
  };

  return {
    write: async (phone, written) => {
      const ours = ourNumber(phone, written);
      if (ours === null) return null;
      const now = Date.now();
      const message: Message = {
        sid: newSid('SM'),
        channel: written.channel,
        direction: 'inbound',
        from: addressOn(written.channel, phone),
        to: ours,
        body: written.body,
        status: 'received',
        errorCode: null,
        createdAt: now,
        updatedAt: now,
        sentAt: now,
        statusCallback: null,
        serviceSid: null,
        template: false,
        buttons: [],
      };
      state.messages.set(message.sid, message);
      ports.changed(plainNumber(phone));
      ports.log(
        `Phone ${plainNumber(phone)} ${written.button ? 'taps' : 'writes'} by ${channelName(written.channel)}: ${written.body}`,
      );
      if (written.channel === 'sms') keywords(ours, message.from, written.body);
      else receipts.read(plainNumber(phone));
      const address = state.numbers.get(ours)?.messageUrl ?? null;
      if (address === null) {
        ports.log(`Twilio: no webhook is set for ${ours}`);
        return { sid: message.sid, status: null, twiml: null };
      }
      const answer = await send(address, params(message, written));
      if (answer && answer.status < 400) perform(message, answer.contentType, answer.body);
      return { sid: message.sid, status: answer?.status ?? null, twiml: answer?.body ?? null };
    },
  };
};
