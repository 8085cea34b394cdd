/**
 * Tasks of extract refreshes and of flows, and their schedules, as Tableau Server and Tableau Cloud show them:
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_jobs_tasks_and_schedules.htm
 */
import { tableauTime, type Flow, type Item, type Schedule } from './world.js';

type Json = Record<string, unknown>;

const dayMs = 24 * 60 * 60 * 1000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const nextRun = ({ nextRunAt }: Schedule): Json => (nextRunAt === null ? {} : { nextRunAt: tableauTime(nextRunAt) });

/** The time zone of the site is UTC. */
const intervalsOf = ({ frequency, nextRunAt, everyMs, createdAt }: Schedule): Json[] => {
  const at = new Date(nextRunAt ?? createdAt);
  const everyDay = weekdays.map((weekDay) => ({ weekDay }));
  switch (frequency) {
    case 'Hourly': {
      const minutes = (everyMs ?? dayMs / 24) / 60_000;
      return [minutes < 60 ? { minutes: String(minutes) } : { hours: String(Math.round(minutes / 60)) }, ...everyDay];
    }
    case 'Daily':
      return everyDay;
    case 'Weekly':
      return [{ weekDay: weekdays[at.getUTCDay()] }];
    case 'Monthly':
      return [{ monthDay: String(at.getUTCDate()) }];
  }
};

const cloudSchedule = (schedule: Schedule, oddities: boolean): Json => {
  const start = new Date(schedule.nextRunAt ?? schedule.createdAt).toISOString().slice(11, 19);
  const interval = intervalsOf(schedule);
  return {
    frequency: schedule.frequency,
    ...nextRun(schedule),
    frequencyDetails: {
      start,
      ...(schedule.frequency === 'Hourly' ? { end: start } : {}),
      intervals: { interval: oddities && interval.length === 1 ? interval[0] : interval },
    },
  };
};

const serverSchedule = (schedule: Schedule, { isSuspended, kind }: Item | Flow): Json => ({
  id: schedule.luid,
  name: schedule.name,
  state: isSuspended ? 'Suspended' : schedule.state,
  priority: '50',
  createdAt: tableauTime(schedule.createdAt),
  updatedAt: tableauTime(schedule.createdAt),
  type: kind === 'flow' ? 'Flow' : 'Extract',
  frequency: schedule.frequency,
  ...nextRun(schedule),
});

const scheduleOf = (item: Item | Flow, oddities: boolean): Json => {
  const { schedule, isSuspended } = item;
  if (schedule) return schedule.kind === 'cloud' ? cloudSchedule(schedule, oddities) : serverSchedule(schedule, item);
  return {
    state: isSuspended ? 'Suspended' : 'Active',
    frequency: 'Daily',
    nextRunAt: tableauTime((item.lastEventAt || item.createdAt) + dayMs),
  };
};

/** Of a flow with a schedule. With `oddities` a list of one interval is an object. */
export const flowTaskResource = (flow: Flow, oddities: boolean): Json => ({
  flowRun: {
    id: flow.taskLuid,
    priority: '50',
    consecutiveFailedCount: String(flow.failedCount),
    type: 'RunFlowTask',
    schedule: scheduleOf(flow, oddities),
    flow: { id: flow.luid, name: flow.name },
  },
});

/** As `flowTaskResource`, of an item. */
export const taskResource = (item: Item, oddities: boolean): Json => ({
  extractRefresh: {
    id: item.taskLuid,
    priority: '50',
    consecutiveFailedCount: String(item.failedCount),
    type: item.schedule?.isIncremental === true ? 'IncrementExtractTask' : 'RefreshExtractTask',
    schedule: scheduleOf(item, oddities),
    [item.kind]: { id: item.luid },
  },
});
