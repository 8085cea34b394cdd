/** What the activities of Twilio throw: a `SendFailure` as an ApplicationFailure, with its type and its details. */
import { ApplicationFailure } from '@temporalio/common';
import { understand } from '../twilio/errors.js';
import type { SendFailure, SendInput } from '../workflows/send-contract.js';

/** The failure of a send. Never retryable: the workflow decides whether to send again, and must search Twilio's list first. */
export const sendFailure = (failure: SendFailure): ApplicationFailure => asApplicationFailure(failure, true);

/** The failure of a request that may be repeated without harm: a later try may succeed, unless an operator has to fix something. */
export const repeatableFailure = (failure: SendFailure): ApplicationFailure =>
  asApplicationFailure(failure, failure.type === 'configuration' || failure.type === 'recipient');

function asApplicationFailure({ type, ...detail }: SendFailure, nonRetryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({ type, nonRetryable, message: detail.message, details: [detail] });
}

/** The result of a request, or a `sendFailure` of what Twilio's client throws. */
export async function orSendFailure<T>(
  work: () => Promise<T>,
  revise = (failure: SendFailure): SendFailure => failure,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sendFailure(revise(understand(error)));
  }
}

/** Whatever prevented the search, the earlier try may have been accepted. */
export const stillUnknown = (failure: SendFailure): SendFailure =>
  failure.type === 'configuration'
    ? failure
    : { ...failure, type: 'unknown', message: `Whether an earlier try was accepted is not known: ${failure.message}` };

export const noEarlierAttempt: SendFailure = {
  type: 'rescheduled',
  code: 'not-found',
  message: 'No earlier try was accepted. The pager sends it again if it is still wanted.',
};

export const staleAttempt: SendFailure = {
  type: 'rescheduled',
  code: 'stale-attempt',
  message: 'An answer may be on its way. The pager sends it again if it is still wanted.',
};

export const noAddress = ({ contact, channel }: SendInput): SendFailure => ({
  type: 'recipient',
  code: 'no-address',
  message: `The contact ${contact} has no address for ${channel}. Add one to the escalation file.`,
  operator: true,
});

export const noSender: SendFailure = {
  type: 'configuration',
  code: 'no-sender',
  message: 'There is no number to send WhatsApp messages from. Set WHATSAPP_FROM.',
};
