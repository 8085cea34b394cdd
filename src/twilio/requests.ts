import type { CallListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/call.js';
import type { MessageListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { SendInput } from '../workflows/send-contract.js';
import { second, type Channel } from '../workflows/contract.js';
import { callMenu, spoken } from './twiml.js';
import type { TwilioConfig } from './client.js';
import { templateValues } from './template.js';

/** The limit of Twilio. */
const maxBodyLength = 1600;
const validitySeconds = { min: 6, max: 36_000 };
const ringSeconds = 25;

/** Makes Twilio repeat a callback on 5xx and timeouts too: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
export const callbackOverrides = '#rc=3&rp=ct,rt,5xx';

/** The request of a message; `texts` are the words by which `findEarlier` recognises it in Twilio's list. */
export interface MessageRequest {
  kind: 'message';
  /** Undefined where a messaging service chooses it. */
  from: string | undefined;
  template: boolean;
  texts: string[];
  options: MessageListInstanceCreateOptions;
}
export interface CallRequest {
  kind: 'call';
  from: string;
  options: CallListInstanceCreateOptions;
}

/** The address of a number on a channel, as Twilio writes it. */
const twilioAddress = (channel: Channel, number: string): string =>
  channel === 'whatsapp' ? `whatsapp:${number}` : number;

/**
 * The request of a send. `number` is the contact's, E.164. Undefined where the channel has no sender.
 * https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/voice/api/call-resource
 */
export function requestFor(
  input: SendInput,
  number: string,
  config: TwilioConfig,
  publicUrl: string,
): MessageRequest | CallRequest | undefined {
  const query = `contact=${encodeURIComponent(input.contact)}&attempt=${encodeURIComponent(input.attempt)}`;
  const statusCallback = `${publicUrl}/twilio/status?${query}${callbackOverrides}`;
  if (input.channel === 'call') {
    const action = `${publicUrl}/twilio/call?${query}${callbackOverrides}`;
    return {
      kind: 'call',
      from: config.from,
      options: {
        to: number,
        from: config.from,
        twiml: input.asksNothing ? spoken({ text: input.text }) : callMenu({ text: input.text, action }),
        timeout: ringSeconds,
        statusCallback,
        // Not 'ringing' and 'answered': only a key acknowledges.
        statusCallbackEvent: ['initiated', 'completed'],
      },
    };
  }
  const service = input.channel === 'sms' ? config.messagingServiceSid : undefined;
  const sender = input.channel === 'whatsapp' ? config.whatsappFrom : config.from;
  if (sender === undefined) return undefined;
  const from = service === undefined ? twilioAddress(input.channel, sender) : undefined;
  const { template, texts, content } = contentOf(input, config);
  return {
    kind: 'message',
    from,
    template,
    texts,
    options: {
      to: twilioAddress(input.channel, number),
      ...(from === undefined ? {} : { from }),
      ...(service === undefined ? {} : { messagingServiceSid: service }),
      ...content,
      statusCallback,
      validityPeriod: validityOf(input.validityMs),
    },
  };
}

function contentOf({ channel, text, variables }: SendInput, { contentSid }: TwilioConfig) {
  if (channel === 'whatsapp' && contentSid !== undefined && variables !== undefined) {
    const values = templateValues(variables);
    const content = { contentSid, contentVariables: JSON.stringify(values) };
    return { template: true, texts: Object.values(values), content };
  }
  const body =
    text.length <= maxBodyLength ? text : `${text.slice(0, maxBodyLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  return { template: false, texts: [body], content: { body } };
}

const validityOf = (validityMs: number): number =>
  Math.min(Math.max(Math.round(validityMs / second), validitySeconds.min), validitySeconds.max);
