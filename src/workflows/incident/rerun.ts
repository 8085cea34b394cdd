/** Running a refresh again: for the policy before anybody is paged, or for a person who asked from the phone. */
import type { JobStatus, RerunStart } from '../activity-contract.js';
import { minute, second } from '../contract.js';
import { startEscalation } from './escalation.js';
import { noticeNotRerun } from './pager-messages.js';
import { recover } from './resolve.js';
import type { Rerun } from './request-state.js';
import type { Decision } from './next.js';
import { isOpen, nextId, release, type Incident } from './state.js';
import { record } from './timeline.js';

/** For how long the incident follows a rerun of a person where the policy names no time. */
const followLimitMs = 60 * minute;
/** Tableau's clock may be ahead of ours by less. */
const clocksDifferMs = minute;
/** Pauses between two requests for the job's status; the last one repeats. */
const checkWaitsMs = [15 * second, 30 * second, minute, 2 * minute] as const;

export function wantRerun(
  incident: Incident,
  asker: Pick<Rerun, 'by' | 'contact'>,
  now: number,
  waitMs = followLimitMs,
  attempt = 1,
): void {
  incident.rerun = {
    id: nextId(incident, 'rerun'),
    ...asker,
    attempt,
    phase: 'wanted',
    job: null,
    requestedAt: now,
    failedAt: incident.lastFailedAt,
    until: now + waitMs,
    checks: 0,
    checkAt: now,
    checking: false,
  };
}

/** What the rerun that is under way needs next; null while there is none. */
export function followRerun(incident: Incident, now: number): Decision | null {
  const { rerun } = incident;
  if (rerun === null) return null;
  if (rerun.phase === 'wanted') return { do: 'rerun' };
  if (now >= rerun.until) {
    endWithoutResult(incident, rerun, now);
    return { do: 'decide-again' };
  }
  const checks = rerun.phase === 'following' && rerun.job !== null && !rerun.checking;
  if (checks && now >= rerun.checkAt) return { do: 'check-job' };
  const what = 'Running it again';
  if (checks && rerun.checkAt < rerun.until) return { do: 'wait', until: rerun.checkAt, code: 'rerun-check', what };
  return { do: 'wait', until: rerun.until, code: 'rerun', what };
}

function endWithoutResult(incident: Incident, rerun: Rerun, now: number): void {
  const after = Math.round((rerun.until - rerun.requestedAt) / minute);
  record(incident, now, 'rerun', `Running it again gave no result within ${after} min`, { result: 'none' });
  incident.rerun = null;
}

/** Tableau accepted the request, or refused it with a reason. */
export function applyRerunStart(incident: Incident, rerunId: string, start: RerunStart, now: number): void {
  const { rerun } = incident;
  if (rerun?.id !== rerunId) return;
  if (start.state === 'refused') {
    record(incident, now, 'rerun', `Not run again: ${start.why}`, { result: 'refused' });
    incident.rerun = null;
    if (rerun.contact !== null) noticeNotRerun(incident, rerun.contact, start.why);
    return;
  }
  rerun.phase = 'following';
  rerun.job = start.job ?? null;
  rerun.checkAt = now + checkWaitsMs[0];
  const text = start.job === undefined ? 'The refresh is queued already' : 'The refresh is queued';
  record(incident, now, 'rerun', text, { result: 'queued' });
}

export function applyJob(incident: Incident, rerunId: string, job: JobStatus, now: number): void {
  const { rerun } = incident;
  if (rerun?.id !== rerunId) return;
  rerun.checking = false;
  if (!isOpen(incident)) return;
  rerun.checks += 1;
  rerun.checkAt = now + (checkWaitsMs[Math.min(rerun.checks, checkWaitsMs.length - 1)] ?? 2 * minute);
  switch (job.state) {
    case 'running':
      return;
    case 'unknown':
      // Only the webhook will report its end.
      rerun.job = null;
      return;
    case 'succeeded':
      if (incident.lastFailedAt > rerun.failedAt) {
        // The webhook of the success shows whether it is newer than that failure.
        record(incident, now, 'rerun', 'Running it again worked, but a failure came meanwhile', { result: 'worked' });
        incident.rerun = null;
        return;
      }
      // The webhook of this success has its own time; a failure of before the rerun is over in any case.
      incident.lastSucceededAt = Math.max(incident.lastSucceededAt ?? 0, rerun.requestedAt);
      recover(incident, now, 'recovered', 'Running it again worked');
      return;
    case 'failed':
      rerunFailed(incident, job.cause, now);
  }
}

/** Tries once more where the policy has attempts left, else pages from the first step, with the new cause. */
export function rerunFailed(incident: Incident, cause: string | undefined, now: number): void {
  const { rerun, policy } = incident;
  if (rerun === null) return;
  record(incident, now, 'rerun', 'Running it again failed', { result: 'failed' });
  incident.rerun = null;
  incident.hasFailed = true;
  incident.failedRerun = { by: rerun.contact ?? rerun.by, cause: cause ?? '', at: now };
  if (cause !== undefined) incident.detail = { problems: [], ...incident.detail, cause };
  const attempts = policy?.rerun?.attempts ?? 0;
  if (rerun.by === null) {
    if (incident.state === 'triggered' && rerun.attempt < attempts) {
      wantRerun(incident, { by: null, contact: null }, now, policy?.rerun?.waitMs, rerun.attempt + 1);
    }
    return;
  }
  if (incident.state !== 'acknowledged') return;
  release(incident);
  startEscalation(incident, now, now, 0);
}

/** A failure arrived: that of a rerun which is known to have failed, or another one. */
export function failureAfterRerun(incident: Incident, createdAt: number): void {
  if (incident.failedRerun !== null && createdAt > incident.failedRerun.at + clocksDifferMs)
    incident.failedRerun = null;
}

/** A failure arrived while a rerun is followed: it may be that of the rerun. */
export function failureDuringRerun(incident: Incident, now: number): void {
  const { rerun } = incident;
  if (rerun === null || rerun.phase !== 'following') return;
  if (rerun.job === null) rerunFailed(incident, undefined, now);
  else rerun.checkAt = now;
}
