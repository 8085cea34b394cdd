/** Freshness promises of a checked escalation file. Pure. */
import { createHash } from 'node:crypto';
import { addressFrom } from '../calendar.js';
import { parseDuration } from '../duration.js';
import { parseTimeOfDay, weekdays } from '../local-time.js';
import type { Due, FlowWatch, FreshnessPromise, LearnedDue } from './promise.js';
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

function dueFrom(file: string, entry: FreshnessEntry): Due | LearnedDue {
  const { by, timezone = 'UTC', days, since = defaultSince, maxAge = '', learned } = entry;
  const holidays = entry.holidays !== undefined && {
    holidays: { address: addressFrom(file, entry.holidays), dates: [] },
  };
  if (learned) return { kind: 'learned', timezone, ...holidays };
  if (by === undefined) return { kind: 'age', maxAgeMs: parseDuration(maxAge) ?? 0 };
  return {
    kind: 'by',
    minutes: parseTimeOfDay(by) ?? 0,
    days: weekdays.filter((day) => days?.includes(day) ?? true),
    timezone,
    sinceMs: parseDuration(since) ?? 0,
    ...holidays,
  };
}

/** Where the file does not say how often. */
const defaultFlowsEvery = '5m';
export const flowWatchFrom = (entry: FlowsEntry): FlowWatch => ({
  everyMs: parseDuration((entry === true ? undefined : entry.every) ?? defaultFlowsEvery) ?? 0,
});

/** The same for promises of the same items by the same time, however they are written. It depends on no path of this machine. */
export function promiseKey(entry: FreshnessEntry): string {
  const { items } = entry;
  const lower = (pattern = ''): string => pattern.toLowerCase();
  const which = items === '*' ? '*' : [items.item, items.project, items.tag].map(lower);
  return JSON.stringify([which, dueKey(entry)]);
}

function dueKey({ by, timezone, days, since = defaultSince, holidays = '', maxAge = '', learned }: FreshnessEntry) {
  if (learned) return ['learned', timezone, holidays];
  if (by === undefined) return [parseDuration(maxAge)];
  return [by, timezone, weekdays.filter((day) => days?.includes(day) ?? true), parseDuration(since), holidays];
}

const idOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
