/** Takes the changes of an incident to the workflows of endpoints, by one activity at a time. No page waits for it. */
import { day, minute, publicName, second } from '../contract.js';
import type { ActivityEffect } from '../machine.js';
import type {
  ChangedIncident,
  IncidentChange,
  ReportActivities,
  ReportInput,
  ReportResult,
} from '../webhook-contract.js';
import { fit } from '../words.js';
import type { NotedChange, Reporting } from './change-state.js';
import { isHeld } from './changes.js';
import { isSignalling } from './pager-messages.js';
import type { InFlight } from './request-state.js';
import type { Decision } from './next.js';
import { nextId, type Incident } from './state.js';

export type ReportCall = { activity: 'reportChanges'; input: Parameters<ReportActivities['reportChanges']>[0] };
type InReport = Extract<InFlight, { activity: 'reportChanges' }>;

/** Pauses between two tries; the last one repeats. */
const pausesMs = [5 * second, 10 * second, 30 * second, minute, 5 * minute] as const;
const giveUpAfterMs = day;
/** The first report of an episode waits so long for what Tableau knows: a text without the cause says little. */
const detailBudgetMs = 8 * second;

const most = { name: 300, project: 300, cause: 500, event: 128 } as const;

const reportOf = ({ inFlight }: Incident): InReport | undefined =>
  inFlight.find((one): one is InReport => one.activity === 'reportChanges');

/** What endpoints may learn now. */
const readyChanges = (incident: Incident, reporting: Reporting): NotedChange[] =>
  isHeld(incident, reporting)
    ? reporting.pending.filter(({ episode }) => episode !== incident.episode)
    : reporting.pending;

/** When changes are reported; null while none is left, a report runs, or another input leads to it. */
export function reportAt(incident: Incident, now: number): number | null {
  const { reporting } = incident;
  if (reporting === null || reportOf(incident) || readyChanges(incident, reporting).length === 0) return null;
  const at = notBefore(incident, reporting);
  // One that is due waits for the pages that are under way.
  return at !== null && at <= now && isSignalling(incident) ? null : at;
}

/** Null: they may go at once. */
function notBefore(incident: Incident, reporting: Reporting): number | null {
  const times = [reporting.retryAt, detailUntil(incident, reporting)].filter((at) => at !== null);
  return times.length === 0 ? null : Math.max(...times);
}

/** Null: it does not wait for detail. */
function detailUntil({ lookUp, openedAt, state, episode }: Incident, { pending }: Reporting): number | null {
  const isFirst = pending.some((one) => one.type === 'triggered' && one.episode === episode);
  const isAsking = lookUp !== null && lookUp.phase !== 'done' && lookUp.parts.some((part) => part !== 'severity');
  return isFirst && state === 'triggered' && isAsking ? openedAt + detailBudgetMs : null;
}

/** After the pages of a step: what these learn of the item is in the report, too. */
export function beginReport(incident: Incident, now: number): ActivityEffect<ReportCall>[] {
  const { reporting } = incident;
  if (reporting === null || isSignalling(incident)) return [];
  openEpisode(incident, reporting);
  if (reportOf(incident)) return [];
  if (reporting.failingSince !== null && now >= reporting.failingSince + giveUpAfterMs) giveUp(incident, reporting);
  const ready = readyChanges(incident, reporting);
  const last = ready.at(-1);
  if (last === undefined || (notBefore(incident, reporting) ?? now) > now) return [];
  reporting.retryAt = null;
  const id = nextId(incident, 'report');
  incident.inFlight.push({ id, activity: 'reportChanges', upTo: last.n });
  const input: ReportInput = { changes: ready.map((one) => changeFrom(incident, one)), told: reporting.told };
  const summary = `Report ${[...new Set(ready.map(({ type }) => type))].join(', ')}`.slice(0, 200);
  return [{ type: 'activity', id, call: { activity: 'reportChanges', input }, summary }];
}

/** The first step was taken, or somebody answered: from now on endpoints know of the episode. */
function openEpisode(incident: Incident, reporting: Reporting): void {
  if (isHeld(incident, reporting) || reporting.openEpisode === incident.episode) return;
  reporting.openEpisode = incident.episode;
  reporting.told = [];
}

function changeFrom(incident: Incident, noted: NotedChange): IncidentChange {
  const { uuid, item, detail, policy } = incident;
  const { n, type, at, state, failures, by, until } = noted;
  const name = fit(publicName({ ...item, name: detail?.name ?? item.name }), most.name);
  const changed: ChangedIncident = {
    id: incident.id,
    state,
    item: { ...item, name },
    event: fit(incident.event, most.event),
    failures,
    firstFailedAt: incident.firstFailedAt,
    lastFailedAt: incident.lastFailedAt,
    by,
    policy: policy?.name ?? '',
    ...(detail?.project !== undefined && { project: fit(detail.project, most.project) }),
    ...(detail?.cause !== undefined && { cause: fit(detail.cause, most.cause) }),
    ...(detail?.url !== undefined && { url: detail.url }),
    ...(policy?.severity !== undefined && { severity: policy.severity }),
    ...(until !== undefined && { until }),
  };
  return { source: uuid, n, type, at, incident: changed };
}

/** Endpoints that could not be signalled get all of it once more; the others know what they have. */
export function applyReport(incident: Incident, { upTo }: InReport, result: ReportResult, now: number): void {
  const { reporting } = incident;
  if (reporting === null) return;
  reporting.told = result.told;
  if (result.unreached.length > 0) {
    tryAgain(incident, `not signalled: ${result.unreached.join(', ')}`, now);
    return;
  }
  reporting.pending = reporting.pending.filter(({ n }) => n > upTo);
  reporting.failures = 0;
  reporting.failingSince = null;
}

export function applyReportFailure(incident: Incident, why: string, now: number): void {
  if (incident.reporting) tryAgain(incident, why, now);
}

function tryAgain(incident: Incident, why: string, now: number): void {
  const { reporting } = incident;
  if (reporting === null) return;
  reporting.retryAt = now + (pausesMs[Math.min(reporting.failures, pausesMs.length - 1)] ?? minute);
  reporting.failures += 1;
  reporting.failingSince ??= now;
  const message = 'Changes could not be reported to all endpoints; they are tried again';
  incident.logLines.push({ level: 'warn', message, about: { error: why } });
}

function giveUp(incident: Incident, reporting: Reporting): void {
  const message = 'Changes of an incident could not be reported to an endpoint within a day';
  const about = { alarm: 'webhook-dropped', changes: reporting.pending.length };
  incident.logLines.push({ level: 'error', message, about });
  reporting.pending = [];
  reporting.retryAt = null;
  reporting.failures = 0;
  reporting.failingSince = null;
}

/** An incident that would end waits until its last change is reported, which `giveUp` bounds. */
export function waitForReport(incident: Incident): Decision | null {
  const { reporting } = incident;
  if (reporting === null || (!reportOf(incident) && readyChanges(incident, reporting).length === 0)) return null;
  return { do: 'wait', until: null, what: 'Its last change is being reported' };
}
