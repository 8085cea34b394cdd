/** What the activities of a pager, and its signals to incidents, gave. */
import type { SendResult } from '../send-contract.js';
import type { AnsweringResult } from '../activity-contract.js';
import type { DriverInput, Failure } from '../machine.js';
import { clearAlarms, contactRefused, raiseAlarm } from './alarms.js';
import { endAnswers } from './answers.js';
import { abandonTry, failTry, finishTry } from './delivery.js';
import type { Outgoing } from './message-state.js';
import { receiveIncidentOver, retryDeferred } from './replies.js';
import { endRequest, type RequestResult } from './requests.js';
import { endCallId, sendFailureOf, sendId, workerEnded } from './send.js';
import type { Pager } from './state.js';
import { isStopped } from './stop.js';

export type Result =
  | { activity: 'send'; result: SendResult }
  | { activity: 'endCall' }
  | { activity: 'answerIncidents'; result: AnsweringResult }
  | RequestResult;

type Ended = Extract<DriverInput<Result>, { type: 'completed' | 'failed' | 'cancelled' }>;

export function endActivity(pager: Pager, input: Ended, now: number): void {
  const out = pager.sending.find(({ attempt }) => sendId(attempt) === input.id);
  if (out) {
    pager.sending = pager.sending.filter((one) => one !== out);
    endSend(pager, out, input, now);
    retryDeferred(pager, now);
    return;
  }
  const attempt = pager.callsEnding.find((one) => endCallId(one) === input.id);
  if (attempt !== undefined) {
    pager.callsEnding = pager.callsEnding.filter((one) => one !== attempt);
    if (input.type === 'failed') logUnendedCall(pager, input.failure);
    return;
  }
  if (endRequest(pager, input, now)) return;
  if (endAnswers(pager, input.id, answeringResultOf(pager, input), now)) return;
  const signal = takeSignal(pager, input.id);
  if (signal && input.type === 'failed') receiveIncidentOver(pager, signal.key, now);
}

/** The activity is repeated until it completes; one that ends otherwise has told nothing of its answers. */
function answeringResultOf({ answersInFlight }: Pager, input: Ended): AnsweringResult {
  if (input.type === 'completed' && input.result.activity === 'answerIncidents') return input.result.result;
  const why = input.type === 'failed' ? input.failure.message : input.type;
  return {
    outcomes: {},
    failed: Object.fromEntries((answersInFlight?.answers ?? []).map(({ answerId }) => [answerId, why])),
  };
}

export function takeSignal(pager: Pager, id: string): Pager['signalsInFlight'][number] | undefined {
  const signal = pager.signalsInFlight.find((one) => one.id === id);
  pager.signalsInFlight = pager.signalsInFlight.filter((one) => one !== signal);
  return signal;
}

function endSend(pager: Pager, out: Outgoing, input: Ended, now: number): void {
  if (input.type === 'cancelled') {
    abandonTry(pager, out, now);
    return;
  }
  if (input.type === 'failed') {
    applySendFailure(pager, out, input.failure, now);
    return;
  }
  if (input.result.activity !== 'send') return;
  finishTry(pager, out.attempt, input.result.result.sid, now);
  clearAlarms(pager, out.channel);
}

function applySendFailure(pager: Pager, out: Outgoing, failure: Failure, now: number): void {
  const { type, code, operator } = sendFailureOf(failure);
  const { final } = failTry(pager, out, { type, code }, now);
  if (type === 'rescheduled') return;
  const alarm = `twilio-${code}`;
  if (type === 'recipient') {
    if (operator) raiseAlarm(pager, alarm, out.channel, 'A message was refused for what an operator has to fix', now);
    else if (!isStopped(pager, out.channel))
      raiseAlarm(pager, contactRefused, out.channel, `The contact cannot be reached by this channel (${code})`, now);
    return;
  }
  if (code === workerEnded) return;
  const message = final ? 'Twilio took no message in all its time' : 'Twilio does not take messages';
  raiseAlarm(pager, alarm, out.channel, message, now);
}

/** That a call could not be ended is worth a line in the log and no more: it ends by itself. */
function logUnendedCall(pager: Pager, { type, message }: Failure): void {
  const about = { type, error: message };
  pager.logLines.push({ level: 'warn', message: 'A call that nobody needs any more could not be ended', about });
}
