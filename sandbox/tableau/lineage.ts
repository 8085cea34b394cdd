/** Workbooks and data sources as the Metadata API shows them: https://help.tableau.com/current/api/metadata_api/en-us/reference/index.html */
import { tableauTime, type Item, type Refreshed, type TableauState } from './world.js';

type Json = Record<string, unknown>;

const latest = (times: (number | null)[]): number | null => {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.max(...known);
};

const shown = (at: number | null): string | null => (at === null ? null : tableauTime(at));

/** The last refresh that is older than `lagMs`, by its time and by when it happened here. */
const seen = (last: number | null, earlier: Refreshed[], lagMs: number): number | null => {
  if (lagMs === 0) return last;
  const before = Date.now() - lagMs;
  const old = earlier.filter(({ at, recordedAt }) => Math.min(at, recordedAt) <= before);
  return latest([last !== null && last <= before ? last : null, ...old.map(({ at }) => at)]);
};

const extractOf = (item: Item, lagMs: number): Json => {
  const ofKind = (incremental: boolean): Refreshed[] => item.refreshes.filter((one) => one.incremental === incremental);
  const full = seen(item.refreshedAt, ofKind(false), lagMs);
  const incremental = seen(item.incrementedAt, ofKind(true), lagMs);
  const times = item.hasExtracts
    ? [full, incremental, latest([full, incremental, item.publishedAt])]
    : [null, null, null];
  return {
    hasExtracts: item.hasExtracts,
    extractLastRefreshTime: shown(times[0] ?? null),
    extractLastIncrementalUpdateTime: shown(times[1] ?? null),
    extractLastUpdateTime: shown(times[2] ?? null),
  };
};

const named = ({ luid, name }: Pick<Item, 'luid' | 'name'>): Json => ({ id: `node-${luid}`, luid, name });

/** The published data sources that a workbook is built on, and that still exist. */
const upstreamOf = (state: TableauState, { upstream }: Item): Item[] =>
  upstream.flatMap((luid) => state.items.get(luid) ?? []);

const workbookNode = (state: TableauState, item: Item, lagMs: number): Json => {
  const published = upstreamOf(state, item);
  const own = {
    id: `embedded-${item.luid}`,
    name: item.name,
    ...extractOf(item, lagMs),
    parentPublishedDatasources: [],
  };
  // A workbook shows each published data source as one of its embedded ones, too, without an extract of its own.
  const links = published.map((one) => ({
    id: `embedded-${item.luid}-${one.luid}`,
    name: one.name,
    hasExtracts: false,
    extractLastRefreshTime: null,
    extractLastIncrementalUpdateTime: null,
    extractLastUpdateTime: null,
    parentPublishedDatasources: [named(one)],
  }));
  return {
    ...named(item),
    projectName: item.project.name,
    upstreamDatasources: published.map(named),
    embeddedDatasources: item.hasExtracts || published.length === 0 ? [own, ...links] : links,
  };
};

const datasourceNode = (item: Item, downstream: Item[], lagMs: number): Json => ({
  ...named(item),
  projectName: item.project.name,
  ...extractOf(item, lagMs),
  downstreamWorkbooks: [
    ...Array.from({ length: item.downstream }, (_, n) =>
      named({ luid: `${item.luid}-${n}`, name: `${item.name}, workbook ${n + 1}` }),
    ),
    ...downstream.map(named),
  ],
});

/** Gives the function that shows an item with all its fields. Refreshes younger than `lagMs` milliseconds are not shown. */
export const createNodes = (state: TableauState, lagMs: number): ((item: Item) => Json) => {
  const downstream = new Map<string, Item[]>();
  for (const item of state.items.values())
    for (const luid of item.upstream) downstream.set(luid, [...(downstream.get(luid) ?? []), item]);
  return (item) =>
    item.kind === 'workbook'
      ? workbookNode(state, item, lagMs)
      : datasourceNode(item, downstream.get(item.luid) ?? [], lagMs);
};
