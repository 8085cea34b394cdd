/**
 * Thousands of nights on a virtual clock: what must never happen does not, and what is broken on purpose is found. `SIMULATED_NIGHTS` and
 * `SIMULATION_SEED` choose other nights.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { incidentMachine } from '../../src/workflows/incident/machine.js';
import { pagerMachine } from '../../src/workflows/pager/machine.js';
import { mutants } from './mutants.js';
import { nights, troubledNights, type Night } from './night.js';
import { play } from './play.js';

const machines = { incident: incidentMachine, pager: pagerMachine };
const seed = Number(process.env['SIMULATION_SEED'] ?? 1);
const nightCount = Number(process.env['SIMULATED_NIGHTS'] ?? 10_000);
/** Within so many nights each mutant must be found. */
const mutantNightCount = 3_000;

/** Plays it once more for the reader: what was violated, and what came before. */
function explain(night: Night): string {
  const { violations, trace } = play(night, machines, { traced: true });
  return `${violations.join('\n')}\n\n${trace.slice(-80).join('\n')}`;
}

test(`${nightCount} nights end well`, () => {
  let messages = 0;
  let replies = 0;
  const property = fc.property(nights, (night) => {
    const { violations, counts } = play(night, machines);
    messages += counts.messages;
    replies += counts.replies;
    if (violations.length > 0) assert.fail(explain(night));
  });
  fc.assert(property, { numRuns: nightCount, seed });
  assert.ok(
    messages > 3 * nightCount && replies > nightCount,
    `${messages} messages and ${replies} replies are too few`,
  );
});

describe('what is broken is found:', () => {
  for (const { name, finds, ...mutant } of mutants) {
    test(name, () => {
      const found = new Set<string>();
      const property = fc.property(troubledNights, (night) => {
        const { violations } = play(night, { ...machines, ...mutant });
        for (const violation of violations) found.add(violation);
        return !violations.some((violation) => finds.test(violation));
      });
      const { failed } = fc.check(property, { numRuns: mutantNightCount, seed, endOnFailure: true });
      assert.ok(failed, `only ${[...found].slice(0, 3).join(', ') || 'nothing'} was found`);
    });
  }
});
