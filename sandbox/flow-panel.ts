/** Prep flows, for tests and the control API: their runs fail, succeed, wait or do not begin. */
import { time, type Failing } from './panel.js';
import { applyChange, type Change } from './tableau/changes.js';
import { isTableauError } from './tableau/errors.js';
import type { NewFlow } from './tableau/items.js';
import type { Tableau } from './tableau/tableau.js';
import type { Condition, Flow, JobStatus, Schedule } from './tableau/world.js';

export interface PanelFlow {
  luid: string;
  name: string;
  project: string;
  condition: Condition;
  schedule: Schedule | null;
}

export interface PanelRun {
  luid: string;
  job: string;
  status: JobStatus;
}

export interface FlowPanel {
  list: () => PanelFlow[];
  add: (flow: NewFlow) => PanelFlow;
  find: (luid: string) => Flow | null;
  set: (flow: Flow, change: Change) => PanelFlow;
  /** A run that ended now, or at `createdAt`. No webhook reports it. */
  ended: (
    flow: Flow,
    status: 'Failed' | 'Success',
    how?: Pick<Failing, 'notes' | 'createdAt' | 'condition'>,
  ) => PanelRun;
  /** Runs it as a user in Tableau would; a text is the reason why it cannot. */
  run: (flow: Flow) => PanelRun | string;
}

export const createFlowPanel = ({ state, addFlow, refreshes, schedules }: Tableau): FlowPanel => {
  const show = ({ luid, name, project, condition, schedule }: Flow): PanelFlow => ({
    luid,
    name,
    project: project.path,
    condition,
    schedule,
  });
  return {
    list: () => [...state.flows.values()].map(show),
    add: (flow) => show(addFlow(flow)),
    find: (luid) => state.flows.get(luid) ?? null,
    set: (flow, change) => {
      applyChange(schedules, flow, change);
      return show(flow);
    },
    ended: (flow, result, { createdAt, ...how } = {}) => {
      const at = createdAt === undefined ? {} : { createdAt: time(createdAt) };
      const { luid, flowRun, status } = refreshes.flowEnded(flow, result, { ...how, ...at });
      return { luid: flowRun ?? '', job: luid, status };
    },
    run: (flow) => {
      const job = refreshes.start(flow);
      if (isTableauError(job)) return job.detail;
      return { luid: job.flowRun ?? '', job: job.luid, status: job.status };
    },
  };
};
