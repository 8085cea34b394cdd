/** Items and flows of the sandbox's Tableau that a test then changes, and schedules that are due soon. */
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { NewFlow, NewItem } from '../../sandbox/tableau/items.js';
import type { NewSchedule } from '../../sandbox/tableau/schedules.js';
import type { Flow, Item } from '../../sandbox/tableau/world.js';

export function addItem({ panel }: Sandbox, item: NewItem): Item {
  const added = panel.find(panel.add(item).luid);
  if (!added) throw new Error(`"${item.name}" was not added`);
  return added;
}

export function addFlow({ flows }: Sandbox, flow: NewFlow): Flow {
  const added = flows.find(flows.add(flow).luid);
  if (!added) throw new Error(`"${flow.name}" was not added`);
  return added;
}

/** A schedule of Server, unless `more` says otherwise, whose next run is in this many milliseconds of real time. */
export const dueIn = (ms: number, more: Partial<NewSchedule> = {}): NewSchedule => ({
  kind: 'server',
  nextRunAt: Date.now() + ms,
  ...more,
});
