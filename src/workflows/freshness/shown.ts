/** What the page of the freshness shows, as the memo of the workflow: so that nobody needs a worker to look at it. */
import { publicName } from '../contract.js';
import type { FreshnessCheck, Late, ShownFreshness, ShownLate } from '../freshness-contract.js';
import { fit } from '../words.js';
import type { Freshness } from './state.js';

const mostText = 160;
/** What is remembered and what is shown have to fit into one payload. */
const mostLate = { ofFew: 200, ofMany: 50, manyChars: 1_000_000 } as const;

/** Takes over what a look gave for the page. */
export function applyShown(freshness: Freshness, { shown, found, memory }: FreshnessCheck, now: number): void {
  if (!shown || !found) return;
  const most = memory.length > mostLate.manyChars ? mostLate.ofMany : mostLate.ofFew;
  const late = found.late.toSorted((one, other) => rank(one) - rank(other) || one.deadline - other.deadline);
  freshness.shown = { ...shown, late: late.slice(0, most).map(lateItem) };
  freshness.shownAt = new Date(now).toISOString();
}

const rank = ({ policy }: Late): number => (policy === undefined ? 1 : 0);

const lateItem = ({ item, state, why, deadline, lastDataAt, dependants, policy, incident }: Late): ShownLate => ({
  item: { ...item, name: fit(publicName(item), mostText) },
  state,
  why: fit(why, mostText),
  deadline: new Date(deadline).toISOString(),
  ...(lastDataAt !== undefined && { lastDataAt: new Date(lastDataAt).toISOString() }),
  ...(dependants !== undefined && { dependants }),
  incident: policy === undefined ? null : incident,
});

/** What has changed since the memo was written last, by its keys. */
export function unshown(freshness: Freshness): { shown?: ShownFreshness; lookedAt?: string } {
  const { shown, shownAt, published } = freshness;
  if (shown === null || shownAt === null) return {};
  const text = JSON.stringify(shown);
  const isNew = fingerprint(text) !== published.shown;
  const isLater = shownAt !== published.lookedAt;
  freshness.published = { ...published, shown: fingerprint(text), lookedAt: shownAt };
  return { ...(isNew && { shown }), ...(isLater && { lookedAt: shownAt }) };
}

/** Two texts of the same are taken for one another: that the memo is carried twice would be worse than that a page is late by a look. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return `${text.length}:${(hash >>> 0).toString(16)}`;
}
