/**
 * Entries that are made while the service runs and count for a time, as a state machine: overrides of schedules, and silences. Readers find
 * them in the memo, so that none of them needs a worker.
 */
import type { SignallingResult } from '../activity-contract.js';
import type { DriverInput, Effect, Env, Machine, Wake } from '../machine.js';
import type { EndOverride, Outcome, OverrideRequest, ShownEntries, SilenceRequest } from '../on-call-contract.js';
import { applySignalled, beginNotices, noticesDueAt, type NoticeCall } from '../text-notices.js';
import { endOverride, isKnownOverride, makeOverride, shownOverrides } from './overrides.js';
import { announceSilences, endSilence, isKnownSilence, makeSilence, shownSilences, silenceWakes } from './silences.js';
import { forgetWhy, forgottenAt, kept, outcomeOf, type OnCall } from './state.js';

export type Call = NoticeCall;
export type Result = { activity: 'signalPagers'; result: SignallingResult };
export type OnCallEffect = Effect<Call>;
export type Signal =
  | { type: 'make-override'; request: OverrideRequest }
  | { type: 'end-override'; request: EndOverride }
  | { type: 'make-silence'; request: SilenceRequest }
  | { type: 'end-silence'; id: string };
export type Input = Signal | DriverInput<Result>;

function handle(onCall: OnCall, input: Input, { now }: Env): void {
  switch (input.type) {
    case 'make-override':
      makeOverride(onCall, input.request, now);
      break;
    case 'end-override':
      endOverride(onCall, input.request, now);
      break;
    case 'make-silence':
      makeSilence(onCall, input.request, now);
      break;
    case 'end-silence':
      endSilence(onCall, input.id, now);
      break;
    case 'completed':
      applySignalled(onCall, input.id, input.result.result, now);
      break;
    case 'failed':
    case 'cancelled':
      applySignalled(onCall, input.id, 'failed', now);
      break;
    case 'signalled':
      // It signals by activity alone.
      break;
    case 'cancel-requested':
      onCall.cancelling = true;
      break;
  }
}

function advance(onCall: OnCall, { now, draining }: Env): OnCallEffect[] {
  // Before what is over can be forgotten.
  announceSilences(onCall, now);
  onCall.overrides = kept(onCall.overrides, now);
  onCall.silences = kept(onCall.silences, now);
  const effects: OnCallEffect[] = draining || onCall.cancelling ? [] : beginNotices(onCall, now);
  effects.push(...publish(onCall));
  if (onCall.cancelling && onCall.inFlight === null) effects.push({ type: 'end', cancelled: true });
  effects.unshift(...onCall.logLines.splice(0).map((line): OnCallEffect => ({ type: 'log', line })));
  return effects;
}

/** The two lists by themselves, so that a change writes one of them. */
function publish(onCall: OnCall): OnCallEffect[] {
  const shown: ShownEntries = { overrides: shownOverrides(onCall), silences: shownSilences(onCall) };
  const { published } = onCall;
  onCall.published = { overrides: JSON.stringify(shown.overrides), silences: JSON.stringify(shown.silences) };
  const memo = {
    ...(published.overrides !== onCall.published.overrides && { overrides: shown.overrides }),
    ...(published.silences !== onCall.published.silences && { silences: shown.silences }),
  };
  return Object.keys(memo).length > 0 ? [{ type: 'memo', memo }] : [];
}

/** A run that drains begins nothing; it continues as new when the notices are taken. */
function wakeAt(onCall: OnCall, { draining }: Env): Wake | null {
  if (draining) return null;
  const notices = noticesDueAt(onCall);
  const wakes: Wake[] = [
    ...onCall.overrides.map((one) => ({ at: forgottenAt(one), why: forgetWhy })),
    ...silenceWakes(onCall),
    ...(notices === null ? [] : [{ at: notices, why: 'Wait before a pager is signalled again' }]),
  ];
  return wakes.reduce<Wake | null>((first, wake) => (first !== null && first.at <= wake.at ? first : wake), null);
}

type Ended = { id: string; schedule?: string };

/** What became of a request. */
function view(onCall: OnCall, query: { name: 'made'; id: string }): Outcome;
/** Whether there is what a request ends: an override where it names a schedule, else a silence. */
function view(onCall: OnCall, query: { name: 'ended'; what: Ended }): boolean;
function view(onCall: OnCall, query: { name: 'made'; id: string } | { name: 'ended'; what: Ended }) {
  if (query.name === 'made') return outcomeOf(onCall, query.id);
  const { id, schedule } = query.what;
  return schedule === undefined ? isKnownSilence(onCall, id) : isKnownOverride(onCall, { id, schedule });
}

export const onCallMachine: Machine<OnCall, Input, OnCallEffect, typeof view> = {
  handle,
  advance,
  wakeAt,
  view,
  hasInFlight: ({ inFlight }) => inFlight !== null,
};
