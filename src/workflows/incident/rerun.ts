/**
 * Running a refresh again: asked for by the policy before anybody is woken, or by a person from the phone. Pure.
 */
import type { JobStatus, RerunStart } from '../activity-contract.js';
import { recover } from './resolve.js';
import { startEscalation } from './escalation.js';
import { isOpen, minute, record, type Decision, type Rerun, type Incident } from './state.js';
import { noticeTo } from './pager-messages.js';

/** How long a rerun that a person asked for is followed where the policy names no time. */
const followLimitMs = 60 * minute;
/** Between looks at the job; the last one repeats. */
const checkWaitsMs = [15_000, 30_000, 60_000, 120_000] as const;

export function wantRerun(
  incident: Incident,
  asker: Pick<Rerun, 'by' | 'contact'>,
  now: number,
  wait = followLimitMs,
  attempt = 1,
): void {
  incident.rerun = {
    ...asker,
    attempt,
    phase: 'wanted',
    job: null,
    requestedAt: now,
    failedAt: incident.lastFailedAt,
    until: now + wait,
    checks: 0,
    checkAt: now,
    checking: false,
  };
}

/** What the rerun that is under way asks for; null while there is none. */
export function followRerun(incident: Incident, now: number): Decision | null {
  const { rerun } = incident;
  if (rerun === null) return null;
  if (rerun.phase === 'wanted') return { do: 'rerun' };
  if (now >= rerun.until) {
    endWithoutResult(incident, rerun, now);
    return { do: 'again' };
  }
  const checks = rerun.phase === 'following' && rerun.job !== null && !rerun.checking;
  if (checks && now >= rerun.checkAt) return { do: 'check' };
  return { do: 'wait', until: checks ? Math.min(rerun.checkAt, rerun.until) : rerun.until, what: 'Running it again' };
}

function endWithoutResult(incident: Incident, rerun: Rerun, now: number): void {
  const after = Math.round((rerun.until - rerun.requestedAt) / minute);
  record(incident, now, 'rerun', `Running it again gave no result within ${after} min`, { result: 'none' });
  incident.rerun = null;
}

/** Tableau took the request, or said why not. */
export function applyRerunStart(incident: Incident, rerun: Rerun, start: RerunStart, now: number): void {
  if (incident.rerun !== rerun) return;
  if (start.state === 'refused') {
    record(incident, now, 'rerun', `Not run again: ${start.why}`, { result: 'refused' });
    incident.rerun = null;
    if (rerun.contact !== null) noticeTo(incident, [rerun.contact], 'not-rerun', null, start.why);
    return;
  }
  rerun.phase = 'following';
  rerun.job = start.job ?? null;
  rerun.checkAt = now + checkWaitsMs[0];
  const text = start.job === undefined ? 'The refresh is queued already' : 'The refresh is queued';
  record(incident, now, 'rerun', text, { result: 'queued' });
}

export function applyJob(incident: Incident, rerun: Rerun, standing: JobStatus, now: number): void {
  rerun.checking = false;
  if (incident.rerun !== rerun || !isOpen(incident)) return;
  rerun.checks += 1;
  rerun.checkAt = now + (checkWaitsMs[Math.min(rerun.checks, checkWaitsMs.length - 1)] ?? 2 * minute);
  switch (standing.state) {
    case 'running':
      return;
    case 'unknown':
      // Only the webhook can tell of its end.
      rerun.job = null;
      return;
    case 'succeeded':
      if (incident.lastFailedAt > rerun.failedAt) {
        // Whether the success is newer than that failure, its webhook says.
        record(incident, now, 'rerun', 'Running it again worked, but a failure came meanwhile', { result: 'worked' });
        incident.rerun = null;
        return;
      }
      // The webhook of this success has its own time; a failure of before the rerun is over in any case.
      incident.lastSucceededAt = Math.max(incident.lastSucceededAt ?? 0, rerun.requestedAt);
      recover(incident, now, 'recovered', 'Running it again worked');
      return;
    case 'failed':
      rerunFailed(incident, standing.cause, now);
  }
}

/** Tries once more where the policy has attempts left, else wakes somebody: from the first step, with the new cause. */
export function rerunFailed(incident: Incident, cause: string | undefined, now: number): void {
  const { rerun, policy } = incident;
  if (rerun === null) return;
  record(incident, now, 'rerun', 'Running it again failed', { result: 'failed' });
  incident.rerun = null;
  if (cause !== undefined) incident.detail = { problems: [], ...incident.detail, cause };
  const attempts = policy?.rerun?.attempts ?? 0;
  if (rerun.by === null) {
    if (incident.state === 'triggered' && rerun.attempt < attempts) {
      wantRerun(incident, { by: null, contact: null }, now, policy?.rerun?.waitMs, rerun.attempt + 1);
    }
    return;
  }
  if (incident.state !== 'acknowledged') return;
  incident.acknowledgedBy = null;
  incident.acknowledgedContact = null;
  incident.remindAt = null;
  startEscalation(incident, now, now, 0);
}

/** A failure arrived while a rerun is followed: it may be that of the rerun. */
export function failureDuringRerun(incident: Incident, now: number): void {
  const { rerun } = incident;
  if (rerun === null || rerun.phase !== 'following') return;
  if (rerun.job === null) rerunFailed(incident, undefined, now);
  else rerun.checkAt = now;
}
