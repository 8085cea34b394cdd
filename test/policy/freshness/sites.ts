/** Facts and promises of a small site, with less to write. */
import type { ItemFacts } from '../../../src/policy/freshness/judgement.js';
import type { FreshnessPromise } from '../../../src/policy/freshness/promise.js';
import { weekdays } from '../../../src/policy/local-time.js';
import { day, hour } from '../../../src/workflows/contract.js';

export const monday = Date.parse('2026-11-30T00:00Z');
export const at = (time: string, days = 0): number => Date.parse(`2026-11-30T${time}Z`) + days * day;

/** A workbook with an extract. */
export const item = (name: string, more: Partial<ItemFacts> = {}): ItemFacts => ({
  kind: 'workbook',
  luid: name,
  name,
  project: 'Finance',
  tags: [],
  hasExtract: true,
  upstream: [],
  ...more,
});

export const siteOf = (...items: ItemFacts[]) => ({
  site: 'site',
  items: new Map(items.map((one) => [one.luid, one])),
});

interface More extends Partial<FreshnessPromise> {
  sinceMs?: number;
}

/** By a time of day, in UTC. */
export const by = (hours: number, { sinceMs = day, ...more }: More = {}): FreshnessPromise => ({
  id: `by ${hours}`,
  items: {},
  due: { kind: 'by', minutes: hours * 60, days: weekdays, timezone: 'UTC', sinceMs },
  policy: 'default',
  shadow: false,
  ...more,
});

export const maxAge = (hours: number, more: Partial<FreshnessPromise> = {}): FreshnessPromise => ({
  id: `age ${hours}`,
  items: {},
  due: { kind: 'age', maxAgeMs: hours * hour },
  policy: 'default',
  shadow: false,
  ...more,
});
