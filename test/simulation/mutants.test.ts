/** What is broken on purpose is found: the simulator would see such a fault in the product. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { machines, seed } from './end-well.js';
import { mutants } from './mutants.js';
import { troubledNights, type Night } from './night.js';
import { play } from './play.js';

/** Within so many nights each mutant must be found. */
const mutantNightCount = 3_000;

describe('what is broken is found:', () => {
  for (const { name, finds, nights = (night: Night) => night, ...mutant } of mutants) {
    test(name, () => {
      const found = new Set<string>();
      const property = fc.property(troubledNights.map(nights), (night) => {
        const { violations } = play(night, { ...machines, ...mutant });
        for (const violation of violations) found.add(violation);
        return !violations.some((violation) => finds.test(violation));
      });
      const { failed } = fc.check(property, { numRuns: mutantNightCount, seed, endOnFailure: true });
      assert.ok(failed, `only ${[...found].slice(0, 3).join(', ') || 'nothing'} was found`);
    });
  }
});
