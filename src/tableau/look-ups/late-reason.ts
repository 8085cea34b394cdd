/** Why an item has no new data, by its tasks and jobs: at most five requests for each, of which the lists are shared. */
import type { LateState } from '../../workflows/freshness-contract.js';
import { day, minute, type Item } from '../../workflows/contract.js';
import type { TableauClient } from '../rest/client.js';
import { undefinedIfRefused } from '../rest/errors.js';
import { knownFrom, type Jobs, type KnownJob } from './jobs.js';
import { timeOf } from '../rest/reading.js';
import type { SiteItem } from './site-data.js';
import type { OpenJob } from '../rest/site-lists.js';

export interface LateInput {
  item: Item;
  facts: SiteItem;
  /** Data from then on would be in time. */
  dataFrom: number;
  /** The run that Tableau had planned, if it was seen. */
  expectedAt?: number;
  /** All that wait or run on the site. */
  openJobs: readonly OpenJob[];
  /** A time of day as the reader of the promise has it. */
  clock: (at: number) => string;
}

/**
 * `text` ends a sentence: "its run of 05:00 never began". `hasFailed`: a job of it has failed, as far as the state needs it to be known. `dataAt`: a job
 * has brought new data after all.
 */
export type Reason = { state: LateState; text: string; hasFailed?: true } | { dataAt: number };

/** `backgrounder.failure_threshold_for_run_prevention` of Tableau Server; 5 on Tableau Cloud. */
const suspendedAfter = 5;
/** Jobs that are read for one item, of each kind. */
const mostJobs = 1;
const mostOpenJobs = 2;
/** A client of Tableau Bridge that is there takes a job by then. */
const bridgeTakesMs = 15 * minute;

const hasFailed = true as const;

export function createLateReason(tableau: Pick<TableauClient, 'job'>, jobs: Jobs) {
  async function newest(
    { item, dataFrom }: LateInput,
    status: 'Success' | 'Failed',
    now: number,
    signal: AbortSignal,
  ): Promise<KnownJob | undefined> {
    const from = status === 'Success' ? dataFrom : Math.max(dataFrom, now - 2 * day);
    const search = { status, from, to: now + minute, near: now, listedSince: now - minute, namedOnly: true };
    return jobs.find(item, search, { left: mostJobs }, signal).catch(undefinedIfRefused);
  }

  async function openJobOf({ item, openJobs }: LateInput, signal: AbortSignal): Promise<OpenJob | undefined> {
    const name = item.name.toLowerCase();
    const rows = openJobs
      .filter(({ title }) => title.includes(name))
      .toSorted((one, other) => one.title.length - other.title.length);
    for (const row of rows.slice(0, mostOpenJobs)) {
      const job = await tableau.job(row.id, signal).catch(undefinedIfRefused);
      // Where Tableau does not show the job, its title has to do.
      const luid = job && knownFrom(job).item;
      if (luid === undefined ? row.title === name : luid === item.luid) return row;
    }
    return undefined;
  }

  return async (input: LateInput, now: number, signal: AbortSignal): Promise<Reason> => {
    const { facts, clock, expectedAt } = input;
    const failing = facts.failuresInARow > 0 ? { hasFailed } : {};
    const succeeded = await newest(input, 'Success', now, signal);
    if (succeeded?.endedAt !== undefined && succeeded.endedAt >= input.dataFrom) return { dataAt: succeeded.endedAt };
    const open = await openJobOf(input, signal);
    if (open) return { ...ofOpenJob(open, clock, now), ...failing };
    if (facts.isSuspended) return { state: 'suspended', text: 'its schedule is suspended', ...failing };
    const failed = await newest(input, 'Failed', now, signal);
    if (failed?.isSuspended) return { state: 'suspended', text: 'Tableau has suspended its refreshes', hasFailed };
    if (failed?.isBridgeOffline)
      return { state: 'bridge-offline', text: 'no Tableau Bridge client is there for it', hasFailed };
    if (facts.failuresInARow >= suspendedAfter) {
      const text = `after ${facts.failuresInARow} failures in a row Tableau has suspended its refreshes`;
      return { state: 'suspended', text, hasFailed };
    }
    if (failed || facts.failuresInARow > 0) {
      const at = failed?.endedAt === undefined ? '' : ` at ${clock(failed.endedAt)}`;
      return { state: 'failed', text: `its last run failed${at}`, hasFailed };
    }
    if (expectedAt !== undefined && expectedAt <= now)
      return { state: 'never-began', text: `its run of ${clock(expectedAt)} never began` };
    if (facts.tasks === 0) return { state: 'never-began', text: 'no schedule refreshes it' };
    return { state: 'unknown', text: 'Tableau shows no run of it since' };
  };
}

function ofOpenJob(
  { status, isByBridge, createdAt, startedAt }: OpenJob,
  clock: LateInput['clock'],
  now: number,
): Reason {
  const since = timeOf(status === 'Pending' ? createdAt : (startedAt ?? createdAt));
  const text = since === undefined ? '' : ` since ${clock(since)}`;
  if (status === 'InProgress') return { state: 'running', text: `its run goes on${text}` };
  // Only a client that is there takes the job.
  if (isByBridge && since !== undefined && now - since > bridgeTakesMs)
    return { state: 'bridge-offline', text: `its run waits for Tableau Bridge${text}` };
  return { state: 'queued', text: `its run waits in Tableau's queue${text}` };
}
