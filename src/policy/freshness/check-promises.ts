/** What is wrong with the freshness promises of an escalation file, beyond their form. */
import { Value } from 'typebox/value';
import { unknownPolicy } from '../check-routes.js';
import { addressProblems, zone } from '../check-schedules.js';
import { entries, isRecord, part, spell, type Problem } from '../reading.js';
import type { Path } from '../source.js';
import { defaultPolicy, promiseKey } from './read-promises.js';
import { expected } from '../schema.js';
import { parseDuration } from '../duration.js';
import { flowsBounds, FreshnessEntry, mostPromises, timeBetweenLooks } from './schema.js';

export function promiseProblems(value: unknown): Problem[] {
  const promises = entries(part(value, 'freshness'));
  // That there are too many says the form.
  if (promises.length > mostPromises) return [];
  const seen = new Map<string, Path>();
  return promises.flatMap(([index, promise]) => {
    if (!isRecord(promise)) return [];
    const path = ['freshness', index];
    return [
      ...dueProblems(promise, path),
      ...zone(promise, path),
      ...addressProblems(promise['holidays'], [...path, 'holidays']),
      ...policyProblems(part(value, 'policies'), promise, path),
      ...givenBefore(promise, path, seen),
    ];
  });
}

/** `every` of a rotation has other bounds. */
export function flowProblems(value: unknown): Problem[] {
  const every = part(part(value, 'flows'), 'every');
  const is = typeof every === 'string' ? parseDuration(every) : null;
  const [least, most] = flowsBounds.map(parseDuration);
  if (is === null || (is >= (least ?? 0) && is <= (most ?? 0))) return [];
  const path = ['flows', 'every'];
  return [{ path, text: `${spell(path)} must be ${timeBetweenLooks}.` }];
}

function dueProblems(promise: Record<string, unknown>, path: Path): Problem[] {
  const has = (key: string): boolean => Object.hasOwn(promise, key);
  const [kind, ...others] = dueKinds.filter(has);
  if (kind === undefined || others.length > 0)
    return [{ path, text: `${spell(path)} must have one of by, maxAge and learned.` }];
  const missing = `${spell(path)}: "timezone" is missing; it must be ${expected['timezone'] ?? 'there'}.`;
  return [
    ...(kind !== 'maxAge' && !has('timezone') ? [{ path, text: missing }] : []),
    ...withoutEffect[kind].filter(has).map((key) => ({
      path: [...path, key],
      text: `${spell([...path, key])} belongs to by, and has no effect with ${kind}.`,
    })),
  ];
}

const dueKinds = ['by', 'maxAge', 'learned'] as const;
const withoutEffect = {
  by: [],
  maxAge: ['timezone', 'days', 'since', 'holidays'],
  learned: ['days', 'since'],
} as const;

function policyProblems(policies: unknown, promise: Record<string, unknown>, path: Path): Problem[] {
  if (!isRecord(policies)) return [];
  if (Object.hasOwn(promise, 'policy') || Object.hasOwn(policies, defaultPolicy))
    return unknownPolicy(policies, promise, path);
  return [{ path, text: `${spell(path)} names no policy, and there is no policy "${defaultPolicy}".` }];
}

function givenBefore(promise: unknown, path: Path, seen: Map<string, Path>): Problem[] {
  if (!Value.Check(FreshnessEntry, promise)) return [];
  const key = promiseKey(promise);
  const first = seen.get(key);
  if (!first) return (seen.set(key, path), []);
  return [{ path, text: `${spell(path)} promises the same as ${spell(first)}.` }];
}
