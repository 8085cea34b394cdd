/**
 * The incident as a state machine: inputs change the state, `advance` decides what begins. Every rule is in the modules that it calls.
 */
import type { Routed, SignallingResult } from '../activity-contract.js';
import type { AnswerOutcome, AnswerSignal, EventSignal, FailedSignal, HeldSignal, SentSignal } from '../contract.js';
import {
  latestOf,
  type DriverInput,
  type Effect,
  type Env,
  type Failure,
  type Machine,
  type Wake,
} from '../machine.js';
import type { LabelResult } from '../label-contract.js';
import type { Silenced } from '../on-call-contract.js';
import type { ReportResult } from '../webhook-contract.js';
import { applyReport, applyReportFailure, beginReport, reportAt, type ReportCall } from './change-reports.js';
import { decide, foresee, nextOf } from './decision.js';
import { applyAnswer } from './answers.js';
import { applyEvent } from './episode.js';
import { applyOnCall, applyOnCallFailure, beginFindingOnCall, cancelFindingOnCall, takeStep } from './escalation.js';
import {
  applyLook,
  applyLookFailure,
  beginLookingForHandOver,
  cancelLook,
  foundOnCall,
  handOverAt,
  type OnCallCall,
} from './hand-over.js';
import { applyLabel, applyLabelFailure, beginLabel, giveUpLabel, labelAt, type LabelCall } from './label.js';
import { applyFailed, applyHeld, applySent } from './page-reports.js';
import { allUnreached, beginSignalling, cancelSuperseded, settleAll, type PagingCall } from './pager-messages.js';
import { applyRoute, applyRouteFailure, beginRouting, cancelRouting, routeAt, type RouteCall } from './routing.js';
import {
  applyFoundSilence,
  applySilenced,
  applySilenceFailure,
  beginFindingSilence,
  cancelFindingSilence,
  type SilenceCall,
} from './silence.js';
import { publish } from './memo.js';
import { record } from './timeline.js';
import type { InFlight } from './request-state.js';
import { isOpen, type Incident } from './state.js';
import {
  applyFirstLookUp,
  applyTableauCancelled,
  applyTableauFailure,
  applyTableauResult,
  beginItemCheck,
  beginJobCheck,
  beginLookUp,
  beginRecoveryCheck,
  beginRerun,
  firstLookUp,
  lookUpAt,
  type TableauCall,
  type TableauResult,
} from './tableau-requests.js';
import { applyRetry, beginRetries, giveUpUnreached, keepUnreached, nextRetryAt, type RetryCall } from './unreached.js';
import { waitText } from './waits.js';

export type Call = PagingCall | RetryCall | OnCallCall | RouteCall | SilenceCall | TableauCall | LabelCall | ReportCall;
export type Result =
  | TableauResult
  /** Workers of earlier versions give no result: they signal all pagers, or fail. */
  | { activity: 'signalPagers'; result?: SignallingResult | undefined }
  | { activity: 'retryPager'; result: SignallingResult }
  | { activity: 'findOnCall'; result: Parameters<typeof foundOnCall>[0] }
  | { activity: 'chooseRoute'; result: Routed }
  | { activity: 'findSilence'; result: Silenced | null }
  | { activity: 'setLabel'; result: LabelResult }
  | { activity: 'reportChanges'; result: ReportResult };
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
    case 'cancelled': {
      const began = takeInFlight(incident, input.id);
      if (began?.activity === 'findOnCall') {
        cancelFindingOnCall(incident, began.id);
        cancelLook(incident, began.id, now);
      } else if (began?.activity === 'chooseRoute') cancelRouting(incident, began.id);
      else if (began?.activity === 'findSilence') cancelFindingSilence(incident, began.id);
      else if (began?.activity === 'setLabel') applyLabelFailure(incident, 'cancelled', now);
      else if (began?.activity === 'reportChanges') applyReportFailure(incident, 'cancelled', now);
      else if (began) applyTableauCancelled(incident, began, now);
      break;
    }
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

function takeInFlight(incident: Incident, id: string): InFlight | undefined {
  const began = incident.inFlight.find((one) => one.id === id);
  incident.inFlight = incident.inFlight.filter((one) => one !== began);
  return began;
}

function applyResult(incident: Incident, id: string, result: Result, now: number): void {
  const began = takeInFlight(incident, id);
  if (!began) return;
  if (result.activity === 'signalPagers' || result.activity === 'retryPager')
    applySignalled(incident, began, result.result ?? { unreached: [] }, now);
  else if (result.activity === 'findOnCall') {
    const found = foundOnCall(result.result);
    applyOnCall(incident, id, found, now);
    applyLook(incident, id, found, now);
  } else if (result.activity === 'chooseRoute') applyRoute(incident, id, result.result, now);
  else if (result.activity === 'findSilence') applyFoundSilence(incident, id, result.result, now);
  else if (result.activity === 'setLabel') {
    if (began.activity === 'setLabel') applyLabel(incident, began, result.result, now);
  } else if (result.activity === 'reportChanges') {
    if (began.activity === 'reportChanges') applyReport(incident, began, result.result, now);
  } else applyTableauResult(incident, began, result, now);
}

function applySignalled(incident: Incident, began: InFlight, result: SignallingResult, now: number): void {
  if (began.activity === 'signalPagers') keepUnreached(incident, began.messages, result, now);
  applyFirstLookUp(incident, began, result.lookedUp, now);
  if (began.activity === 'retryPager') applyRetry(incident, began, result, now);
  if (result.silenced) applySilenced(incident, began, result.silenced, now);
}

function applyFailure(incident: Incident, id: string, failure: Failure, now: number): void {
  const began = takeInFlight(incident, id);
  if (!began) return;
  if (began.activity === 'signalPagers' || began.activity === 'retryPager')
    applySignalled(incident, began, allUnreached(began.messages, failure.message), now);
  else if (began.activity === 'findOnCall') {
    applyOnCallFailure(incident, id, failure.message, now);
    applyLookFailure(incident, id, failure.message, now);
  } else if (began.activity === 'chooseRoute') applyRouteFailure(incident, id, failure.message, now);
  else if (began.activity === 'findSilence') applySilenceFailure(incident, id, failure.message, now);
  else if (began.activity === 'setLabel') applyLabelFailure(incident, failure.message, now);
  else if (began.activity === 'reportChanges') applyReportFailure(incident, failure.message, now);
  else applyTableauFailure(incident, began, failure, now);
}

function advance(incident: Incident, env: Env): IncidentEffect[] {
  const effects: IncidentEffect[] = [...cancelSuperseded(incident, env.now)];
  if (env.draining) effects.push(...cancelReads(incident));
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

/** What only reads is begun anew by the next run. The next label has to wait for the one before. */
const writes: readonly InFlight['activity'][] = ['signalPagers', 'retryPager', 'rerun', 'setLabel', 'reportChanges'];
const cancelReads = ({ inFlight }: Incident): IncidentEffect[] =>
  inFlight.filter(({ activity }) => !writes.includes(activity)).map(({ id }) => ({ type: 'cancel', id }));

/** A run that drains begins nothing, so that a time that has come would come again at once: it waits for results alone. */
function wakeAt(incident: Incident, { draining }: Env): Wake | null {
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
    { at: reportAt(incident), why: 'Wait before changes are reported again' },
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
