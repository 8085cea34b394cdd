import { WorkflowNotFoundError } from '@temporalio/common';
import type { FastifyPluginAsync } from 'fastify';
import { pagerId, type ReceiptSignal } from '../../workflows/contract.js';
import { receiptSignal } from '../../workflows/messages.js';
import { fieldOf, sidOf, type TwilioForm } from '../plugins/twilio-signature.js';

interface Door {
  Body: TwilioForm;
  Querystring: { contact?: unknown; attempt?: unknown };
}

/** On the way: another status follows, and nobody waits for these. */
const passing = new Set(['accepted', 'scheduled', 'queued', 'sending', 'ringing']);

/**
 * What became of a message or a call (`?contact=&attempt=`), for the pager that asked for it.
 * https://www.twilio.com/docs/messaging/guides/track-outbound-message-status, https://www.twilio.com/docs/voice/api/call-resource
 */
export const twilioStatus: FastifyPluginAsync<{ clock: () => number }> = async (scope, { clock }) => {
  scope.post<Door>('/twilio/status', async (request, reply) => {
    const form = request.body;
    const { contact, attempt } = request.query;
    const sid = sidOf(form, 'MessageSid') ?? sidOf(form, 'CallSid');
    const status = fieldOf(form, 'MessageStatus') ?? fieldOf(form, 'CallStatus');
    void reply.code(204);
    if (typeof contact !== 'string' || typeof attempt !== 'string' || sid === undefined || status === undefined) {
      request.log.warn({ sid, status }, 'a receipt names no contact, attempt, message or status');
      return;
    }
    const errorCode = fieldOf(form, 'ErrorCode');
    const receipt: ReceiptSignal = {
      attempt,
      sid,
      status,
      ...(errorCode === undefined ? {} : { errorCode }),
      at: clock(),
    };
    const about = { contact, attempt, sid, status, code: errorCode };
    if (passing.has(status)) {
      request.log.debug(about, 'receipt passed over');
      return;
    }
    try {
      const { within, patience } = scope.temporal;
      await within(patience.twilio, (client) =>
        client.workflow.getHandle(pagerId(contact)).signal(receiptSignal, receipt),
      );
      request.log.info(about, 'receipt recorded');
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      request.log.warn(about, 'a receipt came for a pager that does not run');
    }
  });
};
