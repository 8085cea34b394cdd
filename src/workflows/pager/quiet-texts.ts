/** What a message says of quiet hours that are over. */
import type { Counts } from './items.js';

/** By itself: all that failed in them works again. @param open what is open besides, from before or by other channels */
export function recoveredText(count: number, open: number): string {
  const rest = open > 0 ? `Still open: ${open}.` : 'Nothing to do.';
  return `In your quiet hours ${count} failed and ${works(count)} again. ${rest}`;
}

/** Beside what is open; null where there is nothing to say. */
export const moreRecovered = ({ recovered = 0 }: Counts): string | null =>
  recovered > 0 ? `${recovered} more failed in your quiet hours and ${works(recovered)} again.` : null;

export const moreRecoveredInShort = ({ recovered = 0 }: Counts): string | null =>
  recovered > 0 ? `${recovered} ${works(recovered)} again.` : null;

const works = (count: number): string => (count === 1 ? 'works' : 'work');
