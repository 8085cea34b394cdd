/**
 * The incident as a state machine: inputs change the state, `advance` decides what begins. Every rule is in the modules that it calls.
 */
import type { AnswerOutcome, AnswerSignal, EventSignal, FailedSignal, HeldSignal, SentSignal } from '../contract.js';
import { latestOf, type DriverInput, type Effect, type Env, type Machine, type Wake } from '../machine.js';
import { beginReport, reportAt, type ReportCall } from './change-reports.js';
import { decide, foresee, nextOf } from './decision.js';
import { applyAnswer } from './answers.js';
import { applyEvent } from './episode.js';
import { beginFindingOnCall } from './find-on-call.js';
import { takeStep } from './escalation.js';
import { beginLookingForHandOver, handOverAt, type OnCallCall } from './hand-over.js';
import { beginLabel, giveUpLabel, labelAt, type LabelCall } from './label.js';
import { applyFailed, applyHeld, applySent } from './page-reports.js';
import { beginSignalling, cancelSuperseded, settleAll, type PagingCall } from './pager-messages.js';
import { beginRouting, routeAt, type RouteCall } from './routing.js';
import { beginFindingSilence, type SilenceCall } from './silence.js';
import { publish } from './memo.js';
import { record } from './timeline.js';
import type { InFlight } from './request-state.js';
import { isOpen, type Incident } from './state.js';
import {
  beginItemCheck,
  beginJobCheck,
  beginLookUp,
  beginRecoveryCheck,
  beginRerun,
  firstLookUp,
  lookUpAt,
  type TableauCall,
} from './tableau-requests.js';
import { beginRetries, giveUpUnreached, nextRetryAt, type RetryCall } from './unreached.js';
import { waitText } from './waits.js';
import { applyCancelled, applyFailure, applyResult, type Result } from './results.js';

export type Call = PagingCall | RetryCall | OnCallCall | RouteCall | SilenceCall | TableauCall | LabelCall | ReportCall;
export type IncidentEffect = Effect<Call>;
export type Signal =
  | { type: 'event'; event: EventSignal }
  /** `isShown`: it came by a signal, so that its outcome has to be shown. */
  | { type: 'answer'; answer: AnswerSignal; isShown?: true }
  | { type: 'page-sent'; sent: SentSignal }
  | { type: 'page-held'; held: HeldSignal }
  | { type: 'page-failed'; failed: FailedSignal };
export type Input = Signal | DriverInput<Result>;

function handle(incident: Incident, input: Input, { now, draining }: Env): void {
  take(incident, input, now);
  // A run that drains decides nothing more, so that what it decided before may not be what follows.
  if (draining) incident.next = foresee(incident, now) ?? { at: null, what: 'Being decided' };
}

function take(incident: Incident, input: Input, now: number): void {
  switch (input.type) {
    case 'event':
      applyEvent(incident, input.event, now);
      break;
    case 'answer':
      applyAnswer(incident, input.answer, now, input.isShown);
      break;
    case 'page-sent':
      applySent(incident, input.sent, now);
      break;
    case 'page-held':
      applyHeld(incident, input.held, now);
      break;
    case 'page-failed':
      applyFailed(incident, input.failed, now);
      break;
    case 'completed':
      applyResult(incident, input.id, input.result, now);
      break;
    case 'failed':
      applyFailure(incident, input.id, input.failure, now);
      break;
    case 'cancelled':
      applyCancelled(incident, input.id, now);
      break;
    case 'signalled':
      // An incident signals by activity alone.
      break;
    case 'cancel-requested':
      applyCancellation(incident, now);
      break;
  }
}

/** A client asked for it: its pagers have to know before it ends. */
function applyCancellation(incident: Incident, now: number): void {
  if (incident.cancelling) return;
  incident.cancelling = true;
  if (!isOpen(incident)) return;
  record(incident, now, 'cancelled', 'Cancelled by an operator');
  settleAll(incident, 'cancelled', null);
}

function advance(incident: Incident, env: Env): IncidentEffect[] {
  const effects: IncidentEffect[] = [...cancelSuperseded(incident, env.now)];
  if (env.draining) effects.push(...cancelOthers(incident));
  // A step that is taken now may have pages to look up for, and one for a contact whose pager could not be signalled.
  else
    effects.push(
      ...decideAll(incident, env.now),
      ...beginRouting(incident, env.now),
      ...beginLookUp(incident, env.now),
      ...beginLookingForHandOver(incident, env.now),
      ...beginRetries(incident, env.now),
      ...beginLabel(incident, env.now),
      ...beginReport(incident, env.now),
    );
  effects.push(...publish(incident, env.now));
  effects.unshift(...incident.logLines.splice(0).map((line): IncidentEffect => ({ type: 'log', line })));
  return effects;
}

/** Decides and acts until there is nothing to do but to wait. */
function decideAll(incident: Incident, now: number): IncidentEffect[] {
  const effects: IncidentEffect[] = [];
  for (;;) {
    const decision = decide(incident, now);
    switch (decision.do) {
      case 'signal-pagers':
        effects.push(...beginSignalling(incident, now, firstLookUp(incident)));
        break;
      case 'step':
        takeStep(incident, now);
        break;
      case 'find-on-call':
        effects.push(...beginFindingOnCall(incident));
        break;
      case 'find-silence':
        effects.push(...beginFindingSilence(incident));
        break;
      case 'rerun':
        effects.push(...beginRerun(incident));
        break;
      case 'check-job':
        effects.push(...beginJobCheck(incident));
        break;
      case 'check-recovery':
        effects.push(...beginRecoveryCheck(incident, now));
        break;
      case 'check-item':
        effects.push(...beginItemCheck(incident));
        break;
      case 'decide-again':
        break;
      case 'end':
        incident.next = { at: null, what: 'Over' };
        giveUpUnreached(incident);
        giveUpLabel(incident, now);
        incident.unreached = [];
        return [...effects, { type: 'end', cancelled: incident.cancelling }];
      case 'wait':
        incident.next = nextOf(decision);
        return effects;
    }
  }
}

/** What only reads is begun anew by the next run, and so is a report, of which endpoints know copies. The next label has to wait for the one before. */
const awaited: readonly InFlight['activity'][] = ['signalPagers', 'retryPager', 'rerun', 'setLabel'];
const cancelOthers = ({ inFlight }: Incident): IncidentEffect[] =>
  inFlight.filter(({ activity }) => !awaited.includes(activity)).map(({ id }) => ({ type: 'cancel', id }));

/** A run that drains begins nothing, so that a time that has come would come again at once: it waits for results alone. */
function wakeAt(incident: Incident, { draining, now }: Env): Wake | null {
  if (draining) return null;
  const { next } = incident;
  const wakes = [
    next === null || next.at === null
      ? { at: null, why: '' }
      : { at: next.at, why: waitText(incident), latest: next.latest },
    { at: lookUpAt(incident), why: 'Wait before Tableau is asked again' },
    { at: routeAt(incident), why: 'Wait before the policy is chosen again' },
    { at: handOverAt(incident), why: 'Wait for a schedule to hand over' },
    { at: nextRetryAt(incident), why: 'Wait before a pager is signalled again' },
    { at: labelAt(incident), why: 'Wait before the label is set again' },
    { at: reportAt(incident, now), why: 'Wait before changes are reported again' },
  ];
  return wakes.reduce<Wake | null>((first, { at, ...wake }) => {
    if (at === null) return first;
    const other = { at, ...wake };
    return first !== null && latestOf(first) <= latestOf(other) ? first : other;
  }, null);
}

/** The outcome of an answer; null while the incident has not seen it. */
function view({ answers }: Incident, { answerId }: { answerId: string }): AnswerOutcome | null {
  const answer = answers.find(({ id }) => id === answerId);
  if (!answer) return null;
  const { id: _id, isShown: _isShown, ...outcome } = answer;
  return outcome;
}

export const incidentMachine: Machine<Incident, Input, IncidentEffect, typeof view> = {
  handle,
  advance,
  wakeAt,
  view,
  hasInFlight: ({ inFlight }) => inFlight.length > 0,
};
