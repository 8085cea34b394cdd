/** Jobs that refresh extracts or run flows, and the events that refreshes cause. */
import { randomUUID } from 'node:crypto';
import { tableauError, type TableauError } from './errors.js';
import { stamp, type Emit, type EmittedEvent } from './events.js';
import type { Condition, Flow, Item, Job, JobType, Ports, Schedule, TableauState } from './world.js';

export interface Ended {
  notes?: string;
  /** `created_at` of the event, milliseconds since the epoch; default now. */
  createdAt?: number;
  condition?: Condition;
  incremental?: boolean;
}

export interface Refreshes {
  /** A scheduled refresh fails or succeeds now, or at `createdAt`. */
  ended: (item: Item, result: 'Failed' | 'Success', options?: Ended) => EmittedEvent;
  /** As `ended`, for the run of a flow, which causes no event. */
  flowEnded: (flow: Flow, result: 'Failed' | 'Success', options?: Omit<Ended, 'incremental'>) => Job;
  /** Runs the refresh or the flow now, as by a user or the REST API. */
  start: (item: Item | Flow, how?: Pick<Ended, 'incremental'>) => Job | TableauError;
  /** Begins a run of its schedule. That of a suspended task is a job with a note. */
  runDue: (item: Item | Flow, schedule: Schedule) => void;
  cancel: (job: Job) => void;
  remove: (item: Item) => EmittedEvent;
}

const duplicate = tableauError(
  '409093',
  'Resource Conflict',
  "Job for 'extract' is already queued. Not queuing a duplicate.",
);
const noExtract = tableauError('409090', 'Resource Conflict', 'Extract refresh is not allowed: there is no extract.');

const busyNotes =
  'REMOTE_EXTRACT_REFRESH_ALL_AGENTS_BUSY: the refresh could not begin, as no Tableau Bridge client was available.';

/** How often a job that is held looks whether it may go on. */
const holdMs = 50;

const typeOf = (item: Item | Flow, incremental: boolean): JobType => {
  if (item.kind === 'flow') return 'run_flow';
  if (item.usesBridge) return incremental ? 'increment_extracts_via_bridge' : 'refresh_extracts_via_bridge';
  return incremental ? 'increment_extracts' : 'refresh_extracts';
};

const workOf = ({ kind }: Item | Flow): string => (kind === 'flow' ? 'run' : 'refresh');

const maxRecorded = 20;

const record = (item: Item, incremental: boolean): void => {
  const at = item.lastEventAt;
  item.updatedAt = at;
  if (incremental) item.incrementedAt = at;
  else item.refreshedAt = at;
  item.refreshes = [...item.refreshes, { at, recordedAt: Date.now(), incremental }].slice(-maxRecorded);
};

export const createRefreshes = (state: TableauState, ports: Ports, emit: Emit): Refreshes => {
  /** Counts what became of the job at the time of the last event. */
  const settle = (job: Job, result: 'Failed' | 'Success', failure: string): void => {
    const { item } = job;
    job.status = result;
    job.endedAt = item.lastEventAt;
    job.notes = result === 'Failed' ? failure : item.kind === 'flow' ? '' : 'Finished refresh of extracts.';
    item.failedCount = result === 'Failed' ? item.failedCount + 1 : 0;
    if (result === 'Success' && item.kind !== 'flow') record(item, job.type.startsWith('increment'));
    if (item.schedule && item.failedCount >= ports.settings().failuresBeforeSuspension) item.isTaskSuspended = true;
  };

  const report = (item: Item, result: 'Failed' | 'Success', at?: number): EmittedEvent =>
    emit(result === 'Failed' ? 'RefreshFailed' : 'RefreshSucceeded', item, at);

  const newJob = (item: Item | Flow, incremental: boolean, createdAt: number): Job => {
    const job: Job = {
      luid: randomUUID(),
      type: typeOf(item, incremental),
      item,
      flowRun: item.kind === 'flow' ? randomUUID() : null,
      status: 'Pending',
      createdAt,
      startedAt: null,
      endedAt: null,
      notes: '',
    };
    state.jobs.set(job.luid, job);
    return job;
  };

  const bridgeOf = (item: Item | Flow): 'online' | 'offline' | 'busy' =>
    item.kind !== 'flow' && item.usesBridge ? ports.settings().bridge : 'online';

  const end = (job: Job): void => {
    if (job.status !== 'InProgress') return;
    const { item } = job;
    if (item.condition === 'stuck') {
      ports.later(holdMs, () => end(job));
      return;
    }
    const busy = bridgeOf(item) === 'busy';
    const fails = busy || item.condition === 'broken';
    if (item.condition === 'flaky') item.condition = 'healthy';
    const result = fails ? 'Failed' : 'Success';
    ports.log(`Tableau: the ${workOf(item)} of "${item.name}" ${fails ? 'failed' : 'succeeded'}`);
    if (item.kind === 'flow') stamp(item);
    else void report(item, result).deliveries;
    settle(job, result, busy ? busyNotes : item.notes);
    ports.changed();
  };

  const run = (job: Job): void => {
    if (job.status !== 'Pending') return;
    if (job.item.condition === 'queued' || bridgeOf(job.item) === 'offline') {
      ports.later(holdMs, () => run(job));
      return;
    }
    job.status = 'InProgress';
    job.startedAt = Date.now();
    if (job.item.kind !== 'flow') void emit('RefreshStarted', job.item).deliveries;
    ports.changed();
    ports.later(ports.settings().refreshRunsMs, () => end(job));
  };

  const start: Refreshes['start'] = (item, { incremental = false } = {}) => {
    if (item.kind !== 'flow' && !item.hasExtracts) return noExtract;
    const runs = [...state.jobs.values()].some(
      (job) => job.item === item && (job.status === 'Pending' || job.status === 'InProgress'),
    );
    if (runs) return duplicate;
    const job = newJob(item, incremental, Date.now());
    ports.log(`Tableau: a ${workOf(item)} of "${item.name}" is queued`);
    ports.changed();
    ports.later(ports.settings().refreshWaitsMs, () => run(job));
    return job;
  };

  /** A job that began half a minute before it ended. */
  const past = (item: Item | Flow, result: 'Failed' | 'Success', how: Ended): Job => {
    const { notes, createdAt, condition, incremental = false } = how;
    if (notes !== undefined) item.notes = notes;
    item.condition = condition ?? (result === 'Failed' ? 'broken' : 'healthy');
    const job = newJob(item, incremental, (createdAt ?? Date.now()) - 30_000);
    job.startedAt = job.createdAt + 1000;
    return job;
  };

  return {
    start,
    runDue: (item, { isIncremental }) => {
      if (!item.isTaskSuspended) {
        const job = start(item, { incremental: isIncremental });
        if ('detail' in job) ports.log(`Tableau: the run of "${item.name}" did not begin: ${job.detail}`);
        return;
      }
      const job = newJob(item, isIncremental, Date.now());
      job.status = 'Failed';
      job.startedAt = job.endedAt = job.createdAt;
      job.notes = `The ${item.kind === 'flow' ? 'flow run' : 'extract refresh'} task was suspended after it failed ${item.failedCount} times in a row.`;
      ports.log(`Tableau: the task of "${item.name}" is suspended`);
    },
    ended: (item, result, how = {}) => {
      const job = past(item, result, how);
      const emitted = report(item, result, how.createdAt);
      settle(job, result, item.notes);
      return emitted;
    },
    flowEnded: (flow, result, how = {}) => {
      const job = past(flow, result, how);
      stamp(flow, how.createdAt);
      settle(job, result, flow.notes);
      ports.changed();
      return job;
    },
    cancel: (job) => {
      if (job.endedAt !== null) return;
      job.status = 'Cancelled';
      job.endedAt = Date.now();
      ports.changed();
    },
    remove: (item) => {
      state.items.delete(item.luid);
      return emit('Deleted', item);
    },
  };
};
