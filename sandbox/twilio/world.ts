/** What the pretend Twilio knows, and what it needs from whoever runs it. Times are milliseconds since the epoch. */

export type TextChannel = 'whatsapp' | 'sms';

export interface TwilioOptions {
  accountSid: string;
  authToken: string;
  apiKeys: { sid: string; secret: string }[];
}

/** All durations are milliseconds. */
export interface TwilioSettings {
  receipts: 'automatic' | 'on-command';
  sentAfter: number;
  deliveredAfter: number;
  /** null: a WhatsApp message is read when the person answers on WhatsApp. */
  readAfter: number | null;
  whatsappWindow: 'open' | 'enforced';
  ringingAfter: number;
  /** null: as long as the call's Timeout says. */
  ringFor: number | null;
  /** null: a Gather waits and a Pause lasts as long as the TwiML says. */
  voiceWait: number | null;
}

export type Timer = { cancel: () => void };

export interface Ports {
  settings: () => TwilioSettings;
  log: (line: string) => void;
  /** Something changed on the phone with this number. */
  changed: (number: string) => void;
  later: (ms: number, work: () => void | Promise<void>) => Timer;
  /** The error code with which the next message on this channel fails after it was accepted, if it was told to. */
  undeliverable: (channel: TextChannel) => number | null;
}

export interface Button {
  text: string;
  payload: string;
}

/** A receipt is a status as it is sent to StatusCallback. */
export interface Message {
  sid: string;
  channel: TextChannel;
  direction: 'outbound-api' | 'outbound-reply' | 'inbound';
  /** As Twilio says them: `whatsapp:+1…` or `+1…`. */
  from: string;
  to: string;
  body: string;
  status: string;
  errorCode: number | null;
  createdAt: number;
  updatedAt: number;
  sentAt: number | null;
  /** With the connection overrides of its fragment. */
  statusCallback: string | null;
  serviceSid: string | null;
  template: boolean;
  buttons: Button[];
}

export type CallStatus =
  'queued' | 'ringing' | 'in-progress' | 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled';

export interface Call {
  sid: string;
  from: string;
  to: string;
  status: CallStatus;
  createdAt: number;
  updatedAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  /** How long it rings, milliseconds. */
  timeout: number;
  /** Where the TwiML comes from: one of the two. */
  url: string | null;
  twiml: string | null;
  statusCallback: string | null;
  statusCallbackEvents: Set<string>;
  /** Counts the status callbacks sent. */
  sequence: number;
  spoken: string;
  answeredBy: 'human' | 'machine' | null;
}

export const isOver = (call: Call): boolean =>
  call.status !== 'queued' && call.status !== 'ringing' && call.status !== 'in-progress';

/** One of our numbers, as set up in Twilio's console. */
export interface OwnNumber {
  /** With connection overrides; null: nobody hears what is sent to it. */
  messageUrl: string | null;
}

export interface Template {
  /** With variables as `{{1}}`. */
  body: string;
  buttons: { id: string; title: string }[];
  /** Null for one that was put there by hand: it may be sent at any time. */
  content: Content | null;
}

/** What the Content API knows of a template. */
export interface Content {
  friendlyName: string;
  language: string;
  /** Sample values, sent where a message gives none. */
  variables: Record<string, string>;
  createdAt: number;
  approval: Approval;
}

export interface Approval {
  status: string;
  name: string;
  category: string;
  reason: string;
}

export interface TwilioState {
  messages: Map<string, Message>;
  calls: Map<string, Call>;
  numbers: Map<string, OwnNumber>;
  templates: Map<string, Template>;
  /** `<our number> <their number>` pairs that said STOP over SMS. */
  optOuts: Set<string>;
}

export const createState = (): TwilioState => ({
  messages: new Map(),
  calls: new Map(),
  numbers: new Map(),
  templates: new Map(),
  optOuts: new Set(),
});

const prefix = 'whatsapp:';
export const channelOf = (address: string): TextChannel => (address.startsWith(prefix) ? 'whatsapp' : 'sms');
/** As people write it, for the log. */
export const channelName = (channel: TextChannel): string => (channel === 'sms' ? 'SMS' : 'WhatsApp');
export const plainNumber = (address: string): string =>
  address.startsWith(prefix) ? address.slice(prefix.length) : address;
export const addressOn = (channel: TextChannel, number: string): string =>
  channel === 'whatsapp' ? prefix + plainNumber(number) : plainNumber(number);
/** The number of the phone, not ours. */
export const phoneOf = (message: Message): string =>
  plainNumber(message.direction === 'inbound' ? message.from : message.to);
