/**
 * What an incident asks Tableau: detail for its pages, whether it has recovered, and to run the refresh again. The escalation never
 * waits for a result longer than its budget; each result enters the state when it comes, if the episode still is the same.
 */
import type {
  JobStatus,
  LookedUp,
  LookUpInput,
  LookUpRequest,
  RerunStart,
  TableauActivities,
} from '../activity-contract.js';
import { second, type ItemDetail } from '../contract.js';
import type { ActivityEffect, Failure } from '../machine.js';
import { applyRecoveryCheck } from './episode.js';
import { repeatPages, repeatQuiet } from './escalation.js';
import { applyItemStatus, applyNoItemStatus } from './forget.js';
import { informPages } from './pager-messages.js';
import { applyJob, applyRerunStart } from './rerun.js';
import { isChoosing } from './routing.js';
import type { InFlight } from './request-state.js';
import { isOpen, nextId, type Incident } from './state.js';

/** The activities by name, each with its input. */
export type TableauCall = {
  [Name in keyof TableauActivities]: { activity: Name; input: Parameters<TableauActivities[Name]>[0] };
}[keyof TableauActivities];
export type TableauResult = {
  [Name in keyof TableauActivities]: { activity: Name; result: Awaited<ReturnType<TableauActivities[Name]>> };
}[keyof TableauActivities];

/** The first look-up ends before the first page has to go, later ones when Tableau's own limits have passed. */
const firstLookUpMs = 800;
const laterLookUpMs = 12 * second;
/** Pauses before the next request for what is still missing. */
const pausesMs = [second, 5 * second, 15 * second, 30 * second] as const;

const lookUpInput = ({ item, event, lastFailedAt }: Incident): LookUpInput => ({ item, event, at: lastFailedAt });

/** The first look-up of an episode, which goes with the first pages unless something else comes before them; null when it has begun. */
export const firstLookUp = (incident: Incident): LookUpRequest | null =>
  incident.episode === null || incident.lookUp !== null
    ? null
    : { ...lookUpInput(incident), parts: ['item', 'cause', 'severity'], withinMs: firstLookUpMs };

/** A look-up that is due and goes with no page: everything at the start of an episode, later what is still missing. */
export function beginLookUp(incident: Incident, now: number): ActivityEffect<TableauCall>[] {
  const { episode, lookUp } = incident;
  if (episode === null) return [];
  const first = firstLookUp(incident);
  // It goes with the pages of the first step, as soon as it is known whom that means.
  const isNear = incident.escalation.unresolved !== undefined || isChoosing(incident);
  if (first && incident.state === 'triggered' && isNear) return [];
  const due = first ? { turn: 0, parts: first.parts, at: now } : lookUp;
  if (due === null || !('at' in due) || due.at > now) return [];
  const { turn, parts } = due;
  incident.lookUp = { phase: 'requesting', turn, parts };
  const input = { ...lookUpInput(incident), parts, withinMs: turn === 0 ? firstLookUpMs : laterLookUpMs };
  const summary = turn === 0 ? 'Ask Tableau what broke, why, how bad' : `Ask Tableau once more: ${parts.join(', ')}`;
  const id = nextId(incident, 'look-up');
  incident.inFlight.push({ id, activity: 'lookUp', episode });
  return [{ type: 'activity', id, call: { activity: 'lookUp', input }, summary }];
}

/** When the next look-up is due; null while none waits. */
export const lookUpAt = ({ lookUp }: Incident): number | null => (lookUp?.phase === 'waiting' ? lookUp.at : null);

/** The result of a look-up that went with pages, which say it already. */
export function applyFirstLookUp(incident: Incident, began: InFlight, found: LookedUp | undefined, now: number): void {
  if (began.activity !== 'signalPagers' || !began.looksUp || began.episode !== incident.episode) return;
  applyLookUp(incident, found ?? nothingLearnt(incident), now);
  informPages(incident);
  // A page that was tried again meanwhile went without: its item would not go last.
  if (incident.detail?.unknownItem && incident.unreached.length > 0) repeatPages(incident);
}

/** The result of a look-up without pages: those that have gone are repeated when Tableau knows no such item. */
function applyLaterLookUp(incident: Incident, found: LookedUp, now: number): void {
  const wasUnknown = incident.detail?.unknownItem;
  applyLookUp(incident, found, now);
  if (incident.detail?.unknownItem && !wasUnknown) repeatPages(incident);
  else repeatQuiet(incident, now);
}

function applyLookUp(incident: Incident, found: LookedUp, now: number): void {
  const { lookUp } = incident;
  if (lookUp?.phase !== 'requesting') return;
  learn(incident, found.learnt);
  const parts = found.pending.map(({ part }) => part);
  const pauseMs = pausesMs[lookUp.turn];
  if (parts.length === 0 || pauseMs === undefined || !isOpen(incident)) {
    learn(incident, { problems: found.pending.map(({ why }) => why) });
    incident.lookUp = { phase: 'done' };
    return;
  }
  incident.lookUp = { phase: 'waiting', turn: lookUp.turn + 1, parts, at: now + pauseMs };
}

function learn(incident: Incident, learnt: Partial<ItemDetail>): void {
  const problems = [...new Set([...(incident.detail?.problems ?? []), ...(learnt.problems ?? [])])];
  incident.detail = { ...incident.detail, ...learnt, problems };
  if (learnt.project !== undefined && learnt.isProjectName === undefined) delete incident.detail.isProjectName;
}

export function beginRecoveryCheck(incident: Incident, now: number): ActivityEffect<TableauCall>[] {
  const { episode, recoveryCheck } = incident;
  if (episode === null || recoveryCheck === null) return [];
  recoveryCheck.startedAt = now;
  const id = nextId(incident, 'recovery-check');
  incident.inFlight.push({ id, activity: 'hasRecovered', episode });
  const call = { activity: 'hasRecovered', input: lookUpInput(incident) } as const;
  return [{ type: 'activity', id, call, summary: 'Ask Tableau whether it has recovered' }];
}

export function beginItemCheck(incident: Incident): ActivityEffect<TableauCall>[] {
  const { episode } = incident;
  if (episode === null) return [];
  incident.itemCheck = { ...incident.itemCheck, isRequesting: true };
  const id = nextId(incident, 'item-check');
  incident.inFlight.push({ id, activity: 'checkItem', episode });
  const call = { activity: 'checkItem', input: lookUpInput(incident) } as const;
  return [{ type: 'activity', id, call, summary: 'Ask Tableau what became of the item' }];
}

export function beginRerun(incident: Incident): ActivityEffect<TableauCall>[] {
  const { rerun } = incident;
  if (rerun === null) return [];
  rerun.phase = 'requesting';
  const id = nextId(incident, 'rerun');
  incident.inFlight.push({ id, activity: 'rerun', rerunId: rerun.id });
  return [
    {
      type: 'activity',
      id,
      call: { activity: 'rerun', input: { item: incident.item } },
      summary: 'Run the refresh again in Tableau',
    },
  ];
}

export function beginJobCheck(incident: Incident): ActivityEffect<TableauCall>[] {
  const { rerun } = incident;
  if (rerun === null || rerun.job === null) return [];
  rerun.checking = true;
  const id = nextId(incident, 'job-check');
  incident.inFlight.push({ id, activity: 'checkJob', rerunId: rerun.id });
  const call = { activity: 'checkJob', input: { job: rerun.job } } as const;
  return [{ type: 'activity', id, call, summary: 'Ask Tableau whether the refresh has ended' }];
}

export function applyTableauResult(incident: Incident, began: InFlight, result: TableauResult, now: number): void {
  switch (result.activity) {
    case 'lookUp':
      if (began.activity === 'lookUp' && began.episode === incident.episode)
        applyLaterLookUp(incident, result.result, now);
      break;
    case 'hasRecovered':
      if (began.activity === 'hasRecovered') applyRecoveryCheck(incident, began.episode, result.result, now);
      break;
    case 'checkItem':
      if (began.activity === 'checkItem') applyItemStatus(incident, began.episode, result.result, now);
      break;
    case 'rerun':
      if (began.activity === 'rerun') applyRerunStart(incident, began.rerunId, result.result, now);
      break;
    case 'checkJob':
      if (began.activity === 'checkJob') applyJob(incident, began.rerunId, result.result, now);
      break;
  }
}

/** The activity failed in all its time: the incident goes on without the result. */
export function applyTableauFailure(incident: Incident, began: InFlight, failure: Failure, now: number): void {
  const about = { activity: began.activity, type: failure.type, error: failure.message };
  incident.logLines.push({ level: 'warn', message: 'Tableau did not answer', about });
  if (began.activity === 'checkItem') applyNoItemStatus(incident, began.episode, now);
  const result = withoutTableau(incident, began);
  if (result !== null) applyTableauResult(incident, began, result, now);
}

function withoutTableau(incident: Incident, { activity }: InFlight): TableauResult | null {
  switch (activity) {
    case 'lookUp':
      return { activity, result: nothingLearnt(incident) };
    case 'hasRecovered':
      return { activity, result: false };
    case 'rerun': {
      const result: RerunStart = { state: 'refused', why: 'Tableau could not be reached.' };
      return { activity, result };
    }
    case 'checkJob': {
      const result: JobStatus = { state: 'running' };
      return { activity, result };
    }
    case 'checkItem':
    case 'findOnCall':
    case 'chooseRoute':
    case 'findSilence':
    case 'signalPagers':
    case 'retryPager':
    case 'setLabel':
    case 'reportChanges':
      return null;
  }
}

function nothingLearnt({ lookUp }: Incident): LookedUp {
  const parts = lookUp?.phase === 'requesting' ? lookUp.parts : [];
  return { learnt: { problems: [] }, pending: parts.map((part) => ({ part, why: 'Tableau could not be asked.' })) };
}

/** A read was cancelled, since the run had to end: the next run begins it anew. */
export function applyTableauCancelled(incident: Incident, began: InFlight, now: number): void {
  const { lookUp, recoveryCheck, rerun } = incident;
  if (began.activity === 'lookUp' && lookUp?.phase === 'requesting' && began.episode === incident.episode)
    incident.lookUp = { ...lookUp, phase: 'waiting', at: now };
  if (began.activity === 'hasRecovered' && recoveryCheck !== null && !recoveryCheck.done)
    recoveryCheck.startedAt = null;
  if (began.activity === 'checkItem') incident.itemCheck = { ...incident.itemCheck, isRequesting: false };
  if (began.activity === 'checkJob' && rerun?.id === began.rerunId) rerun.checking = false;
}
