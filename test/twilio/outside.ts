import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { TestContext } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { create } from 'axios';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { createTwilioActivities, type TwilioDependencies } from '../../src/activities/twilio.js';
import { pageTemplate } from '../../src/twilio/page-template.js';
import { createTwilioClient, type TwilioConfig } from '../../src/twilio/client.js';
import { createSandbox } from '../../sandbox/sandbox.js';
import type { SendInput, SendResult } from '../../src/workflows/send-contract.js';

export const ana = '+15550000001';
const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'a-token-that-must-not-leak';
export const activityId = '7';

type Retry = NonNullable<SendInput['retry']>;
/** The input of a send; a retry looks for its own body where it names none that was tried. */
type Given = Omit<SendInput, 'retry'> & { retry?: Omit<Retry, 'tried'> & Partial<Pick<Retry, 'tried'>> };

interface Options extends Partial<TwilioConfig> {
  publicUrl?: string;
  timeouts?: { readTimeoutMs: number; writeTimeoutMs: number };
  /** How long ago the attempts were scheduled, in milliseconds. */
  ageMs?: number;
  /** Whether somebody may have answered, in place of the request to Temporal. */
  mayBeAnswered?: TwilioDependencies['mayBeAnswered'];
}

const input = (given: Partial<SendInput> = {}): SendInput => ({
  attempt: randomUUID(),
  contact: 'ana',
  channel: 'sms',
  text: 'Workbook Sales failed. Reply 7.',
  validityMs: 300_000,
  ...given,
});

/** The activities against the sandbox's Twilio, and its control API. */
export async function twilioOutside(
  t: TestContext,
  {
    publicUrl = 'http://127.0.0.1:9',
    timeouts,
    ageMs = 0,
    mayBeAnswered = () => Promise.reject(new Error('the test expects no such request')),
    ...changes
  }: Options = {},
) {
  const sandbox = createSandbox({ accountSid, authToken, pat: { name: 'p', secret: 's' }, receipts: 'on-command' });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());

  const config: TwilioConfig = {
    accountSid,
    authTokens: [authToken],
    from: '+15550000009',
    whatsappFrom: '+15550000008',
    apiBaseUrl: url,
    ...changes,
  };
  const logged: string[] = [];
  const paused: number[] = [];
  const twilio = createTwilioClient(config, timeouts);
  const activities = createTwilioActivities({
    twilio,
    config,
    address: async (contact) => (contact === 'ana' ? ana : undefined),
    publicUrl,
    logger: pino({ base: null }, { write: (line: string) => void logged.push(line) }),
    sleep: async (ms) => void paused.push(ms),
    mayBeAnswered,
  });
  /** A retry looks for its own body, unless the test names others. */
  const sendOnce = ({ retry, ...body }: Given): Promise<SendResult> => {
    const { text, variables } = body;
    const tried = [{ text, ...(variables ? { variables } : {}) }];
    const given: SendInput = { ...body, ...(retry ? { retry: { tried, ...retry } } : {}) };
    return new MockActivityEnvironment({ activityId, currentAttemptScheduledTimestampMs: Date.now() - ageMs }).run(
      (about: SendInput) => activities.send(about),
      given,
    );
  };
  /** As a pager does: a send that was rescheduled without sending is sent. */
  const send = async ({ retry, ...given }: Given) => {
    try {
      return await sendOnce({ ...given, ...(retry ? { retry } : {}) });
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.type !== 'rescheduled') throw error;
      return sendOnce(given);
    }
  };
  const control = create({ baseURL: `${url}/sandbox/` });
  if (config.contentSid !== undefined) {
    const { body, buttons } = pageTemplate;
    await control.put(`templates/${config.contentSid}`, { body, buttons });
  }
  return {
    twilio,
    logged,
    paused,
    input,
    send,
    sendOnce,
    endCall: (given: { contact: string; sid: string }) => activities.endCall(given),
    control,
    fault: async (fault: object) => void (await control.post('faults', fault)),
    /** The sids of all messages and calls that reached the phone, oldest first. */
    arrived: async (): Promise<string[]> => {
      const { messages, calls } = (await control.get<Phone>(`phones/${encodeURIComponent(ana)}`)).data;
      return [...messages, ...calls].map(({ sid }) => sid);
    },
    phone: async (): Promise<Phone> => (await control.get<Phone>(`phones/${encodeURIComponent(ana)}`)).data,
    /** Answers the call, once it rings. */
    answer: async (sid: string): Promise<void> => {
      const deadline = Date.now() + 5_000;
      for (;;) {
        const { status } = await control.post(`calls/${sid}/answer`, {}, { validateStatus: () => true });
        if (status < 300) return;
        assert.ok(Date.now() < deadline, 'the phone did not ring');
      }
    },
    requests: async (target: string): Promise<number> =>
      (await control.get<{ requests: unknown[] }>('requests', { params: { target } })).data.requests.length,
  };
}

/** Makes a server listen, in place of the sandbox, and gives its address. */
export async function listening(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

export interface Phone {
  messages: {
    sid: string;
    channel: string;
    from: string;
    body: string;
    status: string;
    buttons: { text: string; payload: string }[];
  }[];
  calls: { sid: string; status: string; spoken: string; from: string }[];
}

export interface Failure {
  type: string;
  code: string;
  message: string;
  retryable: boolean;
}

/** The failure that leaves an activity, as a workflow sees it. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApplicationFailure, 'it succeeded, or failed in another way');
  const [detail] = error.details ?? [];
  assert.ok(Value.Check(Detail, detail));
  return { type: error.type ?? '', code: detail.code, message: error.message, retryable: !error.nonRetryable };
}

const Detail = Type.Object({ code: Type.String(), message: Type.String() });
