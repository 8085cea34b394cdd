import { WorkflowNotFoundError } from '@temporalio/common';
import type { FastifyPluginAsync } from 'fastify';
import { pagerId, type ReceiptSignal } from '../../workflows/pager-contract.js';
import { receiptSignal } from '../../workflows/messages.js';
import { receiveStatus } from '../operations/received.js';
import { fieldOf, sidOf, type TwilioForm } from '../plugins/twilio-signature.js';

interface StatusRoute {
  Body: TwilioForm;
  Querystring: { contact?: unknown; attempt?: unknown };
}

/** Intermediate statuses: nothing depends on these, and another one follows; after `sent` not with every carrier. */
const intermediate = new Set(['accepted', 'scheduled', 'queued', 'sending', 'sent', 'ringing']);

/**
 * Delivery receipts and call statuses (`?contact=&attempt=`), for the pager that requested the message or call.
 * https://www.twilio.com/docs/messaging/guides/track-outbound-message-status, https://www.twilio.com/docs/voice/api/call-resource
 */
export const twilioStatus: FastifyPluginAsync<{ clock: () => number }> = async (scope, { clock }) => {
  scope.post<StatusRoute>('/twilio/status', { schema: receiveStatus }, async (request, reply) => {
    const form = request.body;
    const { contact, attempt } = request.query;
    const sid = sidOf(form, 'MessageSid', 'CallSid');
    const status = fieldOf(form, 'MessageStatus') ?? fieldOf(form, 'CallStatus');
    void reply.code(204);
    if (typeof contact !== 'string' || typeof attempt !== 'string' || status === undefined) {
      request.log.warn({ sid, status }, 'a delivery receipt names no contact, attempt or status');
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
    if (intermediate.has(status)) {
      request.log.debug(about, 'delivery receipt ignored');
      return;
    }
    try {
      const { request: call, timeouts } = scope.temporal;
      await call(timeouts.twilioTimeoutMs, (client) =>
        client.workflow.getHandle(pagerId(contact)).signal(receiptSignal, receipt),
      );
      request.log.info(about, 'delivery receipt recorded');
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      request.log.warn(about, 'a delivery receipt came for a pager that does not run');
    }
  });
};
