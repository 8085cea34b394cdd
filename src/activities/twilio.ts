import { activityInfo, sleep as sleepUntilCancelled } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import type { AnswerSources, MessageBody, SendActivities, SendInput, SendResult } from '../workflows/send-contract.js';
import type { Links } from '../links/links.js';
import type { Channel } from '../workflows/contract.js';
import { withLink } from '../workflows/link-place.js';
import { staleAfterMs, type SendActivity } from './pending-answers.js';
import {
  noAddress,
  noEarlierAttempt,
  noSender,
  orSendFailure,
  repeatableFailure,
  sendFailure,
  staleAttempt,
  stillUnknown,
} from './send-failures.js';
import type { TwilioClient, TwilioConfig } from '../twilio/client.js';
import { understand } from '../twilio/errors.js';
import { findEarlier } from '../twilio/reconcile.js';
import { requestFor, type CallRequest, type MessageRequest } from '../twilio/requests.js';

export interface TwilioDependencies {
  twilio: TwilioClient;
  config: TwilioConfig;
  /** The E.164 number of a contact on a channel. */
  address: (contact: string, channel: Channel) => Promise<string | undefined>;
  /** Without a trailing slash. */
  publicUrl: string;
  /** The links of pages; null: pages have none. */
  links?: Links | null;
  logger: BaseLogger;
  /** Whether somebody may have answered: an answer may be pending in one of these workflows. */
  mayBeAnswered: (sources: AnswerSources, send: SendActivity) => Promise<boolean>;
  /** By default that of Temporal's activities, which ends early when the activity is cancelled. */
  sleep?: (ms: number) => Promise<void>;
}

/** Twilio lists a message or call at most this long after it was created. */
const listDelayMs = 3_000;

/** Messages and calls by Twilio, as `SendActivities` describes them. */
export function createTwilioActivities(dependencies: TwilioDependencies): SendActivities {
  const { twilio, logger } = dependencies;
  const send = createSend(dependencies);
  return {
    async send(input) {
      const about = { attempt: input.attempt, contact: input.contact, channel: input.channel };
      try {
        const result = await send(input);
        // The pager logs that it was sent, and what it carried.
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
      const ended = (await endCall(twilio, sid, 'canceled')) || (await endCall(twilio, sid, 'completed'));
      logger.info({ contact, sid, ended }, 'call ended');
    },
  };
}

function createSend(dependencies: TwilioDependencies): (input: SendInput) => Promise<SendResult> {
  const { twilio, config, address, publicUrl, links = null, logger, mayBeAnswered } = dependencies;
  const { sleep = sleepUntilCancelled } = dependencies;

  /** Its body with the link, which is the same in every try. */
  const linked = <T extends MessageBody>(body: T, contact: string): T => ({
    ...body,
    ...withLink(body, links && body.link ? links.of(contact, body.link) : null),
  });

  /** Whether this attempt must not send: an answer may be pending, or may have arrived while this process was frozen during the check. */
  async function mustWait({ answerSources, contact, attempt }: SendInput): Promise<boolean> {
    if (!answerSources || (answerSources.onlyWhenStale && attemptAgeMs() <= staleAfterMs)) return false;
    const checkedAt = Date.now();
    try {
      if (await mayBeAnswered(answerSources, { contact, activityId: activityInfo().activityId })) return true;
    } catch (error) {
      // Temporal is unavailable: an answer may be there, and the pager lets a message wait for one for a few seconds only.
      logger.warn({ attempt, error: String(error) }, 'could not check whether an answer is pending');
      return true;
    }
    return Date.now() - checkedAt > staleAfterMs;
  }

  return async (input) => {
    const number = await address(input.contact, input.channel);
    if (number === undefined) throw sendFailure(noAddress(input));
    const request = requestFor(linked(input, input.contact), number, config, publicUrl);
    if (request === undefined) throw sendFailure(noSender);
    const { retry } = input;
    if (retry) {
      await sleep(listDelayMs);
      const bodies = retry.tried.map((body) => linked(body, input.contact));
      const tried = bodies.flatMap((body) => requestFor({ ...input, ...body }, number, config, publicUrl) ?? []);
      const earlier = await orSendFailure(() => findEarlier(twilio, tried, retry), stillUnknown);
      if (earlier !== undefined) return { sid: earlier, found: true };
      throw sendFailure(noEarlierAttempt);
    }
    if (await mustWait(input)) throw sendFailure(staleAttempt);
    return { sid: await orSendFailure(() => create(twilio, request)), found: false };
  };
}

const attemptAgeMs = (): number => Date.now() - activityInfo().currentAttemptScheduledTimestampMs;

async function create(twilio: TwilioClient, request: MessageRequest | CallRequest): Promise<string> {
  if (request.kind === 'call') {
    const { sid } = await twilio.calls.create(request.options);
    return checkedSid(sid);
  }
  const { sid, status, errorCode } = await twilio.messages.create(request.options);
  // There is no receipt for the status that a message begins with.
  if (status === 'failed' || status === 'undelivered')
    throw Object.assign(new Error(), { status: 400, code: errorCode });
  return checkedSid(sid);
}

/** Without a sid it was not Twilio that answered, but something between us and Twilio. */
function checkedSid(sid: unknown): string {
  if (typeof sid === 'string' && sid !== '') return sid;
  throw new TypeError('no sid');
}

const notInProgress = '21220';
const unknownCall = new Set(['20404', 'http-404']);

/** Whether the call is over, or will not be answered. */
async function endCall(twilio: TwilioClient, sid: string, status: 'canceled' | 'completed'): Promise<boolean> {
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

/** No alarm: the pager raises one for each problem, where this would raise one for each page. */
function report(logger: BaseLogger, about: object, error: unknown): void {
  if (!(error instanceof ApplicationFailure)) return;
  const { type, message, details } = error;
  logger[type === 'rescheduled' ? 'info' : 'warn']({ ...about, type, details }, message);
}
