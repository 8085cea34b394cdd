/** Batches of a burst: entries that the api accepts while it starts a batch, and their delivery to the incidents. */
import type { DeliverInput, DeliveryReport, IntakeEntry } from '../../src/workflows/intake-contract.js';
import { hour, minute, type Policy } from '../../src/workflows/contract.js';
import { newIntake, type Input, type Intake, type IntakeEffect } from '../../src/workflows/intake/machine.js';
import { createActor, type Actor } from './actor.js';
import type { World } from './world.js';

type Batch = Actor<Intake, Input>;

export interface Batches {
  /** What the api answers 200 or 202 to: it must reach its incident. */
  add: (entry: IntakeEntry) => void;
  /** Whether a batch is not delivered yet, as the api finds out. */
  isPending: () => boolean;
  judgeEnd: () => void;
}

interface Options {
  policy: Policy;
  /** Signals an incident; false when none runs and the entry starts none. */
  signal: (entry: IntakeEntry) => boolean;
}

interface Accepted {
  entry: IntakeEntry;
  /** A failure, or what only an incident takes that an entry before it starts. */
  mustArrive: boolean;
  hasArrived: boolean;
}

/** Whatever the api found out by visibility is so old. */
const visibleAfterMs = 1_000;
const heartbeatTimeoutMs = 10_000;

export function createBatches(world: World, { policy, signal }: Options): Batches {
  const { clock, random, faults, watch } = world;
  const accepted: Accepted[] = [];
  const batches: { actor: Batch; startedAt: number }[] = [];
  let collected: IntakeEntry[] = [];

  function start(): void {
    const entries = collected;
    collected = [];
    const shared = {
      policies: { [policy.name]: policy },
      settings: { lingerMs: 600_000, forgetMs: 6 * hour },
      searchAttributes: false,
    };
    const actor: Batch = createActor({
      id: world.nextUuid(),
      machine: world.machines.intake(shared),
      state: newIntake({ ...shared, entries }),
      clock,
      random,
      faults,
      trace: world.trace,
      clone: (state) => structuredClone(state),
      carry: (state) => JSON.parse(JSON.stringify(state)) as Intake,
      perform: (effect) => perform(actor, effect),
    });
    batches.push({ actor, startedAt: clock.now() });
    // A workflow that has no input: its first task comes by itself.
    actor.begin();
  }

  function perform(actor: Batch, effect: IntakeEffect): void {
    if (effect.type === 'log') world.trace(() => `${actor.id}: ${effect.line.message}`);
    if (effect.type !== 'activity') return;
    deliver(actor, effect.call.input, (report) =>
      actor.receive({ type: 'completed', id: effect.id, result: { activity: 'deliver', report } }),
    );
  }

  /** One entry after the other. A worker that dies is replaced by one that repeats what the last heartbeat did not tell. */
  function deliver(actor: Batch, { entries }: DeliverInput, end: (report: DeliveryReport) => void): void {
    const waiting = new Set<number>();
    const failed = new Map<number, string>();
    let earlier = false;
    const step = (index: number): void => {
      const entry = entries[index];
      if (entry === undefined) {
        const report = [...failed].map(([at, why]) => ({ index: at, why, permanent: false }));
        end({ waiting: [...waiting], failed: report, hasEarlierBatch: earlier });
        return;
      }
      waiting.delete(index);
      failed.delete(index);
      if (random.chance(faults().unreachable)) failed.set(index, 'unavailable');
      else if (signal(entry)) arrived(entry);
      else waiting.add(index);
      if (random.chance(faults().repeat))
        clock.after(heartbeatTimeoutMs, () => step(Math.max(0, index - random.between(0, 3))));
      else
        clock.after(random.chance(faults().lag) ? random.between(1, 5_000) : random.between(1, 200), () =>
          step(index + 1),
        );
    };
    // While no worker runs, a batch waits for minutes.
    const isDelayed = random.chance(5 * faults().repeat);
    clock.after(isDelayed ? random.between(1, 10 * minute) : random.between(1, 100), () => {
      earlier = hasEarlier(actor);
      step(0);
    });
  }

  const arrived = (entry: IntakeEntry): void => {
    // A batch that continues as new hands over copies.
    for (const one of accepted) if (JSON.stringify(one.entry) === JSON.stringify(entry)) one.hasArrived = true;
  };
  const isUndelivered = ({ actor }: { actor: Batch }): boolean => !actor.hasEnded() && !actor.state().isPublished;
  const isVisible = ({ startedAt }: { startedAt: number }): boolean => clock.now() - startedAt > visibleAfterMs;

  function hasEarlier(actor: Batch): boolean {
    const own = batches.find((one) => one.actor === actor);
    return batches.some(
      (one) => one !== own && one.startedAt <= (own?.startedAt ?? 0) && isUndelivered(one) && isVisible(one),
    );
  }

  return {
    add(entry) {
      const startsLater = ({ entry: other, hasArrived }: Accepted): boolean =>
        other.what === 'failure' && other.incident === entry.incident && !hasArrived;
      accepted.push({ entry, mustArrive: entry.what === 'failure' || accepted.some(startsLater), hasArrived: false });
      collected.push(entry);
      if (collected.length === 1) clock.after(random.between(1, 300), start);
    },
    isPending: () =>
      collected.length > 0 || batches.some((one) => isUndelivered(one) || clock.now() - one.startedAt < visibleAfterMs),
    judgeEnd() {
      for (const { actor } of batches)
        if (!actor.hasEnded())
          watch.violations.push(`the batch ${actor.id} is stuck: ${JSON.stringify(actor.state())}`);
      for (const { entry, mustArrive, hasArrived } of accepted)
        if (mustArrive && !hasArrived) watch.violations.push(`${entry.incident} never got an accepted ${entry.what}`);
    },
  };
}
