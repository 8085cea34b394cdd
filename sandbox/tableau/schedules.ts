/** Schedules, and the runs that they begin when these are due. */
import { randomUUID } from 'node:crypto';
import type { Flow, Item, Ports, Schedule, TableauState } from './world.js';

export interface NewSchedule {
  kind: Schedule['kind'];
  /** Server only; one of its own unless given. */
  name?: string;
  /** Daily unless given. */
  frequency?: Schedule['frequency'];
  /** Milliseconds since the epoch; null: no run is planned. */
  nextRunAt: number | null;
  /** Null unless given: there is no run after the next. */
  everyMs?: number | null;
  state?: Schedule['state'];
  incremental?: boolean;
}

export interface Schedules {
  /** Replaces the schedule of an item or flow; null: none. */
  set: (item: Item | Flow, schedule: NewSchedule | null) => void;
  /** Waits for all runs anew, when all timers were cleared. */
  restart: () => void;
}

/** A timer of Node takes at most 24.8 days. */
const maxTimerMs = 24 * 60 * 60 * 1000;

/** The next run moves on whether this one begins or not. Runs that were missed meanwhile are not made up for. */
const moveOn = (schedule: Schedule, now: number): void => {
  const { nextRunAt, everyMs } = schedule;
  if (nextRunAt === null) return;
  schedule.nextRunAt = everyMs === null ? null : nextRunAt + everyMs * (Math.floor((now - nextRunAt) / everyMs) + 1);
};

/** `runDue` begins a run of the schedule. */
export const createSchedules = (
  state: TableauState,
  ports: Ports,
  runDue: (item: Item | Flow, schedule: Schedule) => void,
): Schedules => {
  const all = (): (Item | Flow)[] => [...state.items.values(), ...state.flows.values()];
  const exists = ({ luid, kind }: Item | Flow): boolean =>
    kind === 'flow' ? state.flows.has(luid) : state.items.has(luid);

  const waitFor = (item: Item | Flow, schedule: Schedule): void => {
    if (schedule.nextRunAt === null) return;
    const delayMs = Math.max(0, schedule.nextRunAt - Date.now());
    ports.later(Math.min(delayMs, maxTimerMs), () => look(item, schedule));
  };

  const look = (item: Item | Flow, schedule: Schedule): void => {
    // It was replaced, or its item was deleted.
    if (item.schedule !== schedule || !exists(item)) return;
    const now = Date.now();
    if (schedule.nextRunAt !== null && schedule.nextRunAt <= now) {
      moveOn(schedule, now);
      if (item.skipsRuns || item.isSuspended || schedule.state === 'Suspended')
        ports.log(`Tableau: the run of "${item.name}" that was due did not begin`);
      else runDue(item, schedule);
      ports.changed();
    }
    waitFor(item, schedule);
  };

  return {
    set: (item, given) => {
      if (given === null) {
        item.schedule = null;
        return;
      }
      const {
        kind,
        name,
        frequency = 'Daily',
        nextRunAt,
        everyMs = null,
        state: status = 'Active',
        incremental = false,
      } = given;
      const shared = all().flatMap(({ schedule }) => (schedule && schedule.name === name ? schedule : []));
      for (const other of shared) other.state = status;
      item.schedule = {
        kind,
        luid: shared[0]?.luid ?? randomUUID(),
        name: name ?? `${frequency} ${item.name}`,
        frequency,
        nextRunAt,
        everyMs,
        state: status,
        isIncremental: incremental,
        createdAt: shared[0]?.createdAt ?? Date.now(),
      };
      if (item.kind !== 'flow') state.hasSchedules = true;
      waitFor(item, item.schedule);
    },
    restart: () => {
      for (const item of all()) if (item.schedule) waitFor(item, item.schedule);
    },
  };
};
