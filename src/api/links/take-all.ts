/** Takes all that is open for a contact, from the page of a list: the pager does it, as for the reply ALL. */
import type { FastifyBaseLogger } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { addressOf } from '../../policy/route.js';
import { textChannels } from '../../workflows/channels.js';
import { second } from '../../workflows/contract.js';
import { replyOutcomeQuery } from '../../workflows/messages.js';
import { pagerId, type ReplySignal } from '../../workflows/pager-contract.js';
import { signalReply } from '../pagers.js';
import type { TemporalGateway } from '../temporal-gateway.js';

interface Dependencies {
  temporal: TemporalGateway;
  escalation: EscalationSource;
  clock: () => number;
  log: FastifyBaseLogger;
}

/** A page that shows the outcome does not wait longer for a worker. */
const shownWithinMs = second;

const replyIdOf = (nonce: string): string => `link:${nonce}`;

export function createTakeAll({ temporal, escalation, clock, log }: Dependencies) {
  const { readTimeoutMs, outcomeTimeoutMs } = temporal.timeouts;

  async function outcome(contact: string, nonce: string, timeoutMs: number): Promise<string | null> {
    const known = await temporal.poll(timeoutMs, (remainingMs) =>
      temporal.query(pagerId(contact), remainingMs, (pager) => pager.query(replyOutcomeQuery, replyIdOf(nonce))),
    );
    return known?.text ?? null;
  }

  return {
    /** What became of it, as a text; null while that is not known. */
    outcome: (contact: string, nonce: string) => outcome(contact, nonce, shownWithinMs),

    /** It is durable before its outcome is waited for; the same nonce again changes nothing. Throws `temporalUnavailable`. */
    async take(contact: string, nonce: string): Promise<void> {
      const file = escalation.current();
      const reply: ReplySignal = {
        replyId: replyIdOf(nonce),
        channel: textChannels.find((one) => addressOf(file, contact, one) !== undefined) ?? 'sms',
        command: { verb: 'acknowledge', all: true },
        at: clock(),
        isOnPage: true,
      };
      await temporal.request(readTimeoutMs, (client) => signalReply(client, file, contact, reply));
      const { replyId, channel } = reply;
      log.info({ contact, channel, verb: 'acknowledge', sid: replyId }, 'reply recorded');
      await outcome(contact, nonce, outcomeTimeoutMs);
    },
  };
}
