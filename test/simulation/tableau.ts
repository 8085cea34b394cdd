/** What a simulated Tableau answers to the requests of an incident: at random, late, or not at all. */
import type { ItemStatus, LookedUp, LookUpRequest } from '../../src/workflows/activity-contract.js';
import type { TableauCall, TableauResult } from '../../src/workflows/incident/tableau-requests.js';
import type { Random } from './random.js';

/** The result of a request; null when it fails in all its time. */
export function answerOf(call: TableauCall, random: Random, fails: number): TableauResult | null {
  if (random.chance(fails)) return null;
  switch (call.activity) {
    case 'lookUp':
      return { activity: 'lookUp', result: lookUpOf(call.input, random, fails) };
    case 'hasRecovered':
      return { activity: 'hasRecovered', result: random.chance(0.3) };
    case 'checkItem':
      return {
        activity: 'checkItem',
        result: random.pick<ItemStatus>([
          { state: 'recovered', at: call.input.at + 1 },
          { state: 'deleted' },
          { state: 'suspended' },
          { state: 'failing', inARow: 6 },
          { state: 'failing' },
          { state: 'unknown', why: 'No permission.' },
        ]),
      };
    case 'rerun':
      return random.chance(0.2)
        ? { activity: 'rerun', result: { state: 'refused', why: 'No permission.' } }
        : { activity: 'rerun', result: random.chance(0.2) ? { state: 'queued' } : { state: 'queued', job: 'job' } };
    case 'checkJob':
      return {
        activity: 'checkJob',
        result: { state: random.pick(['running', 'succeeded', 'failed', 'unknown'] as const) },
      };
  }
}

export function lookUpOf({ parts }: LookUpRequest, random: Random, fails: number): LookedUp {
  const pending = random.chance(fails) ? parts.slice(0, 1).map((part) => ({ part, why: 'Tableau was slow.' })) : [];
  return { learnt: { problems: [], cause: 'Disk full.' }, pending };
}
