/** Which changes of an incident outgoing webhooks learn of. Without webhooks nothing here does anything. */
import { isEnd, type ChangeType } from '../change-types.js';
import { minute, type IncidentState } from '../contract.js';
import type { LogLine } from '../machine.js';
import { roleOnly } from '../words.js';
import { newReporting, type NotedChange, type Reporting } from './change-state.js';
import { holderOf, isOpen, type Incident } from './state.js';

/** What is noted while nobody could be told. */
const mostPending = 200;

/** By the words of the timeline; what is missing here is no change of its own. */
const changeOfEntry: Readonly<Record<string, ChangeType>> = {
  failed: 'failed-again',
  missing: 'failed-again',
  triggered: 'triggered-again',
  acknowledged: 'acknowledged',
  snoozed: 'snoozed',
  unacknowledged: 'unacknowledged',
  'handed-over': 'handed-over',
  resolved: 'resolved',
  recovered: 'recovered',
  deleted: 'deleted',
  ignored: 'ignored',
  'not-promised': 'ignored',
  cancelled: 'cancelled',
  forgotten: 'forgotten',
};

/** The state after a change; undefined: as before. */
const stateAfter: Partial<Record<ChangeType, IncidentState>> = {
  triggered: 'triggered',
  'triggered-again': 'triggered',
  acknowledged: 'acknowledged',
  snoozed: 'snoozed',
  unacknowledged: 'unacknowledged',
  resolved: 'resolved',
  recovered: 'resolved',
  deleted: 'resolved',
  ignored: 'resolved',
  cancelled: 'forgotten',
  forgotten: 'forgotten',
};

/** An event says which changes endpoints want. */
export function beginReporting(incident: Incident, wanted: ChangeType[] | undefined): void {
  if (wanted !== undefined) incident.reporting = { ...newReporting(wanted), ...incident.reporting, wanted };
}

interface ChangeAbout {
  /** Whoever did it. */
  by?: string;
  until?: number;
}

/**
 * An entry of the timeline may be a change. It is made before the state changes.
 * @param about the fields of its line of the log
 */
export function noteEntry(incident: Incident, now: number, entry: string, { by, minutes }: LogLine['about']): void {
  const type = Object.hasOwn(changeOfEntry, entry) ? changeOfEntry[entry] : undefined;
  // The failure that opens an episode is noted when it is open.
  if (type === undefined || !isOpen(incident)) return;
  noteChange(incident, now, type, {
    ...(typeof by === 'string' && { by }),
    ...(type === 'snoozed' && typeof minutes === 'number' && { until: now + minutes * minute }),
  });
}

export function noteChange(incident: Incident, now: number, type: ChangeType, about: ChangeAbout = {}): void {
  const { reporting, episode } = incident;
  if (reporting === null) return;
  const held = isHeld(incident, reporting);
  if (held && isEnd(type)) {
    const known = reporting.pending.filter((one) => one.episode !== episode);
    // Nobody has heard of their numbers, and none may be missing.
    reporting.lastChange -= reporting.pending.length - known.length;
    reporting.pending = known;
    return;
  }
  // Its escalation has not started for anybody yet.
  if (held && type === 'triggered-again') return;
  if (!reporting.wanted.includes(type)) return;
  reporting.lastChange += 1;
  const by = type === 'triggered' || type === 'triggered-again' ? null : (about.by ?? holderOf(incident)?.by ?? null);
  const noted: NotedChange = {
    n: reporting.lastChange,
    type,
    at: now,
    episode,
    state: stateAfter[type] ?? incident.state ?? 'triggered',
    failures: incident.failures,
    by: by === null ? null : roleOnly(by),
    ...(about.until !== undefined && { until: about.until }),
  };
  reporting.pending = [...reporting.pending, noted];
  dropExcess(incident, reporting);
  // What is new is a reason to try at once.
  reporting.retryAt = null;
}

/** A failure whose count a later one tells goes first, so that endpoints still learn how it began. */
function dropExcess(incident: Incident, reporting: Reporting): void {
  const { pending } = reporting;
  if (pending.length <= mostPending) return;
  const again = pending.findIndex(({ type }) => type === 'failed-again');
  reporting.pending = pending.toSpliced(Math.max(0, again), 1);
  if (again >= 0) return;
  const message = 'Too many changes of an incident wait: endpoints do not get the oldest';
  incident.logLines.push({ level: 'error', message, about: { alarm: 'webhook-dropped', changes: 1 } });
}

/**
 * Before the first step nobody is told: a silence, a rerun or a route by what Tableau knows may end it without anybody being paged. What ends by then
 * was never heard of.
 */
export const isHeld = ({ episode, state, escalation }: Incident, { openEpisode }: Reporting): boolean =>
  episode !== openEpisode && state === 'triggered' && (escalation.step < 0 || escalation.unresolved !== undefined);
