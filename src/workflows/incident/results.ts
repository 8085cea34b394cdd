/** What the activities of an incident gave: a result, a failure, or nothing, since they were cancelled. */
import type { Routed, SignallingResult } from '../activity-contract.js';
import type { LabelResult } from '../label-contract.js';
import type { Failure } from '../machine.js';
import type { Silenced } from '../on-call-contract.js';
import type { ReportResult } from '../webhook-contract.js';
import { applyReport, applyReportFailure } from './change-reports.js';
import { applyOnCall, applyOnCallFailure, cancelFindingOnCall } from './find-on-call.js';
import { applyLook, applyLookFailure, cancelLook, foundOnCall } from './hand-over.js';
import { applyLabel, applyLabelFailure } from './label.js';
import { allUnreached } from './pager-messages.js';
import type { InFlight } from './request-state.js';
import { applyRoute, applyRouteFailure, cancelRouting } from './routing.js';
import { applyFoundSilence, applySilenced, applySilenceFailure, cancelFindingSilence } from './silence.js';
import type { Incident } from './state.js';
import {
  applyFirstLookUp,
  applyTableauCancelled,
  applyTableauFailure,
  applyTableauResult,
  type TableauResult,
} from './tableau-requests.js';
import { applyRetry, keepUnreached } from './unreached.js';

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

function takeInFlight(incident: Incident, id: string): InFlight | undefined {
  const began = incident.inFlight.find((one) => one.id === id);
  incident.inFlight = incident.inFlight.filter((one) => one !== began);
  return began;
}

export function applyResult(incident: Incident, id: string, result: Result, now: number): void {
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

export function applyCancelled(incident: Incident, id: string, now: number): void {
  const began = takeInFlight(incident, id);
  if (!began) return;
  if (began.activity === 'findOnCall') {
    cancelFindingOnCall(incident, id);
    cancelLook(incident, id, now);
  } else if (began.activity === 'chooseRoute') cancelRouting(incident, id);
  else if (began.activity === 'findSilence') cancelFindingSilence(incident, id);
  else if (began.activity === 'setLabel') applyLabelFailure(incident, 'cancelled', now);
  else applyTableauCancelled(incident, began, now);
}

export function applyFailure(incident: Incident, id: string, failure: Failure, now: number): void {
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
