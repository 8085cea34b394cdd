/** One message or call that an operator sends to try a contact's address. It belongs to no incident and no pager. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SendInput } from '../workflows/send-contract.js';
import type { Channel } from '../workflows/contract.js';
import type { TwilioClient, TwilioConfig } from './client.js';
import { classify } from './codes.js';
import { orPlainError } from './errors.js';
import { requestFor, type CallRequest, type MessageRequest } from './requests.js';
import { spoken } from './twiml.js';

export interface TestPage {
  contact: string;
  channel: Channel;
  /** E.164. */
  number: string;
  /** The host of this service, so that the contact knows who sends. */
  host: string;
}

/** Where a message or call has come to. */
export interface Progress {
  sid: string;
  /** Twilio's word: `queued`, `delivered`, `no-answer`, … */
  status: string;
  /** Undefined while it is not over. */
  reached: boolean | undefined;
  /** What a failure means, and what to do about it. */
  problem?: string;
}

export interface TestPages {
  /** Throws an Error for the person at the terminal when Twilio refuses it or there is no sender: what happened and what to do. */
  send: (page: TestPage) => Promise<Progress>;
  /** Follows it until it is over, for `timeoutMs` at most. */
  follow: (sent: Progress, timeoutMs: number, onChange: (progress: Progress) => void) => Promise<Progress>;
}

const validityMs = 10 * 60_000;
const pollMs = 1_000;
/** https://www.twilio.com/docs/messaging/api/message-resource#message-status-values and the statuses of calls */
const reachedStatuses = new Set(['delivered', 'read', 'in-progress', 'completed']);
const failedStatuses = new Set(['failed', 'undelivered', 'busy', 'no-answer', 'canceled']);

export function createTestPages(twilio: TwilioClient, config: TwilioConfig, publicUrl: string): TestPages {
  const fetch = async (sid: string): Promise<Progress> => {
    if (sid.startsWith('CA')) return progressOf(sid, (await twilio.calls(sid).fetch()).status);
    const { status, errorCode } = await twilio.messages(sid).fetch();
    return progressOf(sid, status, errorCode);
  };
  return {
    async send(page) {
      const request = requestFor(inputOf(page), page.number, config, publicUrl);
      if (request === undefined) throw new Error('There is no sender for this channel: set WHATSAPP_FROM.');
      return orPlainError(() => create(twilio, request, textOf(page)));
    },
    follow: (sent, timeoutMs, onChange) =>
      orPlainError(async () => {
        let last = sent;
        for (const end = Date.now() + timeoutMs; last.reached === undefined && Date.now() < end;) {
          await sleep(pollMs);
          const now = await fetch(last.sid);
          if (now.status !== last.status) onChange(now);
          last = now;
        }
        return last;
      }),
  };
}

const textOf = ({ contact, host }: TestPage): string =>
  `TEST: no refresh has failed, nothing is to be done. ${host} sends this to try how it reaches ${contact}.`;

const inputOf = (page: TestPage): SendInput => ({
  attempt: 'test',
  contact: page.contact,
  channel: page.channel,
  text: textOf(page),
  variables: { 1: 'TEST: no refresh has failed', 2: `${page.host} tries how it reaches ${page.contact}`, 3: 'OK' },
  validityMs,
});

/** Without receipts and keys, because the pager knows nothing of it. */
async function create(twilio: TwilioClient, request: MessageRequest | CallRequest, text: string): Promise<Progress> {
  if (request.kind === 'call') {
    const { to, from, timeout } = request.options;
    const call = await twilio.calls.create({ to, from, ...(timeout && { timeout }), twiml: spoken({ text }) });
    return progressOf(call.sid, call.status);
  }
  const { statusCallback: _, ...options } = request.options;
  const { sid, status, errorCode } = await twilio.messages.create(options);
  return progressOf(sid, status, errorCode);
}

function progressOf(sid: string, status: string, errorCode?: number | null): Progress {
  const reached = reachedStatuses.has(status) ? true : failedStatuses.has(status) ? false : undefined;
  if (reached !== false || !errorCode) return { sid, status, reached };
  const problem =
    classify(errorCode)?.message ??
    `Twilio reports error ${errorCode}: https://www.twilio.com/docs/api/errors/${errorCode}`;
  return { sid, status, reached, problem: `${errorCode}: ${problem}` };
}
