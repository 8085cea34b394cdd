/**
 * A schedule hands over while an incident is open: whoever comes on call gets a notice of it, and whoever leaves one that says so. Nobody is paged
 * again. The incident looks when the next hand-over is due.
 */
import type { Duty, FoundOnCall, OnCallActivities } from '../activity-contract.js';
import { minute, second } from '../contract.js';
import { type HandOverNotice } from '../pager-contract.js';
import type { ActivityEffect } from '../machine.js';
import { scheduleOf, scheduleReference } from '../references.js';
import { factsOf, keepsQuietHours, nextNoticeId } from './pager-messages.js';
import { holderOf, informedContacts, isOpen, nextId, type Incident } from './state.js';
import { record } from './timeline.js';

export type OnCallCall = { activity: 'findOnCall'; input: Parameters<OnCallActivities['findOnCall']>[0] };

/** The clock of the worker that looks may be behind. */
const leastPauseMs = second;
const retryMs = 5 * minute;

/** When to look who is on call; null while no step has named a schedule, or a look is under way. */
export const handOverAt = (incident: Incident): number | null =>
  isOpen(incident) && incident.duties.lookId === null ? incident.duties.lookAt : null;

export function beginLookingForHandOver(incident: Incident, now: number): ActivityEffect<OnCallCall>[] {
  const at = handOverAt(incident);
  if (at === null || at > now) return [];
  const id = nextId(incident, 'hand-over');
  incident.duties.lookId = id;
  incident.duties.lookAt = null;
  incident.inFlight.push({ id, activity: 'findOnCall' });
  const references = incident.duties.schedules.map(scheduleReference);
  const call = { activity: 'findOnCall', input: { references, by: 'sms', item: incident.item } } as const;
  return [{ type: 'activity', id, call, summary: 'Look whether a schedule has handed over' }];
}

function endLook({ duties }: Incident, id: string): boolean {
  if (duties.lookId !== id) return false;
  duties.lookId = null;
  return true;
}

/** Workers of earlier versions give the contacts alone. */
export const foundOnCall = (result: FoundOnCall | FoundOnCall['contacts']): FoundOnCall =>
  isWhole(result) ? result : { contacts: result, duties: {}, lookAgainAt: null };
const isWhole = (result: FoundOnCall | FoundOnCall['contacts']): result is FoundOnCall => 'lookAgainAt' in result;

/** The result of another activity, or of one that an earlier episode began, changes nothing. */
export function applyLook(incident: Incident, id: string, found: FoundOnCall, now: number): void {
  if (endLook(incident, id)) applyDuties(incident, found, now);
}

export function applyLookFailure(incident: Incident, id: string, why: string, now: number): void {
  if (!endLook(incident, id)) return;
  const message = 'Whether a schedule has handed over could not be found';
  incident.logLines.push({ level: 'warn', message, about: { error: why } });
  incident.duties.lookAt = now + retryMs;
}

/** The run had to end before it was known: the next one looks. */
export function cancelLook(incident: Incident, id: string, now: number): void {
  if (endLook(incident, id)) incident.duties.lookAt = now;
}

/** Notes who is on call, and notifies both people of each schedule that has handed over since the last time. */
export function applyDuties(incident: Incident, { contacts, duties, lookAgainAt }: FoundOnCall, now: number): void {
  const { schedules, bySchedule, lookAt } = incident.duties;
  const named = Object.keys(contacts).flatMap((reference) => scheduleOf(reference) ?? []);
  incident.duties.schedules = [...new Set([...schedules, ...named])];
  incident.duties.bySchedule = { ...bySchedule, ...duties };
  if (lookAgainAt !== null)
    incident.duties.lookAt = Math.max(now + leastPauseMs, Math.min(lookAt ?? lookAgainAt, lookAgainAt));
  if (!isOpen(incident)) return;
  for (const [schedule, came] of Object.entries(duties)) {
    const left = Object.hasOwn(bySchedule, schedule) ? bySchedule[schedule] : undefined;
    if (left !== undefined && left.contact !== came.contact) handOver(incident, { schedule, left, came }, now);
  }
}

interface HandOver {
  schedule: string;
  left: Duty;
  came: Duty;
}

function handOver(incident: Incident, { schedule, left, came }: HandOver, now: number): void {
  const name = ({ contact }: Duty): string => contact ?? 'nobody';
  const text = `${schedule}: ${name(came)} is on call in place of ${name(left)}`;
  record(incident, now, 'handed-over', text, { schedule, from: name(left), to: name(came) });
  // Whoever is on call at its end is paged.
  if (incident.state === 'triggered' && incident.escalation.silence) return;
  if (left.contact !== null && informedContacts(incident).includes(left.contact))
    notify(incident, left, { kind: 'off-call', schedule, other: came.contact }, now);
  notify(incident, came, { kind: 'on-call', schedule, other: left.contact }, now);
  const { contact, channel } = came;
  if (contact !== null && channel !== null)
    incident.notified = [...incident.notified.filter((one) => one.contact !== contact), { contact, channel }];
}

function notify(
  incident: Incident,
  { contact, channel }: Duty,
  about: Pick<HandOverNotice, 'kind' | 'schedule' | 'other'>,
  now: number,
): void {
  if (contact === null || channel === null) return;
  const { id, episode } = incident;
  const payload: HandOverNotice = {
    noticeId: nextNoticeId(incident),
    ...about,
    incident: id,
    episode: episode ?? '',
    facts: factsOf(incident),
    by: holderOf(incident)?.by ?? null,
    at: now,
    channel,
    ...(keepsQuietHours(incident) && { keepsQuietHours: true }),
  };
  incident.outgoing.push({ contact, signal: 'notice', payload });
}
