import type { FastifyPluginAsync } from 'fastify';
import { bareNumber } from '../../config/phone-numbers.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { contactOf } from '../../policy/route.js';
import { emptyResponse, messageResponse } from '../../twilio/twiml.js';
import type { Command, ReplySignal } from '../../workflows/pager-contract.js';
import { parseReply } from '../../workflows/reply-parser.js';
import { signalReply } from '../pagers.js';
import { receiveMessage } from '../operations/received.js';
import { fieldOf, sidOf, type TwilioForm } from '../plugins/twilio-signature.js';

/** Messages from numbers that are no contact, since this process began: many mean a wrong number in the escalation file or at Twilio. */
export interface UnknownSenders {
  /** Counts one more and gives the new count. */
  add: () => number;
  count: () => number;
}

export function createUnknownSenders(): UnknownSenders {
  let count = 0;
  return { add: () => (count += 1), count: () => count };
}

interface Options {
  escalation: EscalationSource;
  clock: () => number;
  unknownSenders: UnknownSenders;
}

/** The payload of a button comes before its text, and Twilio's OptOutType before an opt-out word that an operator defined. */
const commandFields = ['ButtonPayload', 'ButtonText', 'OptOutType', 'Body'] as const;

/** Null for what asks for nothing: a reaction that was taken back, or a message without any content. */
function commandIn(form: TwilioForm): Command | null {
  const texts = commandFields.flatMap((field) => fieldOf(form, field)?.trim() || []);
  const hasMedia = Number(fieldOf(form, 'NumMedia') ?? 0) > 0 || fieldOf(form, 'Latitude') !== undefined;
  if (texts.length === 0) return hasMedia ? { verb: 'unknown' } : null;
  const commands = texts.map(parseReply);
  return commands.find((command) => command?.verb !== 'unknown') ?? commands.at(-1) ?? null;
}

/** Who hides their number in WhatsApp writes from a user id, `whatsapp:ID…`, by which no contact can be found. */
const whyUnknown = (from: string): string =>
  /\d{5}/.test(bareNumber(from)) && !/[a-z]/i.test(bareNumber(from))
    ? 'a message came from a number that is no contact; it is not answered'
    : 'a message came from a user id, not from a number, so its contact cannot be found; it is not answered';

/** A text or a WhatsApp message that somebody sent: https://www.twilio.com/docs/messaging/guides/webhook-request */
export const twilioMessage: FastifyPluginAsync<Options> = async (scope, { escalation, clock, unknownSenders }) => {
  scope.post<{ Body: TwilioForm }>('/twilio/message', { schema: receiveMessage }, async (request, reply) => {
    const form = request.body;
    void reply.type('text/xml');
    const from = fieldOf(form, 'From') ?? '';
    const channel = /^whatsapp:/i.test(from) ? 'whatsapp' : 'sms';
    const contact = contactOf(escalation.current(), from, channel);
    // Copies of a webhook share its I-Twilio-Idempotency-Token, and its MessageSid too, by which the pager acts once. A message
    // that Twilio sends again, when the first webhook was answered too late, has another token but the same sid.
    const replyId = sidOf(form, 'MessageSid');
    if (contact === null) {
      request.log.warn({ channel, sid: replyId, unknownSenders: unknownSenders.add() }, whyUnknown(from));
      return emptyResponse();
    }
    const command = commandIn(form);
    if (command === null) {
      request.log.info({ contact, channel, sid: replyId }, 'a reply asks for nothing');
      return emptyResponse();
    }
    const named = fieldOf(form, 'OriginalRepliedMessageSid');
    const signal: ReplySignal = {
      replyId,
      channel,
      command,
      ...(named === undefined ? {} : { messageSid: named }),
      at: clock(),
    };
    try {
      const { request: call, timeouts } = scope.temporal;
      await call(timeouts.twilioTimeoutMs, (client) => signalReply(client, escalation.current(), contact, signal));
    } catch (err) {
      request.log.error({ err, contact, sid: replyId, alarm: 'reply-lost' }, 'a reply was not recorded');
      return messageResponse('Not recorded, please send it again in a minute.');
    }
    request.log.info({ contact, channel, verb: command.verb, sid: replyId }, 'reply recorded');
    return emptyResponse();
  });
};
