/** What LIST is answered with. */
import { isTextChannel } from '../channels.js';
import type { Channel } from '../contract.js';
import { isUnknown, numberOf, openItems, theirItems } from './items.js';
import { worstFirst } from './page-texts.js';
import { countText, listText, nothingOpenText } from './reply-texts.js';
import type { PagedItem, Pager } from './state.js';

const itemsOnPage = 10;

/** Ten items in the order of their numbers, the open ones first and then what is the contact's own, and how many there are. */
export function listedItems(pager: Pager, page: number, channel: Channel, now: number): string {
  const open = openItems(pager);
  const theirs = theirItems(pager);
  const all = [...byNumber(pager, open), ...byNumber(pager, theirs)];
  const shown = all.slice((page - 1) * itemsOnPage, page * itemsOnPage);
  const counts = { open: open.length, yours: theirs.length };
  if (shown.length === 0 || !isTextChannel(channel))
    return all.length === 0 ? nothingOpenText : `${countText(counts)}.`;
  const entries = shown.map((item) => {
    item.shown = true;
    return { number: numberOf(pager, item, now), facts: item.facts, isYours: item.settled !== null };
  });
  return listText(entries, page, counts, now, channel);
}

/** What has no number yet follows, the worst first; then items that Tableau does not know. */
const byNumber = (pager: Pager, items: readonly PagedItem[]): PagedItem[] =>
  items.toSorted(
    (a, b) =>
      Number(isUnknown(pager, a.key)) - Number(isUnknown(pager, b.key)) ||
      (a.number ?? 100) - (b.number ?? 100) ||
      worstFirst(a.facts, b.facts),
  );
