/** The phones: messages and calls, and what their owners do with them. */
import type { Twilio } from './twilio/twilio.js';
import type { Reaction, Written } from './twilio/inbound.js';
import type { Fetched } from './twilio/session.js';
import { phoneOf, plainNumber, type Button, type Call, type Message, type TextChannel } from './twilio/world.js';

export interface PhoneMessage {
  sid: string;
  channel: TextChannel;
  /** Twilio's direction: `outbound-api` and `outbound-reply` came to this phone, `inbound` was written on it. */
  direction: Message['direction'];
  from: string;
  to: string;
  body: string;
  /** Milliseconds since the epoch. */
  at: number;
  status: string;
  errorCode: number | null;
  buttons: Button[];
}

export interface PhoneCall {
  sid: string;
  from: string;
  to: string;
  status: Call['status'];
  /** Everything spoken so far. */
  spoken: string;
  at: number;
  answeredBy: Call['answeredBy'];
}

export interface Phone {
  number: string;
  /** Whose phone it is, where somebody has said so. */
  name?: string;
  messages: PhoneMessage[];
  calls: PhoneCall[];
}

export type CallAction = 'answer' | 'press' | 'hangup' | 'decline' | 'voicemail';
/** The webhook's status and TwiML, when the action caused one. */
export type CallReaction = Fetched & { call: PhoneCall };
export type Refusal = { refused: string; status: 404 | 409 };

export interface Phones {
  list: () => Phone[];
  /** An empty phone for an unknown number. */
  get: (number: string) => Phone;
  /** Says whose phone it is; it is listed from then on. */
  name: (number: string, name: string) => Phone;
  /** Writes a message; resolves when the webhook has answered. */
  reply: (number: string, written: Omit<Written, 'button'>) => Promise<Reaction | Refusal>;
  /** Taps a button of a WhatsApp message. */
  tap: (number: string, tap: { sid: string; payload: string; text: string }) => Promise<Reaction | Refusal>;
  call: (sid: string, action: CallAction, digits?: string) => Promise<CallReaction | Refusal>;
  /** Sends a status callback now; ends a call with this status. */
  receipt: (sid: string, status: string, errorCode?: number) => Promise<{ status: number | null } | Refusal>;
}

export const isRefusal = (value: object): value is Refusal => 'refused' in value;

const showMessage = (message: Message): PhoneMessage => ({
  sid: message.sid,
  channel: message.channel,
  direction: message.direction,
  from: message.from,
  to: message.to,
  body: message.body,
  at: message.createdAt,
  status: message.status,
  errorCode: message.errorCode,
  buttons: message.buttons,
});

const showCall = (call: Call): PhoneCall => ({
  sid: call.sid,
  from: call.from,
  to: call.to,
  status: call.status,
  spoken: call.spoken,
  at: call.createdAt,
  answeredBy: call.answeredBy,
});

const finalStatuses = ['completed', 'busy', 'failed', 'no-answer', 'canceled'] as const;

export const createPhones = ({ state, calls, inbound, receipts }: Omit<Twilio, 'describe'>): Phones => {
  /** Number → name, in the order in which they were named. */
  const names = new Map<string, string>();
  const get: Phones['get'] = (given) => {
    const number = plainNumber(given);
    const name = names.get(number);
    return {
      number,
      ...(name === undefined ? {} : { name }),
      messages: [...state.messages.values()].filter((one) => phoneOf(one) === number).map((one) => showMessage(one)),
      calls: [...state.calls.values()].filter((one) => one.to === number).map((one) => showCall(one)),
    };
  };

  const noNumber: Refusal = { refused: 'There is no number to write to: set one, or give "to".', status: 409 };

  const act = (call: Call, action: CallAction, digits: string): Promise<Fetched | null> | Fetched | null => {
    switch (action) {
      case 'answer':
        return calls.answer(call, 'human');
      case 'voicemail':
        return calls.answer(call, 'machine');
      case 'press':
        return calls.press(call, digits);
      case 'hangup':
        return calls.hangUp(call);
      case 'decline':
        return calls.decline(call);
    }
  };

  return {
    get,
    name: (number, name) => {
      names.set(plainNumber(number), name);
      return get(number);
    },
    list: () => {
      const numbers = new Set([
        ...[...state.messages.values()].map((one) => phoneOf(one)),
        ...[...state.calls.values()].map((one) => one.to),
      ]);
      const unnamed = [...numbers].filter((number) => !names.has(number)).toSorted();
      return [...names.keys(), ...unnamed].map((number) => get(number));
    },
    reply: async (number, written) => (await inbound.write(plainNumber(number), written)) ?? noNumber,
    tap: async (number, { sid, payload, text }) => {
      const original = state.messages.get(sid);
      if (original?.channel !== 'whatsapp') return { refused: `There is no WhatsApp message ${sid}.`, status: 404 };
      const button = { text, payload };
      const tapped = { channel: original.channel, body: text, originalSid: sid, to: original.from, button };
      return (await inbound.write(plainNumber(number), tapped)) ?? noNumber;
    },
    call: async (sid, action, digits = '') => {
      const call = state.calls.get(sid);
      if (!call) return { refused: `There is no call ${sid}.`, status: 404 };
      const before = call.status;
      const fetched = await act(call, action, digits);
      if (!fetched) return { refused: `A call that is ${before} cannot: ${action}.`, status: 409 };
      return { ...fetched, call: showCall(call) };
    },
    receipt: async (sid, status, errorCode) => {
      const message = state.messages.get(sid);
      if (message) return { status: (await receipts.advance(message, status, errorCode))?.status ?? null };
      const call = state.calls.get(sid);
      const final = finalStatuses.find((one) => one === status);
      if (!call) return { refused: `There is no message or call ${sid}.`, status: 404 };
      if (!final) return { refused: `A call cannot be ended as ${status}.`, status: 409 };
      calls.end(call, final);
      return { status: null };
    },
  };
};
