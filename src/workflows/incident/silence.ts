/** A silence covers the incident: nobody is paged until it ends. Then the escalation starts, where it is still broken. */
import type { SilenceActivities } from '../activity-contract.js';
import { minute, second } from '../contract.js';
import type { ActivityEffect } from '../machine.js';
import type { Silenced } from '../on-call-contract.js';
import { startEscalation, withdrawQuiet } from './escalation.js';
import { subjectOf } from './pager-messages.js';
import type { InFlight } from './request-state.js';
import type { Decision } from './next.js';
import { nextId, type Incident } from './state.js';
import { record } from './timeline.js';
import { sentenceOf } from '../names.js';
import { dropUnreachedPages, isPage } from './unreached.js';
import { roleOnly, utc } from '../words.js';

export type SilenceCall = { activity: 'findSilence'; input: Parameters<SilenceActivities['findSilence']>[0] };

/** Somebody may end the silence early. */
const lookAgainMs = 5 * minute;
const maxReason = 160;
/** The clock of the worker that looks may be behind. */
const leastPauseMs = second;

/** The pages of a step were not signalled, since a silence covers them. */
export function applySilenced(incident: Incident, began: InFlight, silenced: Silenced, now: number): void {
  if (began.activity !== 'signalPagers' || began.episode !== incident.episode) return;
  if (incident.state !== 'triggered' && incident.state !== 'unacknowledged') return;
  const present = new Set(incident.escalation.pages);
  for (const page of incident.pages) {
    if (page.status !== 'requested' || !present.has(page.n)) continue;
    page.status = 'failed';
    page.why = 'silenced';
    page.outage = true;
  }
  incident.outgoing = incident.outgoing.filter((message) => !isPage(message));
  dropUnreachedPages(incident);
  withdrawQuiet(incident, now);
  // A round that reached nobody does not count.
  if (incident.escalation.step === 0) incident.rounds -= 1;
  startEscalation(incident, now, now, 0);
  keepSilence(incident, silenced, now);
}

function keepSilence(incident: Incident, silenced: Silenced, now: number): void {
  const { id, until, by, reason } = silenced;
  const before = incident.escalation.silence;
  const checkAt = Math.max(now + leastPauseMs, Math.min(until, now + lookAgainMs));
  incident.escalation.silence = { id, until, checkAt, findingId: null };
  if (before?.id === id && before.until === until) return;
  const text = `Silenced until ${utc(until)} by ${roleOnly(by)} (${sentenceOf(reason, maxReason).replace(/\.$/, '')})`;
  record(incident, now, 'silenced', text, { by: roleOnly(by), until: new Date(until).toISOString() });
}

/** The activity that looks whether the silence lasts has begun. */
export const isFindingSilence = ({ state, escalation }: Incident): boolean =>
  state === 'triggered' && typeof escalation.silence?.findingId === 'string';

/** Waits until it is time to look whether the silence lasts; null where none covers the incident. */
export function waitForSilence({ escalation: { silence } }: Incident, now: number): Decision | null {
  if (!silence) return null;
  if (now >= silence.checkAt) return { do: 'find-silence' };
  const what = `Silenced until ${utc(silence.until)}`;
  return { do: 'wait', until: silence.checkAt, shownAt: silence.until, code: 'silence-ends', what };
}

export function beginFindingSilence(incident: Incident): ActivityEffect<SilenceCall>[] {
  const { silence } = incident.escalation;
  if (!silence) return [];
  const id = nextId(incident, 'silence');
  silence.findingId = id;
  incident.inFlight.push({ id, activity: 'findSilence' });
  const call = { activity: 'findSilence', input: subjectOf(incident) } as const;
  return [{ type: 'activity', id, call, summary: 'Look whether it is still silenced' }];
}

/** Null: no silence covers it any more. */
export function applyFoundSilence(incident: Incident, id: string, found: Silenced | null, now: number): void {
  if (incident.state !== 'triggered' || incident.escalation.silence?.findingId !== id) return;
  if (found !== null) {
    keepSilence(incident, found, now);
    return;
  }
  // Somebody hears of it before it can be forgotten.
  incident.lastEventAt = Math.max(incident.lastEventAt, now);
  record(incident, now, 'triggered', 'The silence is over: the escalation starts', { why: 'the silence is over' });
  startEscalation(incident, now, now, 0);
}

/** No worker could look: the escalation starts, and its pages are not sent if the silence lasts. */
export function applySilenceFailure(incident: Incident, id: string, why: string, now: number): void {
  const message = 'Whether a silence lasts could not be found';
  incident.logLines.push({ level: 'warn', message, about: { error: why } });
  applyFoundSilence(incident, id, null, now);
}

/** The run had to end before it was known: the next one looks. */
export function cancelFindingSilence(incident: Incident, id: string): void {
  const { silence } = incident.escalation;
  if (silence?.findingId === id) silence.findingId = null;
}
