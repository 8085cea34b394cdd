import { activityInfo, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import type { SendActivities, SendInput } from '../workflows/activity-contract.js';
import type { Channel } from '../workflows/contract.js';
import { fresh, type Asking, type Listen } from './pending-answers.js';
import type { TwilioClient, TwilioConfig } from '../twilio/client.js';
import { repeatableFailure, sendFailure, understand, type SendFailure } from '../twilio/errors.js';
import { findEarlier } from '../twilio/reconcile.js';
import { requestFor, type CallRequest, type MessageRequest } from '../twilio/requests.js';

export interface TwilioDependencies {
  twilio: TwilioClient;
  config: TwilioConfig;
  /** The E.164 number of a contact on a channel. */
  address: (contact: string, channel: Channel) => string | undefined;
  /** Without a trailing slash. */
  publicUrl: string;
  logger: BaseLogger;
  /** Whether somebody may have answered, by what these workflows have yet to hear or to say. */
  mayBeAnswered: (listen: Listen, asking: Asking) => Promise<boolean>;
  /** Waits for milliseconds; by default as Temporal's activities do, which ends early when the activity is cancelled. */
  pause?: (milliseconds: number) => Promise<void>;
}

/** How long Twilio's lists may be behind, milliseconds. */
const listDelay = 3_000;

/** Messages and calls by Twilio; `SendActivities` says what they take, give and throw. */
export function createTwilioActivities(dependencies: TwilioDependencies): SendActivities {
  const { twilio, config, address, publicUrl, logger, mayBeAnswered, pause = sleep } = dependencies;

  /** Whether a try has to wait: an answer may be on its way, or came when this process was frozen as it asked. */
  async function mustWait({ answerSources: listen, contact, attempt }: SendInput): Promise<boolean> {
    if (!listen) return false;
    const askedAt = Date.now();
    try {
      if (await mayBeAnswered(listen, { contact, activityId: activityInfo().activityId })) return true;
    } catch (error) {
      logger.warn({ attempt, error: String(error) }, 'whether somebody has answered could not be asked');
    }
    return Date.now() - askedAt > fresh;
  }

  async function send(input: SendInput) {
    const number = address(input.contact, input.channel);
    if (number === undefined) throw sendFailure(noAddress(input));
    const request = requestFor(input, number, config, publicUrl);
    if (request === undefined) throw sendFailure(noSender);
    const { retry } = input;
    if (retry) {
      await pause(listDelay);
      const earlier = await understood(() => findEarlier(twilio, request, retry), stillUnknown);
      if (earlier !== undefined) return { sid: earlier, found: true };
      throw sendFailure(nothingThere);
    }
    if ((!input.staleAttempt && ageOfTry() > fresh) || (await mustWait(input))) throw sendFailure(tooLate);
    return { sid: await understood(() => place(twilio, request)), found: false };
  }

  async function end(sid: string, status: 'canceled' | 'completed'): Promise<boolean> {
    try {
      const call = await twilio.calls(sid).update({ status });
      return call.status !== 'in-progress';
    } catch (error) {
      const failure = understand(error);
      if (failure.code === notInProgress) return status === 'completed';
      if (unknownCall.has(failure.code)) return true;
      throw repeatableFailure(failure);
    }
  }

  return {
    async send(input) {
      const about = { attempt: input.attempt, contact: input.contact, channel: input.channel };
      try {
        const result = await send(input);
        // The pager says that it was sent, and what it carried.
        if (result.found) logger.info({ ...about, ...result }, 'an earlier try was accepted');
        else logger.debug({ ...about, ...result }, 'accepted by Twilio');
        return result;
      } catch (error) {
        report(logger, about, error);
        throw error;
      }
    },

    // Only `canceled` stops a call without answering for it; Twilio takes it while the call is queued or ringing.
    async endCall({ contact, sid }) {
      const ended = (await end(sid, 'canceled')) || (await end(sid, 'completed'));
      logger.info({ contact, sid, ended }, 'call ended');
    },
  };
}

const notInProgress = '21220';
const unknownCall = new Set(['20404', 'http-404']);

async function place(twilio: TwilioClient, request: MessageRequest | CallRequest): Promise<string> {
  if (request.kind === 'call') {
    const { sid } = await twilio.calls.create(request.options);
    return accepted(sid);
  }
  const { sid, status, errorCode } = await twilio.messages.create(request.options);
  // There is no receipt for the status that a message begins with.
  if (status === 'failed' || status === 'undelivered')
    throw Object.assign(new Error(), { status: 400, code: errorCode });
  return accepted(sid);
}

/** Something between us and Twilio has answered when there is no sid. */
function accepted(sid: unknown): string {
  if (typeof sid === 'string' && sid !== '') return sid;
  throw new TypeError('no sid');
}

async function understood<T>(work: () => Promise<T>, revise = (failure: SendFailure) => failure): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sendFailure(revise(understand(error)));
  }
}

/** Whatever kept us from looking, the earlier try may have been accepted. */
const stillUnknown = (failure: SendFailure): SendFailure =>
  failure.type === 'configuration'
    ? failure
    : { ...failure, type: 'unknown', message: `Whether an earlier try was accepted is not known: ${failure.message}` };

const ageOfTry = (): number => Date.now() - activityInfo().currentAttemptScheduledTimestampMs;

const nothingThere: SendFailure = {
  type: 'rescheduled',
  code: 'not-found',
  message: 'No earlier try was accepted. It is sent if it is still wanted.',
};

const tooLate: SendFailure = {
  type: 'rescheduled',
  code: 'stale-attempt',
  message: 'This try began late. It is sent if it is still wanted.',
};

const noAddress = ({ contact, channel }: SendInput): SendFailure => ({
  type: 'recipient',
  code: 'no-address',
  message: `The contact ${contact} has no address for ${channel}. Add one to the escalation file.`,
  operator: true,
});

const noSender: SendFailure = {
  type: 'configuration',
  code: 'no-sender',
  message: 'There is no number to send WhatsApp messages from. Set WHATSAPP_FROM.',
};

/** No alarm: the pager raises one for each trouble, where this would raise one for each page. */
function report(logger: BaseLogger, about: object, error: unknown): void {
  if (!(error instanceof ApplicationFailure)) return;
  const { type, message, details } = error;
  logger[type === 'rescheduled' ? 'info' : 'warn']({ ...about, type, details }, message);
}
