import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forReader } from '../../../src/api/pages/form-problem.js';

const clock = { now: Date.parse('2026-11-30T12:00:00Z'), zone: 'Europe/Berlin' };

test('a refusal is readable without knowing the API: times on the clock of the form, no ids, labels', () => {
  const overlap =
    'from and to overlap the override 6f0b4f0e-9a55-4c6e-8a1d-2b47aa00bb11 (ben from 2026-11-30T13:00:00.000Z to 2026-12-01T13:00:00.000Z): end that one first, or take other times.';
  assert.equal(
    forReader(overlap, clock),
    'From and to overlap the override (ben from 14:00 to Tue 1 Dec, 14:00): end that one first, or take other times.',
  );
  assert.equal(forReader('match.item must not hold a phone number.', clock), 'Item must not hold a phone number.');
});
