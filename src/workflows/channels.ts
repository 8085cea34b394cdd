/**
 * What is different from one channel to the next, as plain data. A new channel is a row here, a row in `pager/compose.ts` for its
 * texts, and the requests to its vendor (`twilio/requests.ts`).
 */
import { channels, type Channel } from './contract.js';
import { type PagerSettings } from './pager-contract.js';

/** A channel whose messages are read. */
export type TextChannel = Exclude<Channel, 'call'>;

export interface ChannelTraits {
  /** As people read it. */
  name: string;
  /** The contact's address in the escalation file. */
  address: 'whatsapp' | 'phone';
  /** It rings, is answered by a key, and can be ended. */
  isCall: boolean;
  /** The setting for how long pages are held behind an unanswered one. */
  window: keyof Pick<PagerSettings, 'windowMs' | 'callWindowMs'>;
  /** The setting for the hourly limit. Channels with the same setting share the limit. */
  hourlyLimit: keyof Pick<PagerSettings, 'messagesPerHour' | 'callsPerHour'>;
  /** The channel of notices for somebody who was reached by this one: never a call. */
  notices: TextChannel;
  /** The channel of a text that cannot be delivered here; null: none. */
  fallback: TextChannel | null;
  /** Twilio itself answers STOP, START and HELP: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out */
  answersKeywords: boolean;
  /** A first message needs a template: https://www.twilio.com/docs/whatsapp/key-concepts */
  hasTemplate: boolean;
  /** The length limit of a text, in SMS segments or in characters; null for what is spoken. */
  maxText: { segments: number } | { characters: number } | null;
}

export const channelTraits: Readonly<Record<Channel, ChannelTraits>> = {
  whatsapp: {
    name: 'WhatsApp',
    address: 'whatsapp',
    isCall: false,
    window: 'windowMs',
    hourlyLimit: 'messagesPerHour',
    notices: 'whatsapp',
    fallback: 'sms',
    answersKeywords: false,
    hasTemplate: true,
    maxText: { characters: 1_000 },
  },
  sms: {
    name: 'SMS',
    address: 'phone',
    isCall: false,
    window: 'windowMs',
    hourlyLimit: 'messagesPerHour',
    notices: 'sms',
    fallback: null,
    answersKeywords: true,
    hasTemplate: false,
    maxText: { segments: 2 },
  },
  call: {
    name: 'Call',
    address: 'phone',
    isCall: true,
    window: 'callWindowMs',
    hourlyLimit: 'callsPerHour',
    notices: 'sms',
    fallback: null,
    answersKeywords: false,
    hasTemplate: false,
    maxText: null,
  },
};

export const channelName = (channel: Channel): string => channelTraits[channel].name;
/** The same within a sentence. */
export const channelWord = (channel: Channel): string =>
  channelTraits[channel].isCall ? channelName(channel).toLowerCase() : channelName(channel);

export const isTextChannel = (channel: Channel): channel is TextChannel => !channelTraits[channel].isCall;
export const textChannels: readonly TextChannel[] = channels.filter(isTextChannel);
