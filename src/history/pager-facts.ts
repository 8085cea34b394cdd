/** What the history of a pager says of messages and calls: plain data without texts and numbers, small enough to keep. */
import { SegmentedMessage } from 'sms-segments-calculator';
import { Value } from 'typebox/value';
import type { History } from '../temporal/histories.js';
import { incidentIdOf, publicName, type Channel } from '../workflows/contract.js';
import { firstOf, timeOf, type HistoryEvent } from './history-events.js';
import {
  EndCallPayload,
  PagedPayload,
  ReceiptPayload,
  ReplyPayload,
  SendFailurePayload,
  SendPayload,
  SendResultPayload,
} from './pager-payloads.js';

/** `at`: milliseconds since the epoch. `attempt`: the same for all tries of one message or call. */
export type PagerFact = { at: number } &
  /** A try begins. `incidents`: whose pages it carries; none in a text. `segments`: how many Twilio makes of an SMS, else 1. */
  (
    | { type: 'send'; attempt: string; channel: Channel; incidents: string[]; segments: number }
    | { type: 'accepted'; attempt: string; sid: string }
    /** `outcome`: a word of `SendFailureType`, `cancelled`, or `timeout`. */
    | { type: 'refused'; attempt: string; outcome: string; code: string }
    | { type: 'receipt'; attempt: string; sid: string; status: string; code?: string }
    /** A text, a button or a key; what it said is not kept. */
    | { type: 'reply'; channel: Channel; verb: string; sid?: string; attempt?: string }
    /** Twilio is asked to end a call that nobody needs any more. */
    | { type: 'ending'; sid: string }
    /** The name of the item of an incident. */
    | { type: 'named'; incident: string; name: string }
  );

/** What an activity was to do. */
type Begun = Map<string, string>;

/** @throws ValueError where payloads are encrypted, or encoded in another way */
export function pagerFactsIn(history: History): PagerFact[] {
  const begun: Begun = new Map();
  return (history.events ?? []).flatMap((event): PagerFact[] => {
    const at = timeOf(event);
    return [...ofSignal(event, at), ...ofBeginning(event, at, begun), ...ofResult(event, at, begun)];
  });
}

function ofSignal({ workflowExecutionSignaledEventAttributes: signal }: HistoryEvent, at: number): PagerFact[] {
  if (!signal) return [];
  const payload = firstOf(signal.input);
  switch (signal.signalName ?? '') {
    case 'page': {
      if (!Value.Check(PagedPayload, payload)) return [];
      const { incident, facts } = payload;
      const luid = incident.split(':').slice(2).join(':');
      return [{ type: 'named', at, incident, name: publicName({ ...facts, luid, site: '' }) }];
    }
    case 'receipt': {
      if (!Value.Check(ReceiptPayload, payload)) return [];
      const { attempt, sid, status, errorCode } = payload;
      return [{ type: 'receipt', at, attempt, sid, status, ...(errorCode !== undefined && { code: errorCode }) }];
    }
    case 'reply': {
      if (!Value.Check(ReplyPayload, payload) || payload.isOnPage) return [];
      const { channel, command, messageSid: sid, attempt } = payload;
      const of = { ...(sid !== undefined && { sid }), ...(attempt !== undefined && { attempt }) };
      return [{ type: 'reply', at, channel, verb: command.verb, ...of }];
    }
    default:
      return [];
  }
}

function ofBeginning(event: HistoryEvent, at: number, begun: Begun): PagerFact[] {
  const { activityTaskScheduledEventAttributes: scheduled, eventId } = event;
  const name = scheduled?.activityType?.name;
  if (name !== 'send' && name !== 'endCall') return [];
  const input = firstOf(scheduled?.input);
  if (name === 'endCall') return Value.Check(EndCallPayload, input) ? [{ type: 'ending', at, sid: input.sid }] : [];
  if (!Value.Check(SendPayload, input)) return [];
  const { attempt, channel, text, answerSources, carries } = input;
  begun.set(String(eventId), attempt);
  const incidents = (answerSources?.incidents ?? carries ?? []).map((id) => incidentIdOf(id) ?? id);
  const segments = channel === 'sms' ? new SegmentedMessage(text).segmentsCount : 1;
  return [{ type: 'send', at, attempt, channel, incidents, segments }];
}

function ofResult(event: HistoryEvent, at: number, begun: Begun): PagerFact[] {
  const {
    activityTaskCompletedEventAttributes: completed,
    activityTaskFailedEventAttributes: failed,
    activityTaskTimedOutEventAttributes: timedOut,
    activityTaskCanceledEventAttributes: cancelled,
  } = event;
  const attempt = begun.get(String((completed ?? failed ?? timedOut ?? cancelled)?.scheduledEventId));
  if (attempt === undefined) return [];
  if (completed) {
    const result = firstOf(completed.result);
    return Value.Check(SendResultPayload, result) ? [{ type: 'accepted', at, attempt, sid: result.sid }] : [];
  }
  if (cancelled) return [{ type: 'refused', at, attempt, outcome: 'cancelled', code: 'cancelled' }];
  const info = failed?.failure?.applicationFailureInfo;
  const detail = firstOf(info?.details);
  const code = Value.Check(SendFailurePayload, detail) ? detail.code : timedOut ? 'timeout' : 'unknown';
  return [{ type: 'refused', at, attempt, outcome: info?.type ?? 'unknown', code }];
}
