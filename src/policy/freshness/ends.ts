/** How it ends that an item is late: by new data, or since what is promised of it has changed. Pure. */
import type { ItemFacts, Judgement } from './judgement.js';
import type { Memory, Remembered } from './remembered.js';

/** Late, as far as was known. */
export const hasBeenLate = ({ state, wasLate }: Remembered): boolean => state !== 'on-time' || wasLate === true;

/** Of what was late, and of the roots of it: what is not late any more and has newer data than was known. A changed promise is no new data. */
export function freshIn(
  items: ReadonlyMap<string, ItemFacts>,
  before: Memory,
  { memory, late }: Pick<Judgement, 'memory' | 'late'>,
): Judgement['fresh'] {
  const waiting = Object.values(memory.items).filter(({ wasLate }) => wasLate);
  const open = new Set([...late.flatMap(({ row, root }) => [row.item.luid, root]), ...waiting.flatMap(withRoot)]);
  const fresh = new Map<string, number>();
  for (const known of Object.values(before.items)) {
    const { item, rootLuid = item.luid, lastDataAt = 0 } = known;
    if (!hasBeenLate(known)) continue;
    for (const luid of [item.luid, rootLuid]) {
      const at = (memory.items[luid] ?? items.get(luid))?.lastDataAt;
      if (at !== undefined && at > lastDataAt && !open.has(luid)) fresh.set(luid, at);
    }
  }
  return [...fresh].map(([luid, at]) => ({ luid, at }));
}

interface Site {
  items: ReadonlyMap<string, ItemFacts & { failuresInARow?: number }>;
  /** What shows the times of data: only the extracts of the Metadata API show what is built on what. */
  timesBy: 'extracts' | 'jobs' | null;
}

/**
 * Of what was reported, what has no new data and breaks no promise any more that pages somebody. What Tableau does not show now is not among it, nor
 * what fails there: that trouble is real, whatever is promised. Luids.
 */
export function withdrawnIn(
  reported: readonly string[],
  { items, timesBy }: Site,
  before: Memory,
  { late, fresh, memory }: Judgement,
): string[] {
  const rows = Object.values(memory.items);
  const held = new Set([
    ...late.flatMap(({ row, root, promise }) => (promise.shadow ? [] : [row.item.luid, root])),
    ...rows.filter(({ wasLate, goneAt }) => wasLate || goneAt !== undefined).flatMap(withRoot),
    ...fresh.map(({ luid }) => luid),
  ]);
  // Where nothing is remembered, nobody knows why it was late.
  const known = new Set(Object.values(before.items).filter(hasBeenLate).flatMap(withRoot));
  return reported.filter((luid) => {
    const item = items.get(luid);
    const isShown = timesBy === 'extracts' || before.items[luid] !== undefined;
    return item !== undefined && isShown && known.has(luid) && !held.has(luid) && !item.failuresInARow;
  });
}

const withRoot = ({ item, rootLuid = item.luid }: Remembered): string[] => [item.luid, rootLuid];

/** Where nothing is promised any more, so that Tableau is not asked. */
export const allWithdrawn = (reported: readonly string[], { items }: Memory): string[] =>
  reported.filter((luid) => items[luid]?.goneAt === undefined);
