import type { JobStatus, RerunStart } from '../workflows/activity-contract.js';
import type { Item } from '../workflows/contract.js';
import { causeOf } from './cause.js';
import type { TableauClient } from './client.js';
import { isRefused, refusedRerun } from './errors.js';
import { knownFrom } from './jobs.js';
import { countOf, optional, shown } from './reading.js';
import { as, JobAnswer, type Job } from './schemas.js';

/** Asks for a refresh. Throws only where it is not known whether Tableau took it: then ask again. */
export async function startRefresh(
  tableau: TableauClient,
  { kind, luid }: Item,
  signal: AbortSignal,
): Promise<RerunStart> {
  if (kind !== 'workbook' && kind !== 'datasource')
    return { state: 'refused', why: 'Only workbooks and data sources can be refreshed.' };
  try {
    const answer = await tableau.refresh(kind, luid, signal);
    const why = refusedRerun(answer);
    if (why === 'queued') return { state: 'queued' };
    if (why !== undefined) return { state: 'refused', why };
    return { state: 'queued', ...optional('job', shown(as(JobAnswer, answer.body)?.job.id)) };
  } catch (error) {
    if (isRefused(error)) return { state: 'refused', why: error.message };
    throw error;
  }
}

/** How a job stands. A job that cannot be read is unknown; throws only what a later try may mend. */
export async function standingOf(tableau: TableauClient, luid: string, signal: AbortSignal): Promise<JobStatus> {
  try {
    return standing(await tableau.job(luid, signal));
  } catch (error) {
    if (isRefused(error)) return { state: 'unknown' };
    throw error;
  }
}

function standing(job: Job): JobStatus {
  const code = countOf(job.finishCode);
  const status = shown(job.status)?.toLowerCase() ?? '';
  if (code === 2 || /cancel/.test(status)) return { state: 'failed', cause: 'It was cancelled in Tableau.' };
  if (code === 1 || /fail/.test(status))
    return { state: 'failed', ...optional('cause', causeOf(knownFrom(job).notes)) };
  // 3 is "completed" in Tableau's own Python client.
  if (code === 0 || code === 3 || /success|completed/.test(status)) return { state: 'succeeded' };
  return { state: 'running' };
}
