/** What the history of an incident says of its episodes: its events one by one, as plain data that is small enough to keep. */
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { History } from '../temporal/histories.js';
import type { Channel, IncidentState } from '../workflows/contract.js';
import { firstOf, isStop, timeOf, type HistoryEvent } from './history-events.js';
import {
  AnswerPayload,
  CarriedInput,
  EventPayload,
  LookedUpPayload,
  OnCallResult,
  OutcomePayload,
  PagePayload,
  PagingInput,
  PagingResult,
  RouteResult,
  RowPayload,
  SentPayload,
  WithdrawPayload,
} from './incident-payloads.js';

export type Answer = Static<typeof AnswerPayload>;
export type Carried = Static<typeof CarriedInput>['carried']['state'];

/** `at`: milliseconds since the epoch. `activity`: which one, where its result belongs to what it was given. */
export type Fact = { at: number } & (
  | { type: 'carried'; state: Carried }
  | ({ type: 'event' } & Static<typeof EventPayload>)
  /** `result` is known of answers that a pager took. */
  | { type: 'answer'; answer: Answer; result?: string }
  /** `isLast`: it says that nobody answered. */
  | { type: 'page'; activity: string; pageId: string; contact: string; channel: Channel; isLast: boolean }
  | { type: 'sent'; pageId: string; sentAt: number }
  | { type: 'settled'; episode: string; how: string }
  | { type: 'silenced'; activity: string }
  | { type: 'learnt'; detail: Static<typeof LookedUpPayload>['learnt'] }
  | { type: 'owner'; contact: string }
  | { type: 'ignored' }
  | { type: 'state'; state: IncidentState; policy: string }
  /** Somebody terminated or cancelled it, or it failed. */
  | { type: 'stopped' }
);

/** Whether a payload is of a form. What the form does not name is removed from it, since facts are kept. */
function isOf<S extends TSchema>(schema: S, payload: unknown): payload is Static<S> {
  if (!Value.Check(schema, payload)) return false;
  Value.Clean(schema, payload);
  return true;
}

/** @throws ValueError where payloads are encrypted, or encoded in another way */
export function factsIn(history: History): Fact[] {
  const activities = new Map<string, string>();
  const answers = new Map<string, Answer>();
  return (history.events ?? []).flatMap((event): Fact[] => {
    const at = timeOf(event);
    return [
      ...ofStart(event, at),
      ...ofSignal(event, at),
      ...ofUpdate(event, at, answers),
      ...ofActivity(event, at, activities),
      ...ofMemo(event, at),
      ...ofEnd(event, at),
    ];
  });
}

function ofStart({ workflowExecutionStartedEventAttributes: started }: HistoryEvent, at: number): Fact[] {
  const input = started ? firstOf(started.input) : undefined;
  return isOf(CarriedInput, input) ? [{ type: 'carried', at, state: input.carried.state }] : [];
}

function ofSignal({ workflowExecutionSignaledEventAttributes: signal }: HistoryEvent, at: number): Fact[] {
  if (!signal) return [];
  const payload = firstOf(signal.input);
  switch (signal.signalName ?? '') {
    case 'event':
      return isOf(EventPayload, payload) ? [{ type: 'event', at, ...payload }] : [];
    case 'answer':
      return isOf(AnswerPayload, payload) ? [{ type: 'answer', at, answer: payload }] : [];
    case 'sent':
      return isOf(SentPayload, payload) ? [{ type: 'sent', at, pageId: payload.pageId, sentAt: payload.at }] : [];
    default:
      return [];
  }
}

/** An answer that a pager took counts with its outcome. */
function ofUpdate(event: HistoryEvent, at: number, answers: Map<string, Answer>): Fact[] {
  const {
    workflowExecutionUpdateAcceptedEventAttributes: accepted,
    workflowExecutionUpdateCompletedEventAttributes: completed,
  } = event;
  const request = accepted?.acceptedRequest;
  if (request?.input?.name === 'answer') {
    const answer = firstOf(request.input.args);
    if (isOf(AnswerPayload, answer)) answers.set(request.meta?.updateId ?? '', answer);
  }
  const answer = answers.get(completed?.meta?.updateId ?? '');
  const outcome = firstOf(completed?.outcome?.success);
  if (!completed || !answer || !isOf(OutcomePayload, outcome)) return [];
  return [{ type: 'answer', at, answer, result: outcome.result }];
}

function ofActivity(event: HistoryEvent, at: number, activities: Map<string, string>): Fact[] {
  const {
    activityTaskScheduledEventAttributes: scheduled,
    activityTaskCompletedEventAttributes: completed,
    eventId,
  } = event;
  if (scheduled) {
    const [activity, name] = [String(eventId), scheduled.activityType?.name ?? ''];
    activities.set(activity, name);
    const input = name === 'signalPagers' || name === 'retryPager' ? firstOf(scheduled.input) : undefined;
    return isOf(PagingInput, input) ? ofMessages(input, activity, at) : [];
  }
  if (!completed) return [];
  const activity = String(completed.scheduledEventId);
  return ofResult(activities.get(activity) ?? '', activity, firstOf(completed.result), at);
}

function ofMessages({ messages }: Static<typeof PagingInput>, activity: string, at: number): Fact[] {
  return messages.flatMap(({ contact, signal, payload }): Fact[] => {
    if (signal === 'page' && isOf(PagePayload, payload)) {
      const { pageId, channel, facts } = payload;
      return [{ type: 'page', at, activity, pageId, contact, channel, isLast: facts.ended !== undefined }];
    }
    if (signal === 'withdraw' && isOf(WithdrawPayload, payload))
      return [{ type: 'settled', at, episode: payload.episode, how: payload.settled.how }];
    return [];
  });
}

function ofResult(name: string, activity: string, result: unknown, at: number): Fact[] {
  switch (name) {
    case 'signalPagers':
    case 'retryPager':
      if (!isOf(PagingResult, result)) return [];
      return [
        ...(result.lookedUp ? [{ type: 'learnt' as const, at, detail: result.lookedUp.learnt }] : []),
        ...(result.silenced ? [{ type: 'silenced' as const, at, activity }] : []),
      ];
    case 'lookUp':
      return isOf(LookedUpPayload, result) ? [{ type: 'learnt', at, detail: result.learnt }] : [];
    case 'findOnCall': {
      const owner = isOf(OnCallResult, result) ? result.contacts['owner'] : undefined;
      return typeof owner === 'string' ? [{ type: 'owner', at, contact: owner }] : [];
    }
    case 'chooseRoute':
      return isOf(RouteResult, result) ? [{ type: 'ignored', at }] : [];
    default:
      return [];
  }
}

function ofMemo({ workflowPropertiesModifiedEventAttributes: modified }: HistoryEvent, at: number): Fact[] {
  const memo = modified?.upsertedMemo?.fields?.['incident'];
  const row = memo ? firstOf({ payloads: [memo] }) : undefined;
  return isOf(RowPayload, row) ? [{ type: 'state', at, state: row.state, policy: row.policy }] : [];
}

function ofEnd(event: HistoryEvent, at: number): Fact[] {
  return isStop(event) ? [{ type: 'stopped', at }] : [];
}
