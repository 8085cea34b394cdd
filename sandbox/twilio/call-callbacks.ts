/** Status callbacks of a call: https://www.twilio.com/docs/voice/api/call-resource#statuscallback */
import { apiVersion, rfc2822, talkSeconds } from './resources.js';
import type { SendWebhook } from './webhook.js';
import type { Call, TwilioOptions } from './world.js';

export type CallEvent = 'initiated' | 'ringing' | 'answered' | 'completed';

const sipCodes: Record<string, string> = { completed: '200', busy: '486', 'no-answer': '487', canceled: '487' };

/** Parameters of every request about a call. */
export const callParams = (accountSid: string, call: Call): Record<string, string> => ({
  AccountSid: accountSid,
  ApiVersion: apiVersion,
  CallSid: call.sid,
  CallStatus: call.status,
  Called: call.to,
  Caller: call.from,
  Direction: 'outbound-api',
  From: call.from,
  To: call.to,
});

/** Sends the callback if the call requested this event. */
export const createCallCallbacks =
  (options: TwilioOptions, send: SendWebhook) =>
  async (call: Call, event: CallEvent): Promise<void> => {
    if (call.statusCallback === null || !call.statusCallbackEvents.has(event)) return;
    const sequence = call.sequence;
    call.sequence += 1;
    const ended: Record<string, string> =
      event === 'completed'
        ? {
            CallDuration: String(talkSeconds(call)),
            Duration: String(Math.ceil(talkSeconds(call) / 60)),
            SipResponseCode: sipCodes[call.status] ?? '480',
          }
        : {};
    await send(call.statusCallback, {
      ...callParams(options.accountSid, call),
      CallStatus: event === 'initiated' ? 'initiated' : call.status,
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(sequence),
      Timestamp: rfc2822(Date.now()),
      ...ended,
    });
  };
