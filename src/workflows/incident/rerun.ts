/**
 * Running a refresh again: asked for by the policy before anybody is woken, or by a person from the phone. Pure.
 */
import type { JobStanding, RerunStart } from '../activity-contract.js';
import { recover } from './resolve.js';
import { startLadder } from './escalation.js';
import { isOpen, minute, note, type Decision, type Rerun, type Story } from './state.js';
import { noticeTo } from './pager-messages.js';

/** How long a rerun that a person asked for is followed where the policy names no time. */
const patience = 60 * minute;
/** Between looks at the job; the last one repeats. */
const checkWaits = [15_000, 30_000, 60_000, 120_000] as const;

export function wantRerun(
  story: Story,
  asker: Pick<Rerun, 'by' | 'contact'>,
  now: number,
  wait = patience,
  attempt = 1,
): void {
  story.rerun = {
    ...asker,
    attempt,
    phase: 'wanted',
    job: null,
    askedAt: now,
    failedAt: story.lastFailedAt,
    until: now + wait,
    checks: 0,
    checkAt: now,
    checking: false,
  };
}

/** What the rerun that is under way asks for; null while there is none. */
export function followRerun(story: Story, now: number): Decision | null {
  const { rerun } = story;
  if (rerun === null) return null;
  if (rerun.phase === 'wanted') return { do: 'rerun' };
  if (now >= rerun.until) {
    endWithoutResult(story, rerun, now);
    return { do: 'again' };
  }
  const checks = rerun.phase === 'following' && rerun.job !== null && !rerun.checking;
  if (checks && now >= rerun.checkAt) return { do: 'check' };
  return { do: 'wait', until: checks ? Math.min(rerun.checkAt, rerun.until) : rerun.until, what: 'Running it again' };
}

function endWithoutResult(story: Story, rerun: Rerun, now: number): void {
  const after = Math.round((rerun.until - rerun.askedAt) / minute);
  note(story, now, 'rerun', `Running it again gave no result within ${after} min`, { result: 'none' });
  story.rerun = null;
}

/** Tableau took the request, or said why not. */
export function applyRerunStart(story: Story, rerun: Rerun, start: RerunStart, now: number): void {
  if (story.rerun !== rerun) return;
  if (start.state === 'refused') {
    note(story, now, 'rerun', `Not run again: ${start.why}`, { result: 'refused' });
    story.rerun = null;
    if (rerun.contact !== null) noticeTo(story, [rerun.contact], 'not-rerun', null, start.why);
    return;
  }
  rerun.phase = 'following';
  rerun.job = start.job ?? null;
  rerun.checkAt = now + checkWaits[0];
  const text = start.job === undefined ? 'The refresh is queued already' : 'The refresh is queued';
  note(story, now, 'rerun', text, { result: 'queued' });
}

export function applyJob(story: Story, rerun: Rerun, standing: JobStanding, now: number): void {
  rerun.checking = false;
  if (story.rerun !== rerun || !isOpen(story)) return;
  rerun.checks += 1;
  rerun.checkAt = now + (checkWaits[Math.min(rerun.checks, checkWaits.length - 1)] ?? 2 * minute);
  switch (standing.state) {
    case 'running':
      return;
    case 'unknown':
      // Only the webhook can tell of its end.
      rerun.job = null;
      return;
    case 'succeeded':
      if (story.lastFailedAt > rerun.failedAt) {
        // Whether the success is newer than that failure, its webhook says.
        note(story, now, 'rerun', 'Running it again worked, but a failure came meanwhile', { result: 'worked' });
        story.rerun = null;
        return;
      }
      // The webhook of this success has its own time; a failure of before the rerun is over in any case.
      story.lastSucceededAt = Math.max(story.lastSucceededAt ?? 0, rerun.askedAt);
      recover(story, now, 'recovered', 'Running it again worked');
      return;
    case 'failed':
      rerunFailed(story, standing.cause, now);
  }
}

/** Tries once more where the policy has attempts left, else wakes somebody: from the first step, with the new cause. */
export function rerunFailed(story: Story, cause: string | undefined, now: number): void {
  const { rerun, policy } = story;
  if (rerun === null) return;
  note(story, now, 'rerun', 'Running it again failed', { result: 'failed' });
  story.rerun = null;
  if (cause !== undefined) story.detail = { problems: [], ...story.detail, cause };
  const attempts = policy?.rerun?.attempts ?? 0;
  if (rerun.by === null) {
    if (story.state === 'triggered' && rerun.attempt < attempts) {
      wantRerun(story, { by: null, contact: null }, now, policy?.rerun?.wait, rerun.attempt + 1);
    }
    return;
  }
  if (story.state !== 'acknowledged') return;
  story.acknowledgedBy = null;
  story.acknowledgedContact = null;
  story.remindAt = null;
  startLadder(story, now, now, 0);
}

/** A failure arrived while a rerun is followed: it may be that of the rerun. */
export function failureDuringRerun(story: Story, now: number): void {
  const { rerun } = story;
  if (rerun === null || rerun.phase !== 'following') return;
  if (rerun.job === null) rerunFailed(story, undefined, now);
  else rerun.checkAt = now;
}
