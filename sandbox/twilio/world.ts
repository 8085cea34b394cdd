/** The state of the simulated Twilio, and what it needs from the sandbox. Times are milliseconds since the epoch. */

export type TextChannel = 'whatsapp' | 'sms';

export interface TwilioOptions {
  accountSid: string;
  authToken: string;
  apiKeys: { sid: string; secret: string }[];
}

export interface TwilioSettings {
  twilioAccount: 'active' | 'trial' | 'suspended';
  receipts: 'automatic' | 'on-command';
  sentAfterMs: number;
  deliveredAfterMs: number;
  /** Null: WhatsApp messages are read when the person replies on WhatsApp. */
  readAfterMs: number | null;
  whatsappWindow: 'open' | 'enforced';
  ringingAfterMs: number;
  /** Null: the call's Timeout. */
  ringForMs: number | null;
  /** Null: the durations in the TwiML. */
  voiceWaitMs: number | null;
}

export type Timer = { cancel: () => void };

export interface Ports {
  settings: () => TwilioSettings;
  log: (line: string) => void;
  /** The phone with this number has changed. */
  changed: (number: string) => void;
  later: (ms: number, work: () => void | Promise<void>) => Timer;
  /** The error code of a fault for the next accepted message on this channel, if there is one. */
  undeliverable: (channel: TextChannel) => number | null;
}

export interface Button {
  text: string;
  payload: string;
}

export interface Message {
  sid: string;
  channel: TextChannel;
  direction: 'outbound-api' | 'outbound-reply' | 'inbound';
  /** Twilio's addresses: `whatsapp:+1…` or `+1…`. */
  from: string;
  to: string;
  body: string;
  status: string;
  errorCode: number | null;
  createdAt: number;
  updatedAt: number;
  sentAt: number | null;
  /** With connection overrides in its fragment. */
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
  /** How long it rings. */
  timeoutMs: number;
  /** The source of the TwiML: one of the two. */
  url: string | null;
  twiml: string | null;
  statusCallback: string | null;
  statusCallbackEvents: Set<string>;
  /** The number of status callbacks sent. */
  sequence: number;
  spoken: string;
  answeredBy: 'human' | 'machine' | null;
}

export const isOver = (call: Call): boolean =>
  call.status !== 'queued' && call.status !== 'ringing' && call.status !== 'in-progress';

/** One of our numbers, as configured in Twilio's console. */
export interface OwnNumber {
  /** With connection overrides in its fragment; null: no webhook. */
  messageUrl: string | null;
  /** How Twilio's console says that it posts there: POST unless given. The sandbox itself always posts. */
  messageMethod?: 'GET' | 'POST';
  /** Whether it is listed as able to send SMS; it is unless this is false. */
  sms?: boolean;
  /** Whether it can make calls; it can unless this is false. */
  voice?: boolean;
  /** Of a WhatsApp sender, as listed; `ONLINE` unless given. */
  senderStatus?: string;
}

export interface Template {
  /** With variables as `{{1}}`. */
  body: string;
  buttons: { id: string; title: string }[];
  /** Null for one set by the control API, which may be sent at any time. */
  content: Content | null;
}

/** Properties of a template in the Content API. */
export interface Content {
  friendlyName: string;
  language: string;
  /** Sample values, used where a message gives none. */
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
  /** `<our number> <their number>` pairs that opted out by SMS. */
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
/** The name for the log. */
export const channelName = (channel: TextChannel): string => (channel === 'sms' ? 'SMS' : 'WhatsApp');
export const plainNumber = (address: string): string =>
  address.startsWith(prefix) ? address.slice(prefix.length) : address;
export const addressOn = (channel: TextChannel, number: string): string =>
  channel === 'whatsapp' ? prefix + plainNumber(number) : plainNumber(number);
/** The number of the phone, not our number. */
export const phoneOf = (message: Message): string =>
  plainNumber(message.direction === 'inbound' ? message.from : message.to);
