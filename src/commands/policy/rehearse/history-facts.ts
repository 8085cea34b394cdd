/** What the history of an incident says that a rehearsal needs: its events one by one, as plain data. */
import { arrayFromPayloads, defaultPayloadConverter } from '@temporalio/common';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import type { History } from '../../../temporal/incident-histories.js';
import { second, type Channel, type IncidentState } from '../../../workflows/contract.js';
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
} from './payloads.js';

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

type Event = NonNullable<History['events']>[number];
type Payloads = Parameters<typeof arrayFromPayloads>[1];

const firstOf = (payloads: { payloads?: Payloads } | null | undefined): unknown =>
  arrayFromPayloads(defaultPayloadConverter, payloads?.payloads ?? [])[0];

/** Of a server the seconds are a Long, of a file a number. */
const timeOf = ({ eventTime }: Event): number =>
  Number(String(eventTime?.seconds ?? 0)) * second + Math.floor((eventTime?.nanos ?? 0) / 1e6);

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

function ofStart({ workflowExecutionStartedEventAttributes: started }: Event, at: number): Fact[] {
  const input = started ? firstOf(started.input) : undefined;
  return Value.Check(CarriedInput, input) ? [{ type: 'carried', at, state: input.carried.state }] : [];
}

function ofSignal({ workflowExecutionSignaledEventAttributes: signal }: Event, at: number): Fact[] {
  if (!signal) return [];
  const payload = firstOf(signal.input);
  switch (signal.signalName ?? '') {
    case 'event':
      return Value.Check(EventPayload, payload) ? [{ type: 'event', at, ...payload }] : [];
    case 'answer':
      return Value.Check(AnswerPayload, payload) ? [{ type: 'answer', at, answer: payload }] : [];
    case 'sent':
      return Value.Check(SentPayload, payload)
        ? [{ type: 'sent', at, pageId: payload.pageId, sentAt: payload.at }]
        : [];
    default:
      return [];
  }
}

/** An answer that a pager took counts with its outcome. */
function ofUpdate(event: Event, at: number, answers: Map<string, Answer>): Fact[] {
  const {
    workflowExecutionUpdateAcceptedEventAttributes: accepted,
    workflowExecutionUpdateCompletedEventAttributes: completed,
  } = event;
  const request = accepted?.acceptedRequest;
  if (request?.input?.name === 'answer') {
    const answer = firstOf(request.input.args);
    if (Value.Check(AnswerPayload, answer)) answers.set(request.meta?.updateId ?? '', answer);
  }
  const answer = answers.get(completed?.meta?.updateId ?? '');
  const outcome = firstOf(completed?.outcome?.success);
  if (!completed || !answer || !Value.Check(OutcomePayload, outcome)) return [];
  return [{ type: 'answer', at, answer, result: outcome.result }];
}

function ofActivity(event: Event, at: number, activities: Map<string, string>): Fact[] {
  const {
    activityTaskScheduledEventAttributes: scheduled,
    activityTaskCompletedEventAttributes: completed,
    eventId,
  } = event;
  if (scheduled) {
    const [activity, name] = [String(eventId), scheduled.activityType?.name ?? ''];
    activities.set(activity, name);
    const input = name === 'signalPagers' || name === 'retryPager' ? firstOf(scheduled.input) : undefined;
    return Value.Check(PagingInput, input) ? ofMessages(input, activity, at) : [];
  }
  if (!completed) return [];
  const activity = String(completed.scheduledEventId);
  return ofResult(activities.get(activity) ?? '', activity, firstOf(completed.result), at);
}

function ofMessages({ messages }: Static<typeof PagingInput>, activity: string, at: number): Fact[] {
  return messages.flatMap(({ contact, signal, payload }): Fact[] => {
    if (signal === 'page' && Value.Check(PagePayload, payload)) {
      const { pageId, channel, facts } = payload;
      return [{ type: 'page', at, activity, pageId, contact, channel, isLast: facts.ended !== undefined }];
    }
    if (signal === 'withdraw' && Value.Check(WithdrawPayload, payload))
      return [{ type: 'settled', at, episode: payload.episode, how: payload.settled.how }];
    return [];
  });
}

function ofResult(name: string, activity: string, result: unknown, at: number): Fact[] {
  switch (name) {
    case 'signalPagers':
    case 'retryPager':
      if (!Value.Check(PagingResult, result)) return [];
      return [
        ...(result.lookedUp ? [{ type: 'learnt' as const, at, detail: result.lookedUp.learnt }] : []),
        ...(result.silenced ? [{ type: 'silenced' as const, at, activity }] : []),
      ];
    case 'lookUp':
      return Value.Check(LookedUpPayload, result) ? [{ type: 'learnt', at, detail: result.learnt }] : [];
    case 'findOnCall': {
      const owner = Value.Check(OnCallResult, result) ? result.contacts['owner'] : undefined;
      return typeof owner === 'string' ? [{ type: 'owner', at, contact: owner }] : [];
    }
    case 'chooseRoute':
      return Value.Check(RouteResult, result) ? [{ type: 'ignored', at }] : [];
    default:
      return [];
  }
}

function ofMemo({ workflowPropertiesModifiedEventAttributes: modified }: Event, at: number): Fact[] {
  const memo = modified?.upsertedMemo?.fields?.['incident'];
  const row = memo ? firstOf({ payloads: [memo] }) : undefined;
  return Value.Check(RowPayload, row) ? [{ type: 'state', at, state: row.state, policy: row.policy }] : [];
}

function ofEnd(event: Event, at: number): Fact[] {
  const isStopped =
    event.workflowExecutionTerminatedEventAttributes ??
    event.workflowExecutionCanceledEventAttributes ??
    event.workflowExecutionFailedEventAttributes ??
    event.workflowExecutionTimedOutEventAttributes;
  return isStopped ? [{ type: 'stopped', at }] : [];
}
