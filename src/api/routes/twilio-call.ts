import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { callMenu, redirectTo, spoken } from '../../twilio/twiml.js';
import { pagerId, type Command } from '../../workflows/pager-contract.js';
import { replyOutcomeQuery } from '../../workflows/messages.js';
import { parseKey } from '../../workflows/reply-parser.js';
import { signalReply } from '../pagers.js';
import { receiveCall } from '../operations/received.js';
import { fieldOf, sidOf, type TwilioForm } from '../plugins/twilio-signature.js';
import type { PublicAddress } from '../public-address.js';

interface Options {
  escalation: EscalationSource;
  address: PublicAddress;
  clock: () => number;
}
interface CallRoute {
  Body: TwilioForm;
  Querystring: Record<string, unknown>;
}
interface Call {
  contact: string;
  attempt: string;
}

/** Twilio's time-out is 15 s, of which the network takes some. */
const requestBudgetMs = 13_000;
const maxRounds = 3;
const menuText = 'A Tableau refresh failed.';

/**
 * Where the keys of a call are posted (`?contact=&attempt=`), and where a caller is redirected to get the outcome of
 * one (`&reply=<reply id>&round=`). https://www.twilio.com/docs/voice/twiml/gather
 */
export const twilioCall: FastifyPluginAsync<Options> = async (scope, { escalation, address, clock }) => {
  const { temporal } = scope;
  const here = (query: Record<string, string>) => address.forTwilio('/twilio/call', query);
  const menu = (call: Call, text = menuText) =>
    callMenu({ text, action: here({ contact: call.contact, attempt: call.attempt }) });

  scope.post<CallRoute>('/twilio/call', { schema: receiveCall }, async (request, reply) => {
    void reply.type('text/xml');
    const { contact, attempt = '', reply: replyId, round } = strings(request.query);
    if (contact === undefined || !Object.hasOwn(escalation.current().contacts, contact)) {
      request.log.warn({ contact }, 'a call came back for a contact that is not in the escalation file');
      return spoken({ text: 'This call is not known here. Goodbye.' });
    }
    const call = { contact, attempt };
    // Before the digits: Twilio may send those of the call once more.
    if (replyId !== undefined) return await outcome(call, replyId, Number(round), temporal.timeouts.outcomeTimeoutMs);
    const digits = fieldOf(request.body, 'Digits') ?? '';
    const command = parseKey(digits);
    return command === null ? menu(call) : await answer(request, call, digits, command);
  });

  async function answer(
    request: FastifyRequest<CallRoute>,
    call: Call,
    digits: string,
    command: Command,
  ): Promise<string> {
    const { contact, attempt } = call;
    const began = Date.now();
    // The same in every copy of the webhook, so that the pager acts once.
    const replyId = `${sidOf(request.body, 'CallSid')}:${digits}`;
    const signal = { replyId, channel: 'call', command, attempt, at: clock() } as const;
    try {
      await temporal.request(temporal.timeouts.twilioTimeoutMs, (client) =>
        signalReply(client, escalation.current(), contact, signal),
      );
    } catch (err) {
      request.log.error({ err, contact, attempt, alarm: 'reply-lost' }, 'a key was not recorded');
      return menu(call, 'Not recorded, press again.');
    }
    request.log.info({ contact, channel: 'call', verb: command.verb, attempt }, 'reply recorded');
    const left = Math.max(0, began + requestBudgetMs - Date.now());
    return await outcome(call, replyId, 0, Math.min(temporal.timeouts.outcomeTimeoutMs, left));
  }

  async function outcome(call: Call, replyId: string, round: number, timeoutMs: number): Promise<string> {
    const pager = pagerId(call.contact);
    const known = await temporal.poll(timeoutMs, (remainingMs) =>
      temporal.query(pager, remainingMs, (workflow) => workflow.query(replyOutcomeQuery, replyId)),
    );
    if (known !== null) return spoken({ text: known.text });
    if (!(round < maxRounds)) return spoken({ text: 'Recorded. Good night.' });
    return redirectTo({ text: 'Recorded.', url: here({ ...call, reply: replyId, round: String(round + 1) }) });
  }
};

/** The query's fields that came once and are not empty. */
function strings(query: Record<string, unknown>): Partial<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  );
}
