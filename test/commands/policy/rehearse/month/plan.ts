/** What happens in the recorded month: failures, recoveries, and when people look at their phones. By a seed, so that it can be played again. */
import { day, hour, minute } from '../../../../../src/workflows/contract.js';
import { createRandom, type Random } from '../../../../simulation/random.js';

/** An act concerns an item, or silences a project. */
export type Act = { afterMs: number } & (
  | { does: 'fail' | 'recover'; items: readonly string[] }
  /** Whoever was paged last for the item reacts, where it is still taken by nobody. */
  | { does: 'answer'; item: string; verb: 'acknowledge' | 'snooze' | 'all' }
  /** By the API. */
  | { does: 'script'; item: string }
  | { does: 'silence'; project: string; hours: number }
);

export interface Plan {
  /** The projects of the items by their names. */
  items: ReadonlyMap<string, string>;
  /** In order. */
  acts: Act[];
}

const days = 30;
/** No trouble goes on from one part of the month into the next, so that each can be played by itself. */
export const partMs = 6 * day;
export const monthMs = days * day;
const partOf = (afterMs: number): number => Math.floor(afterMs / partMs);
const perDay = 8;
/** Most fail under the policy of high severity. */
const projects = ['Finance', 'Finance', 'Finance', 'Batch', 'Batch', 'Core', 'Core', 'Trials'] as const;

export function monthPlan(seed: number): Plan {
  const random = createRandom(seed);
  const items = new Map<string, string>();
  const acts: Act[] = [];
  /** When an item that recovered may fail again. */
  const freeFrom = new Map<string, number>();
  for (let n = 0; n < days * perDay; n += 1) {
    const at = Math.floor(n / perDay) * day + random.between(0, day - 1);
    const free = [...freeFrom].filter(([, from]) => from < at).map(([name]) => name);
    const [oldest] = free;
    const name = oldest !== undefined && random.chance(0.6) ? oldest : `Report ${items.size + 1}`;
    if (!items.has(name)) items.set(name, random.pick(projects));
    const trouble = troubleOf(name, random, items.get(name) === 'Batch');
    const endMs = at + Math.max(...trouble.map(({ afterMs }) => afterMs));
    if (partOf(at) !== partOf(endMs)) continue;
    acts.push(...trouble.map((act) => ({ ...act, afterMs: at + act.afterMs })));
    // The incident lingers for an hour.
    freeFrom.delete(name);
    freeFrom.set(name, endMs + random.between(0, 3) * hour);
  }
  const storms = [
    ...stormOf(items, 'Afternoon', 60, 9 * day + 13 * hour, true),
    ...stormOf(items, 'Night', 12, 20 * day + 2 * hour, false),
    ...silenced(items, 14 * day + 10 * hour),
  ];
  return { items, acts: [...acts, ...storms].toSorted((a, b) => a.afterMs - b.afterMs) };
}

/** One failure of an item and what follows, from its beginning on. Ends with the recovery. */
function troubleOf(item: string, random: Random, isLow: boolean): Act[] {
  const items = [item];
  const fail = (afterMs: number): Act => ({ afterMs, does: 'fail', items });
  const recover = (afterMs: number): Act => ({ afterMs, does: 'recover', items });
  const kind = random.next();
  if (kind < 0.2) return [fail(0), recover(random.between(10_000, 9 * minute))];
  if (kind < 0.25) return [fail(0), { afterMs: 3 * minute, does: 'script', item }, recover(hour)];
  const recoverMs = random.between(45, isLow ? 840 : 360) * minute;
  const repeats = random.chance(0.3) ? [fail(recoverMs - 20 * minute)] : [];
  if (kind < 0.4) return [fail(0), ...repeats, recover(recoverMs)];
  const verb = random.chance(0.1) ? 'snooze' : 'acknowledge';
  const answer = (afterMs: number): Act => ({ afterMs, does: 'answer', item, verb });
  const lookMs = random.between(20_000, 22 * minute);
  const looks = [lookMs, lookMs + 65 * minute, lookMs + 9 * hour].filter((afterMs) => afterMs < recoverMs);
  return [fail(0), ...looks.map(answer), ...repeats, recover(recoverMs)];
}

function stormOf(items: Map<string, string>, name: string, size: number, at: number, isAnswered: boolean): Act[] {
  const names = Array.from({ length: size }, (_, n) => `${name} ${n + 1}`);
  for (const one of names) items.set(one, 'Finance');
  return [
    { afterMs: at, does: 'fail', items: names },
    ...(isAnswered
      ? [{ afterMs: at + 3.5 * minute, does: 'answer' as const, item: `${name} 1`, verb: 'all' as const }]
      : []),
    { afterMs: at + 2 * hour, does: 'recover', items: names },
  ];
}

/** A silence of four hours: one item fails before it and is escalated into it, three in it, of which one recovers before its end. */
function silenced(items: Map<string, string>, at: number): Act[] {
  for (const one of ['before', 'short', 'long', 'late']) items.set(`Silent ${one}`, 'Finance');
  return [
    { afterMs: at - 7 * minute, does: 'fail', items: ['Silent before'] },
    { afterMs: at, does: 'silence', project: 'Finance', hours: 4 },
    { afterMs: at + hour, does: 'fail', items: ['Silent short', 'Silent long'] },
    { afterMs: at + 2 * hour, does: 'recover', items: ['Silent short'] },
    { afterMs: at + 3 * hour, does: 'fail', items: ['Silent late'] },
    { afterMs: at + 4 * hour + 8 * minute, does: 'answer', item: 'Silent long', verb: 'acknowledge' },
    { afterMs: at + 6 * hour, does: 'recover', items: ['Silent before', 'Silent long', 'Silent late'] },
  ];
}
