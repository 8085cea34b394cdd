/** When promised items are due, as the page shows it. Pure. */
import type { FreshnessRow, ShownItem, ShownPromises } from '../../workflows/freshness-contract.js';
import { day, hour } from '../../workflows/contract.js';
import { fit } from '../../workflows/words.js';
import { isLateRow } from './memory.js';
import type { Memory, Remembered } from './remembered.js';

/** Of more items the hours have to say enough. */
const mostItems = 100;
/** Longer names and promises lose their middle. */
const mostText = 120;

const iso = (at: number): string => new Date(at).toISOString();

/** @param now when the look was */
export function shownPromises({ items }: Memory, now: number): ShownPromises {
  const rows = Object.values(items).filter(({ goneAt }) => goneAt === undefined);
  const onTime = rows.filter((row) => !isLateRow(row));
  return { hours: hoursOf(rows, now), items: rows.length > mostItems ? [] : onTime.map(shownItem) };
}

function hoursOf(rows: readonly Remembered[], now: number): ShownPromises['hours'] {
  const counts = new Map<number, { due: number; late: number }>();
  const count = (at: number | undefined, late: number): void => {
    if (at === undefined || at < now - day || at > now + day) return;
    const begin = Math.floor(at / hour) * hour;
    const known = counts.get(begin) ?? { due: 0, late: 0 };
    counts.set(begin, { due: known.due + 1, late: known.late + late });
  };
  for (const row of rows) {
    count(row.deadline, isLateRow(row) ? 1 : 0);
    count(row.nextDeadline, 0);
  }
  return [...counts].toSorted(([one], [other]) => one - other).map(([at, found]) => ({ at: iso(at), ...found }));
}

const shownItem = ({ item, promise, lastDataAt, deadline, nextDeadline }: FreshnessRow): ShownItem => ({
  item: { ...item, name: fit(item.name, mostText) },
  promise: fit(promise, mostText),
  ...(lastDataAt !== undefined && { lastDataAt: iso(lastDataAt) }),
  ...(deadline !== undefined && { deadline: iso(deadline) }),
  ...(nextDeadline !== undefined && { nextDeadline: iso(nextDeadline) }),
});
