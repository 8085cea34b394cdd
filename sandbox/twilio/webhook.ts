import { randomUUID } from 'node:crypto';
import twilio from 'twilio';
import { post, type Answer } from './http.js';
import { readOverrides, type Failure } from './overrides.js';
import type { Ports, TwilioOptions } from './world.js';

export type SendWebhook = (address: string, params: Record<string, string>) => Promise<Answer | null>;

const retryPauseMs = 100;

const failureOf = (status: number): Failure | null => {
  if (status >= 500) return '5xx';
  return status >= 400 ? '4xx' : null;
};

/**
 * Sends webhooks as Twilio does: a signed form, with the connection overrides of the address.
 * Gives the last answer, or null when there was none. Never throws.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export const createWebhooks = (options: Pick<TwilioOptions, 'authToken'>, ports: Pick<Ports, 'log'>): SendWebhook => {
  return async (address, params) => {
    const { url, connectTimeoutMs, readTimeoutMs, totalTimeoutMs, retries, retriesOn } = readOverrides(address);
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': 'TwilioProxy/1.1',
      accept: '*/*',
      'x-twilio-signature': twilio.getExpectedTwilioSignature(options.authToken, url, params),
      // The same in all tries, so that the receiver can drop copies.
      'i-twilio-idempotency-token': randomUUID(),
    };
    const body = new URLSearchParams(params).toString();
    const deadline = Date.now() + totalTimeoutMs;
    let last: Answer | null = null;
    for (let attempt = 0; attempt <= retries; attempt += 1) {
      const left = deadline - Date.now();
      if (left <= 0) break;
      const result = await post(url, headers, body, {
        connect: Math.min(connectTimeoutMs, left),
        answer: Math.min(readTimeoutMs, left),
      });
      last = 'answer' in result ? result.answer : last;
      const failure = 'answer' in result ? failureOf(result.answer.status) : result.failure;
      if (!failure) return last;
      const why = 'answer' in result ? `answered ${result.answer.status}` : result.why;
      const again = attempt < retries && retriesOn(failure);
      ports.log(
        `Twilio: webhook ${new URL(url).pathname} failed (${why})${again ? ', trying again' : ', error 11200'}`,
      );
      if (!again) break;
      await new Promise((resolve) => {
        setTimeout(resolve, retryPauseMs);
      });
    }
    return last;
  };
};
