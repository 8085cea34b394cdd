/** Status changes of accepted messages, and their status callbacks. */
import type { Answer } from './http.js';
import { apiVersion } from './resources.js';
import type { SendWebhook } from './webhook.js';
import {
  channelName,
  phoneOf,
  plainNumber,
  type Message,
  type Ports,
  type TwilioOptions,
  type TwilioState,
} from './world.js';

const failed = new Set(['failed', 'undelivered']);

export interface Receipts {
  /** Schedules the status changes of an accepted message, unless receipts are sent on command. */
  follow: (message: Message) => void;
  /** Sets the status now and sends the callback. Gives the answer, null without one. */
  advance: (message: Message, status: string, errorCode?: number) => Promise<Answer | null>;
  /** Marks the WhatsApp messages on this phone as read. */
  read: (phone: string) => void;
}

const params = (accountSid: string, message: Message): Record<string, string> => ({
  AccountSid: accountSid,
  ApiVersion: apiVersion,
  From: message.from,
  To: message.to,
  MessageSid: message.sid,
  MessageStatus: message.status,
  SmsSid: message.sid,
  SmsStatus: message.status,
  ...(message.serviceSid === null ? {} : { MessagingServiceSid: message.serviceSid }),
  ...(message.errorCode === null || !failed.has(message.status) ? {} : { ErrorCode: String(message.errorCode) }),
  ...(message.channel === 'whatsapp'
    ? {
        ChannelPrefix: 'whatsapp',
        ChannelToAddress: plainNumber(message.to),
        ChannelInstallSid: `XE${accountSid.slice(2)}`,
        StructuredMessage: String(message.template),
      }
    : {}),
});

export const createReceipts = (
  options: TwilioOptions,
  state: TwilioState,
  ports: Ports,
  send: SendWebhook,
): Receipts => {
  const advance: Receipts['advance'] = async (message, status, errorCode) => {
    message.status = status;
    message.errorCode = failed.has(status) ? (errorCode ?? null) : null;
    message.updatedAt = Date.now();
    if (status !== 'queued' && status !== 'accepted') message.sentAt ??= Date.now();
    ports.changed(phoneOf(message));
    ports.log(
      `Twilio: ${channelName(message.channel)} to ${plainNumber(message.to)} is ${status}${errorCode === undefined ? '' : ` (${errorCode})`}`,
    );
    return message.statusCallback === null ? null : send(message.statusCallback, params(options.accountSid, message));
  };

  const outsideWindow = (message: Message): boolean => {
    if (message.channel !== 'whatsapp' || message.template || ports.settings().whatsappWindow === 'open') return false;
    const since = Date.now() - 24 * 60 * 60 * 1000;
    return ![...state.messages.values()].some(
      (one) =>
        one.direction === 'inbound' && one.from === message.to && one.to === message.from && one.createdAt >= since,
    );
  };

  const after = (ms: number, message: Message, from: string[], status: string, code?: number): void => {
    ports.later(ms, async () => {
      // A command may have changed the status meanwhile.
      if (from.includes(message.status)) await advance(message, status, code);
    });
  };

  const read: Receipts['read'] = (phone) => {
    if (ports.settings().receipts === 'on-command') return;
    for (const message of state.messages.values()) {
      const unread = message.status === 'sent' || message.status === 'delivered';
      if (message.channel === 'whatsapp' && message.direction !== 'inbound' && unread && phoneOf(message) === phone)
        after(0, message, ['sent', 'delivered'], 'read');
    }
  };

  const follow: Receipts['follow'] = (message) => {
    const { receipts, sentAfterMs, deliveredAfterMs, readAfterMs } = ports.settings();
    if (receipts === 'on-command') return;
    const undeliverable = outsideWindow(message) ? 63016 : ports.undeliverable(message.channel);
    if (undeliverable !== null) {
      const status = message.channel === 'whatsapp' ? 'failed' : 'undelivered';
      after(sentAfterMs, message, ['queued', 'accepted'], status, undeliverable);
      return;
    }
    after(sentAfterMs, message, ['queued', 'accepted'], 'sent');
    after(sentAfterMs + deliveredAfterMs, message, ['sent'], 'delivered');
    if (message.channel === 'whatsapp' && readAfterMs !== null)
      after(sentAfterMs + deliveredAfterMs + readAfterMs, message, ['delivered'], 'read');
  };

  return { follow, advance, read };
};
