/** The stream of incidents: each is followed from its first delivery until its state is final. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { isFinal, type Follow } from './follow.js';
import { nameOf, type Case, type Channel } from './ledger.js';
import type { Lane } from './lanes.js';
import { planFor, type Plan } from './plans.js';
import type { StageEvents } from './stages.js';
import type { Random } from './random.js';

export interface StreamOptions {
  follow: Follow;
  stageEvents: StageEvents;
  random: Random;
  lanes: readonly Lane[];
  incidents: number;
  /** The time over which the failures are spread. */
  withinMs: number;
  /** The share of injected process faults, 0 to 1: incidents start until the last fault. */
  progress: () => number;
}

/** The share of the remaining incidents that may start ahead of the process faults. */
const aheadShare = 0.05;
/** The same while a fault waits for a stage. */
const aheadShareWhenWanted = 0.2;

/** Starts incidents evenly on free lanes; resolves when all are final or were given up. */
export async function stream({
  follow,
  stageEvents,
  random,
  lanes,
  incidents,
  withinMs,
  progress,
}: StreamOptions): Promise<void> {
  // Lanes of items that exist in Tableau may have two incidents.
  const free = random.shuffle([...lanes, ...lanes.filter(({ known }) => known !== null)]);
  const running: Promise<void>[] = [];
  const paceMs = withinMs / incidents;
  let due = Date.now();
  for (let count = 0; count < incidents;) {
    const wanted = stageEvents.wanted();
    const done = progress();
    const share = done + (1 - done) * (wanted.length > 0 ? aheadShareWhenWanted : aheadShare);
    const lane = Date.now() < due || count / incidents > share ? undefined : take(free, wanted.includes('rerun'));
    if (!lane) {
      await pause(50);
      continue;
    }
    const plan = planFor(random, lane, wanted);
    const isPair = random.next() < 0.1 && count + 1 < incidents && isFinal(plan.how);
    const plans: Plan[] = isPair ? pairOf(plan, random) : [plan];
    due = Date.now() + paceMs * plans.length;
    const first = count + 1;
    count += plans.length;
    const cases = plans.map((one, n) => follow.begin(nameOf(first + n), randomUUID(), lane, one));
    running.push(
      Promise.all(cases.map((one: Case) => follow.untilSettled(one))).then(() => {
        free.push(lane);
      }),
    );
  }
  await Promise.all(running);
}

/** A free lane; one whose items exist in Tableau, if wanted. */
function take(free: Lane[], known: boolean): Lane | undefined {
  const place = known ? free.findIndex((lane) => lane.known !== null) : 0;
  return free.splice(Math.max(0, place), 1)[0];
}

/** Two incidents of a lane are answered together or by their numbers. */
function pairOf(plan: Plan, random: Random): Plan[] {
  const how = random.pick<Plan['how']>(['all', 'number']);
  return [1, 2].map(() => ({ ...plan, how, channel: random.pick<Channel>(['whatsapp', 'sms']) }));
}
