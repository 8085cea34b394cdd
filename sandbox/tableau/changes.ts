/** What a person, or the passing of time, changes in an item or flow. */
import type { NewSchedule, Schedules } from './schedules.js';
import type { Condition, Flow, Item } from './world.js';

export interface Change {
  condition?: Condition;
  /** Null: none. A run that is due already begins at once. */
  schedule?: NewSchedule | null;
  /** Its due runs do not begin. */
  skipsRuns?: boolean;
  /** False resumes the task, and counts its failures from zero. */
  isTaskSuspended?: boolean;
}

export const applyChange = (schedules: Schedules, of: Item | Flow, change: Change): void => {
  const { condition, schedule, skipsRuns, isTaskSuspended } = change;
  if (condition !== undefined) of.condition = condition;
  if (skipsRuns !== undefined) of.skipsRuns = skipsRuns;
  if (isTaskSuspended === false && of.isTaskSuspended) of.failedCount = 0;
  if (isTaskSuspended !== undefined) of.isTaskSuspended = isTaskSuspended;
  if (schedule !== undefined) schedules.set(of, schedule);
};
