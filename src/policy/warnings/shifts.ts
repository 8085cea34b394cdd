import { day } from '../../workflows/contract.js';
import { scheduleOf } from '../../workflows/references.js';
import { shiftsBetween, type Schedule } from '../on-call.js';
import type { Escalation } from '../route.js';

/** How much of the future of a schedule is looked at. */
const lookAheadMs = 28 * day;

/** A schedule that a step pages, and its shifts of the next 28 days. */
export interface Planned {
  name: string;
  schedule: Schedule;
  shifts: ReturnType<typeof shiftsBetween>;
}

/** The shifts of the schedules that steps page, without those that have no rotation in the file to compute them from. */
export function plannedFrom({ policies, schedules = {} }: Escalation, from: number): Planned[] {
  const paged = new Set(
    Object.values(policies).flatMap(({ steps }) => steps.flatMap(({ page }) => page.map(scheduleOf))),
  );
  return Object.entries(schedules)
    .filter(([name, { rotations }]) => paged.has(name) && rotations.length > 0)
    .map(([name, schedule]) => ({ name, schedule, shifts: shiftsBetween(schedule, from, from + lookAheadMs) }));
}
