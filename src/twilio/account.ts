/** What the Twilio console configures, as far as `doctor` compares it with our configuration. Reads only. */
import type { TwilioClient } from './client.js';
import { orPlainError } from './errors.js';

/** Where Twilio posts a message that arrives; `url` is empty where it posts to nobody. */
export interface Incoming {
  url: string;
  method: string;
}

export interface OwnNumber {
  sms: boolean;
  voice: boolean;
  incoming: Incoming;
}

/** Every method throws an Error for the person at the terminal: what happened and what to do, without credentials. */
export interface TwilioAccount {
  /** https://www.twilio.com/docs/iam/api/account. An API key may not read it. */
  account: () => Promise<{ status: string; trial: boolean }>;
  /** https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource; null where the account does not have the number. */
  number: (number: string) => Promise<OwnNumber | null>;
  /** https://www.twilio.com/docs/messaging/api/service-resource; `incoming` is null where it leaves messages to the number. */
  messagingService: (sid: string) => Promise<{ incoming: Incoming | null }>;
  /** https://www.twilio.com/docs/whatsapp/api/senders; null where there is no such sender. */
  whatsappSender: (number: string) => Promise<{ status: string; incoming: Incoming } | null>;
}

const maxSenders = 1_000;

export function createTwilioAccount(twilio: TwilioClient, accountSid: string): TwilioAccount {
  return {
    account: () =>
      orPlainError(async () => {
        const { status, type } = await twilio.api.v2010.accounts(accountSid).fetch();
        return { status, trial: type === 'Trial' };
      }),
    number: (phoneNumber) =>
      orPlainError(async () => {
        const [found] = await twilio.incomingPhoneNumbers.list({ phoneNumber, limit: 1 });
        if (found === undefined) return null;
        const { capabilities, smsUrl, smsMethod } = found;
        return { sms: capabilities.sms, voice: capabilities.voice, incoming: incomingOf(smsUrl, smsMethod) };
      }),
    messagingService: (sid) =>
      orPlainError(async () => {
        const service = await twilio.messaging.v1.services(sid).fetch();
        const { useInboundWebhookOnNumber: leaves, inboundRequestUrl: url, inboundMethod: method } = service;
        return { incoming: leaves ? null : incomingOf(url, method) };
      }),
    whatsappSender: (number) =>
      orPlainError(async () => {
        const senders = await twilio.messaging.v2.channelsSenders.list({ channel: 'whatsapp', limit: maxSenders });
        const found = senders.find(({ senderId }) => senderId === `whatsapp:${number}`);
        if (found === undefined) return null;
        return {
          status: found.status,
          incoming: incomingOf(found.webhook?.callbackUrl, found.webhook?.callbackMethod),
        };
      }),
  };
}

const incomingOf = (url: string | null | undefined, method: string | null | undefined): Incoming => ({
  url: url ?? '',
  method: (method ?? 'POST').toUpperCase(),
});
