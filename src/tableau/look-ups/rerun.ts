import type { JobStatus, RerunStart } from '../../workflows/activity-contract.js';
import { canBeRefreshed, type Item } from '../../workflows/contract.js';
import type { TableauClient } from '../rest/client.js';
import { isRefused, isSignInRefused, refusedRerun } from '../rest/errors.js';
import { knownFrom } from './jobs.js';
import { countOf, optional, shown } from '../rest/reading.js';
import { as, JobAnswer, type Job } from '../rest/schemas.js';

/** Requests a refresh. Throws only when it is not known whether Tableau accepted the request: then it may be repeated. */
export async function startRefresh(tableau: TableauClient, item: Item, signal: AbortSignal): Promise<RerunStart> {
  if (!canBeRefreshed(item)) return { state: 'refused', why: 'Only workbooks and data sources can be refreshed.' };
  try {
    const answer = await tableau.refresh(item.kind, item.luid, signal);
    const why = refusedRerun(answer);
    if (why === 'queued') return { state: 'queued' };
    if (why !== undefined) return { state: 'refused', why };
    return { state: 'queued', ...optional('job', shown(as(JobAnswer, answer.body)?.job.id)) };
  } catch (error) {
    if (isRefused(error) || isSignInRefused(error)) return { state: 'refused', why: error.message };
    throw error;
  }
}

/** The status of a job; `unknown` when Tableau refuses to show it. Throws only when a later try may succeed. */
export async function jobStatusOf(tableau: TableauClient, luid: string, signal: AbortSignal): Promise<JobStatus> {
  try {
    return statusIn(await tableau.job(luid, signal));
  } catch (error) {
    if (isRefused(error)) return { state: 'unknown' };
    throw error;
  }
}

function statusIn(job: Job): JobStatus {
  const code = countOf(job.finishCode);
  const status = shown(job.status)?.toLowerCase() ?? '';
  if (code === 2 || /cancel/.test(status)) return { state: 'failed', cause: 'It was cancelled in Tableau.' };
  if (code === 1 || /fail/.test(status)) return { state: 'failed', ...optional('cause', knownFrom(job).cause) };
  // 3 is "completed" in Tableau's own Python client.
  if (code === 0 || code === 3 || /success|completed/.test(status)) return { state: 'succeeded' };
  return { state: 'running' };
}
