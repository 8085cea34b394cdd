/** What the parts of one night share. */
import type { incidentMachine } from '../../src/workflows/incident/machine.js';
import type { intakeMachine } from '../../src/workflows/intake/machine.js';
import type { Silenced } from '../../src/workflows/on-call-contract.js';
import type { pagerMachine } from '../../src/workflows/pager/machine.js';
import type { RunningActivity } from './activities.js';
import type { Clock } from './clock.js';
import type { Watch } from './invariants.js';
import type { Faults } from './night.js';
import type { Random } from './random.js';

/** The machines under test: those of the product, or mutants of them. */
export interface Machines {
  incident: typeof incidentMachine;
  pager: typeof pagerMachine;
  intake: typeof intakeMachine;
}

export interface World {
  machines: Machines;
  clock: Clock;
  random: Random;
  /** The probabilities of faults at this moment. */
  faults: () => Faults;
  watch: Watch;
  /** The silence that covers the item of an incident now; null: none. */
  silenceOf: (incident: string) => Silenced | null;
  /** When the quiet hours end in which a contact is now; null where it is in none. */
  quietUntil: (contact: string) => number | null;
  /** Activities that have begun, by workflow and effect. */
  running: Map<string, RunningActivity>;
  /** A uuid for the next workflow that starts. */
  nextUuid: () => string;
  /** Adds a line to the trace of a night that is played to be read. */
  trace: (text: () => string) => void;
}

/** How long a signal from one workflow to another is on its way, milliseconds. */
export const signalDelayMs = ({ random, faults }: World): number =>
  random.chance(faults().lag) ? random.between(1, 3_000) : random.between(1, 50);
