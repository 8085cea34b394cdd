/** Thousands of nights, of which each must end well. `SIMULATED_NIGHTS` and `SIMULATION_SEED` choose other nights. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { incidentMachine } from '../../src/workflows/incident/machine.js';
import { intakeMachine } from '../../src/workflows/intake/machine.js';
import { pagerMachine } from '../../src/workflows/pager/machine.js';
import { nights, type Night } from './night.js';
import { play } from './play.js';

export const machines = { incident: incidentMachine, pager: pagerMachine, intake: intakeMachine };
export const seed = Number(process.env['SIMULATION_SEED'] ?? 1);
/** A CI has more time than whoever waits for `npm test`. */
const defaultNights = process.env['CI'] ? 6_000 : 2_000;
/** The nights of each of the two files that share them, so that both cores of a machine play. */
export const nightCount = Math.ceil(Number(process.env['SIMULATED_NIGHTS'] ?? defaultNights) / 2);

/** Throws what was violated in the shortest night that shows it. */
export function endWell(firstSeed: number): void {
  let messages = 0;
  let replies = 0;
  const property = fc.property(nights, (night) => {
    const { violations, counts } = play(night, machines);
    messages += counts.messages;
    replies += counts.replies;
    if (violations.length > 0) assert.fail(explain(night));
  });
  fc.assert(property, { numRuns: nightCount, seed: firstSeed });
  assert.ok(
    messages > 3 * nightCount && replies > nightCount,
    `${messages} messages and ${replies} replies are too few`,
  );
}

/** Plays it once more for the reader: what was violated, and what came before. */
function explain(night: Night): string {
  const { violations, trace } = play(night, machines, { traced: true });
  return `${violations.join('\n')}\n\n${trace.slice(-80).join('\n')}`;
}
