/** Prep flows and their runs: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_flow.htm */
import { badRequest, tableauError, type TableauError } from './errors.js';
import { filtered, sorted } from './filters.js';
import type { Refreshes } from './refreshes.js';
import { listOf, pageOf, progressOf, sitePath } from './resources.js';
import { flowTaskResource } from './task-resources.js';
import { tableauTime, type Flow, type Job, type Ports, type TableauOptions, type TableauState } from './world.js';

type Json = Record<string, unknown>;
type Query = Record<string, string>;

export interface FlowReads {
  list: (query: Query) => Json;
  /** Their answer has no totalAvailable. */
  runs: (query: Query) => Json | TableauError;
  run: (luid: string) => Json | TableauError;
  cancel: (luid: string) => TableauError | null;
  /** The whole site, without pages. */
  tasks: () => Json;
}

const flowMissing = tableauError('404003', 'Resource Not Found', 'Flow could not be found.');
const runMissing = tableauError('404003', 'Resource Not Found', 'Flow run could not be found.');

/** The status is none of them. */
const runFields = ['flowId', 'userId', 'progress', 'startedAt', 'completedAt'];

const time = (at: number | null): string => (at === null ? '' : tableauTime(at));

const runResource = (job: Job): Json => ({
  id: job.flowRun,
  flowId: job.item.luid,
  status: job.status,
  startedAt: time(job.startedAt),
  completedAt: time(job.endedAt),
  progress: progressOf(job),
  backgroundJobId: job.luid,
});

const flowResource = (flow: Flow, pageBase: string): Json => ({
  id: flow.luid,
  name: flow.name,
  webpageUrl: `${pageBase}/flows/${flow.luid}`,
  createdAt: tableauTime(flow.createdAt),
  updatedAt: tableauTime(flow.createdAt),
  project: { id: flow.project.luid, name: flow.project.name },
  ...(flow.owner ? { owner: { id: flow.owner.luid } } : {}),
  tags: {},
});

/** What has no time yet is sorted as the newest. */
const never = Date.parse('9999-12-31T00:00:00Z');
const order = (job: Job): Json => ({
  startedAt: time(job.startedAt ?? never),
  completedAt: time(job.endedAt ?? never),
});

export const createFlowReads = (
  options: TableauOptions,
  state: TableauState,
  ports: Ports,
  refreshes: Refreshes,
): FlowReads => {
  const jobs = (): Job[] => [...state.jobs.values()].filter(({ flowRun }) => flowRun !== null);
  const find = (luid: string): Job | undefined => jobs().find(({ flowRun }) => flowRun === luid);
  /** A run without a time is not found by it. */
  const see = (job: Job): Json => ({
    ...runResource(job),
    startedAt: time(job.startedAt) || undefined,
    completedAt: time(job.endedAt) || undefined,
    userId: job.item.owner?.luid,
  });

  return {
    list: (query) => {
      const { pagination, shown } = pageOf(query, [...state.flows.values()]);
      const pageBase = ports.url() + sitePath(options.site.contentUrl);
      const rows = shown.map((flow) => flowResource(flow, pageBase));
      return { pagination, ...listOf('flows', 'flow', rows) };
    },
    runs: (query) => {
      const [, wanted] = /(?:^|,)flowId:eq:([^,]+)/.exec(query['filter'] ?? '') ?? [];
      if (wanted !== undefined && !state.flows.has(wanted)) return flowMissing;
      const rows = filtered(query['filter'], runFields, jobs(), see);
      if (typeof rows === 'string') return badRequest(rows);
      const { shown } = pageOf(query, sorted(query['sort'], rows, order));
      return listOf('flowRuns', 'flowRuns', shown.map(runResource), ports.settings().oddities);
    },
    run: (luid) => {
      const job = find(luid);
      return job ? { flowRun: runResource(job) } : runMissing;
    },
    cancel: (luid) => {
      const job = find(luid);
      if (!job) return runMissing;
      refreshes.cancel(job);
      return null;
    },
    tasks: () => {
      const { oddities } = ports.settings();
      const scheduled = [...state.flows.values()].filter(({ schedule }) => schedule !== null);
      const tasks = scheduled.map((flow) => flowTaskResource(flow, oddities));
      return listOf('tasks', 'task', tasks, oddities);
    },
  };
};
