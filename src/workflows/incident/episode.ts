/** What events do to an incident: they open an episode, join it or end it. Nothing here throws, and a copy of an event changes nothing. */
import { minute, type EventSignal, type Policy, type TableauEvent } from '../contract.js';
import { refreshNotPromised } from '../freshness-contract.js';
import { canBeRefreshed, isMissing, whatHappened } from '../words.js';
import { repeatQuiet, startEscalation } from './escalation.js';
import { beginReporting, noteChange } from './changes.js';
import { beginLabelling } from './label.js';
import { remind } from './remind.js';
import { failureAfterRerun, failureDuringRerun } from './rerun.js';
import { recover } from './resolve.js';
import { beginWithPolicy } from './routing.js';
import { noDuties } from './escalation-state.js';
import { isNew, isOpen, release, type Incident } from './state.js';
import { logDecision, record } from './timeline.js';
import { searchValues } from './view.js';

/** The failure of a first event that arrives later than this after its `created_at` may be over already. */
const lateArrivalMs = minute;

/**
 * Takes one delivery. An event with a policy is a failure; one without is a success. Deliveries come in any order, so only
 * `createdAt` counts; of a failure and a success in the same second the failure stands.
 */
export function applyEvent(incident: Incident, signal: EventSignal, now: number): void {
  const { event, policy } = signal;
  // Copies of an event whose time cannot be true arrive at different times.
  if (!isNew(incident, `${event.type} ${event.untrueCreatedAt ?? event.createdAt}`)) return;
  if (event.untrueCreatedAt !== undefined) recordUntrueTime(incident, event.type, event.untrueCreatedAt, now);
  incident.lastEventAt = Math.max(incident.lastEventAt, now);
  incident.itemCheck = { isRequesting: false, failures: 0 };
  if (!policy) {
    if (event.type === refreshNotPromised) applyNotPromised(incident, now);
    else if (event.type.endsWith('Deleted')) applyDeletion(incident, event.createdAt, now);
    else applySuccess(incident, event.createdAt, now);
    return;
  }
  const created = new Date(event.createdAt).toISOString();
  if (incident.lastSucceededAt !== null && event.createdAt < incident.lastSucceededAt) {
    record(incident, now, 'stale', `${event.type} of ${created} came late: a later refresh has succeeded`);
    return;
  }
  // Before the first event there is nothing to compare with.
  const newest = incident.state === null || event.createdAt > incident.lastFailedAt;
  // An open failure says more than that there is no new data.
  if (newest && !(isOpen(incident) && isMissing({ event: event.type }))) {
    incident.item = event.item;
    incident.event = event.type;
  }
  incident.failureSeenAt = now;
  beginLabelling(incident, signal.labels);
  beginReporting(incident, signal.changes);
  if (!isOpen(incident)) {
    // The failure belongs to the episode that is over.
    if (incident.state !== null && !newest) {
      record(incident, now, 'stale', `${event.type} of ${created} came late`);
      return;
    }
    incident.failures = 1;
    incident.hasFailed = !isMissing({ event: event.type });
    incident.firstFailedAt = event.createdAt;
    incident.lastFailedAt = event.createdAt;
    record(incident, now, happened(event.type), `${event.type}: ${whatIs(event, created)}`);
    open(incident, signal, policy, now);
    if (canBeRefreshed(incident.item) && event.receivedAt - event.createdAt > lateArrivalMs)
      incident.recoveryCheck = { startedAt: null, done: false, failedAt: event.createdAt };
    return;
  }
  if (isMissing({ event: event.type })) joinMissing(incident, event, now);
  else joinFailure(incident, event, newest, now);
  repeatQuiet(incident, now);
  if (incident.remindAt !== null && now >= incident.remindAt) remind(incident, now);
}

const happened = (type: string): 'missing' | 'failed' => (isMissing({ event: type }) ? 'missing' : 'failed');

const whatIs = ({ type, why }: TableauEvent, created: string): string => why ?? `${whatHappened(type)} at ${created}`;

/** One item has one trouble, whatever it is known by. */
function joinMissing(incident: Incident, event: TableauEvent, now: number): void {
  incident.lastFailedAt = Math.max(incident.lastFailedAt, event.createdAt);
  record(incident, now, 'missing', `${event.type}: ${whatIs(event, new Date(event.createdAt).toISOString())}`);
  if (event.why !== undefined && incident.detail?.cause === undefined)
    incident.detail = { problems: [], ...incident.detail, cause: event.why };
}

function joinFailure(incident: Incident, { type, createdAt, why }: TableauEvent, newest: boolean, now: number): void {
  incident.failures += 1;
  incident.hasFailed = true;
  incident.firstFailedAt = Math.min(incident.firstFailedAt, createdAt);
  incident.lastFailedAt = Math.max(incident.lastFailedAt, createdAt);
  const at = new Date(createdAt).toISOString();
  record(incident, now, 'failed', `${type}: ${whatHappened(type)} again at ${at}`);
  if (newest && why !== undefined) incident.detail = { problems: [], ...incident.detail, cause: why };
  failureAfterRerun(incident, createdAt);
  if (newest) failureDuringRerun(incident, now);
}

function recordUntrueTime(incident: Incident, type: string, statedAt: number, now: number): void {
  const stated = new Date(statedAt).toISOString();
  record(incident, now, 'clock', `${type} has the time ${stated}, which cannot be: its time of arrival counts`);
}

function open(incident: Incident, signal: EventSignal, policy: Policy, now: number): void {
  const again = incident.episode !== null;
  incident.lastEpisode += 1;
  incident.episode = `${incident.uuid}-${incident.lastEpisode}`;
  incident.openedAt = now;
  incident.lastPage = 0;
  incident.pages = [];
  incident.rounds = 0;
  incident.duties = noDuties();
  incident.notified = [];
  release(incident);
  incident.overAt = null;
  const { why } = signal.event;
  incident.detail = why === undefined ? null : { problems: [], cause: why };
  incident.lookUp = null;
  incident.recoveryCheck = null;
  incident.rerun = null;
  incident.failedRerun = null;
  startEscalation(incident, now, now, 0);
  // Whoever starts the workflow gives it the first ones.
  if (!again) incident.published.searchAttributes = JSON.stringify(searchValues(incident));
  logDecision(incident, again ? 'reopened' : 'opened', { event: incident.event, policy: policy.name });
  noteChange(incident, now, 'triggered');
  beginWithPolicy(incident, signal, policy, now);
}

function applySuccess(incident: Incident, createdAt: number, now: number): void {
  incident.lastSucceededAt = Math.max(incident.lastSucceededAt ?? 0, createdAt);
  if (!isOpen(incident)) return;
  if (createdAt <= incident.lastFailedAt) {
    record(incident, now, 'stale', 'A success came late: it has failed since');
    return;
  }
  recover(incident, now, 'recovered', `Works again since ${new Date(createdAt).toISOString()}`);
}

function applyDeletion(incident: Incident, createdAt: number, now: number): void {
  if (isOpen(incident) && createdAt >= incident.lastFailedAt) recover(incident, now, 'deleted', 'Deleted in Tableau');
}

/** It has no new data, but none is due any more. A refresh that failed is trouble all the same. */
function applyNotPromised(incident: Incident, now: number): void {
  if (!isOpen(incident)) return;
  if (incident.hasFailed)
    record(incident, now, 'promise-changed', 'No new data is due any more, but a refresh has failed');
  else recover(incident, now, 'not-promised', 'No new data is due any more: what is promised has changed');
}

/** Tableau's answer to the recovery check of a late first event. */
export function applyRecoveryCheck(incident: Incident, episode: string, recovered: boolean, now: number): void {
  if (incident.episode !== episode || incident.recoveryCheck === null) return;
  // It has failed again since the request: the success may be older than that.
  if (recovered && incident.lastFailedAt > incident.recoveryCheck.failedAt) {
    incident.recoveryCheck = { startedAt: null, done: false, failedAt: incident.lastFailedAt };
    return;
  }
  incident.recoveryCheck.done = true;
  if (recovered && isOpen(incident)) recover(incident, now, 'recovered', 'It has been refreshed since');
}
