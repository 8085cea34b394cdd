/** The stream of incidents: each is followed from its first delivery to its settled end. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { isFinal, type Follow } from './follow.js';
import { nameOf, type Case, type Channel } from './ledger.js';
import type { Lane } from './lanes.js';
import { planFor, type Plan } from './plans.js';
import type { Moments } from './stages.js';
import type { Random } from './random.js';

export interface StreamOptions {
  follow: Follow;
  moments: Moments;
  random: Random;
  lanes: readonly Lane[];
  incidents: number;
  /** Within how many milliseconds they fail. */
  within: number;
  /** How much of the run is over, 0 to 1: incidents go on for as long as something is struck. */
  progress: () => number;
}

/** The share of the incidents that are left that may be begun before the strikes have come as far. */
const ahead = 0.05;
/** And while a strike waits for a stage. */
const aheadWhenWanted = 0.2;

/** Starts as many as there are lanes free for, evenly; resolves when all have ended, or were given up. */
export async function stream({
  follow,
  moments,
  random,
  lanes,
  incidents,
  within,
  progress,
}: StreamOptions): Promise<void> {
  // Of an item that Tableau knows two may be in trouble.
  const free = random.shuffle([...lanes, ...lanes.filter(({ known }) => known !== null)]);
  const running: Promise<void>[] = [];
  const pace = within / incidents;
  let due = Date.now();
  for (let count = 0; count < incidents;) {
    const wanted = moments.wanted();
    const done = progress();
    const share = done + (1 - done) * (wanted.length > 0 ? aheadWhenWanted : ahead);
    const lane = Date.now() < due || count / incidents > share ? undefined : take(free, wanted.includes('rerun'));
    if (!lane) {
      await pause(50);
      continue;
    }
    const plan = planFor(random, lane, wanted);
    const isPair = random.next() < 0.1 && count + 1 < incidents && isFinal(plan.how);
    const plans: Plan[] = isPair ? pairOf(plan, random) : [plan];
    due = Date.now() + pace * plans.length;
    const first = count + 1;
    count += plans.length;
    const cases = plans.map((one, n) => follow.begin(nameOf(first + n), randomUUID(), lane, one));
    running.push(
      Promise.all(cases.map((one: Case) => follow.through(one))).then(() => {
        free.push(lane);
      }),
    );
  }
  await Promise.all(running);
}

/** A free lane; one of which Tableau knows the items, where that is wanted. */
function take(free: Lane[], known: boolean): Lane | undefined {
  const place = known ? free.findIndex((lane) => lane.known !== null) : 0;
  return free.splice(Math.max(0, place), 1)[0];
}

/** Two at a time are answered for together, or by their numbers. */
function pairOf(plan: Plan, random: Random): Plan[] {
  const how = random.pick<Plan['how']>(['all', 'number']);
  return [1, 2].map(() => ({ ...plan, how, rung: random.pick<Channel>(['whatsapp', 'sms']) }));
}
