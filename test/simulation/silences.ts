/** The silences of a night, as the activities of the product find them. */
import { hour } from '../../src/workflows/contract.js';
import type { Silenced } from '../../src/workflows/on-call-contract.js';
import type { Clock } from './clock.js';
import type { Night } from './night.js';

/** The silence that covers the item of an incident now: of one that somebody ends early the end is known only afterwards. */
export function createSilences(
  { silences }: Night,
  clock: Clock,
  start: number,
): (incident: string) => Silenced | null {
  const all = silences.map(({ item, atMs, lengthMs, endsEarly }, index) => ({
    incident: `refresh:site:item-${item}`,
    from: start + atMs,
    to: start + atMs + lengthMs,
    shown: {
      id: `silence-${index}`,
      until: start + atMs + lengthMs + (endsEarly ? hour : 0),
      by: 'lead',
      reason: 'Planned.',
    },
  }));
  return (incident) => {
    const now = clock.now();
    return all.find((one) => one.incident === incident && one.from <= now && now < one.to)?.shown ?? null;
  };
}
