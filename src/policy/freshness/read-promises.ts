/** Freshness promises of a checked escalation file. Pure. */
import { createHash } from 'node:crypto';
import { addressFrom } from '../calendar.js';
import { parseDuration } from '../duration.js';
import { parseTimeOfDay, weekdays } from '../local-time.js';
import type { Due, FlowWatch, FreshnessPromise } from './promise.js';
import type { FlowsEntry, FreshnessEntry } from './schema.js';

const defaultSince = '24h';
export const defaultPolicy = 'default';

/** In the order of the file. @param file its path, which those of holidays are relative to */
export const promisesFrom = (file: string, entries: readonly FreshnessEntry[]): FreshnessPromise[] =>
  entries.map((entry) => {
    const { items, policy = defaultPolicy, shadow = false } = entry;
    return {
      id: idOf([promiseKey(entry), policy, shadow]),
      items: items === '*' ? {} : items,
      due: dueFrom(file, entry),
      policy,
      shadow,
    };
  });

function dueFrom(file: string, entry: FreshnessEntry): Due {
  const { by, timezone = 'UTC', days, since = defaultSince, holidays, maxAge = '' } = entry;
  if (by === undefined) return { kind: 'age', maxAgeMs: parseDuration(maxAge) ?? 0 };
  return {
    kind: 'by',
    minutes: parseTimeOfDay(by) ?? 0,
    days: weekdays.filter((day) => days?.includes(day) ?? true),
    timezone,
    sinceMs: parseDuration(since) ?? 0,
    ...(holidays !== undefined && { holidays: { address: addressFrom(file, holidays), dates: [] } }),
  };
}

/** Where the file does not say how often. */
const defaultFlowsEvery = '5m';
export const flowWatchFrom = (entry: FlowsEntry): FlowWatch => ({
  everyMs: parseDuration((entry === true ? undefined : entry.every) ?? defaultFlowsEvery) ?? 0,
});

/** The same for promises of the same items by the same time, however they are written. It depends on no path of this machine. */
export function promiseKey({
  items,
  by,
  timezone,
  days,
  since = defaultSince,
  holidays,
  maxAge,
}: FreshnessEntry): string {
  const lower = (pattern = ''): string => pattern.toLowerCase();
  const which = items === '*' ? '*' : [items.item, items.project, items.tag].map(lower);
  const due =
    by === undefined
      ? [parseDuration(maxAge ?? '')]
      : [by, timezone, weekdays.filter((day) => days?.includes(day) ?? true), parseDuration(since), holidays ?? ''];
  return JSON.stringify([which, due]);
}

const idOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
