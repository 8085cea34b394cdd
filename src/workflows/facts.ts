/** What a page says of an item, made small: a storm of pages must fit in the state of a pager. */
import type { PagerMessage } from './activity-contract.js';
import type { ItemDetail } from './contract.js';
import type { Facts } from './pager-contract.js';
import { fit } from './words.js';

export const factName = (name: string): string => fit(name, 80);
export const factCause = (cause: string): string => fit(cause, 120);

/** The facts of a page with what Tableau knows of its item. */
export const withDetail = (facts: Facts, detail: Partial<ItemDetail> | null): Facts => ({
  ...facts,
  ...(detail?.name ? { name: factName(detail.name) } : {}),
  ...(detail?.project ? { project: fit(detail.project, 40) } : {}),
  ...(detail?.owner ? { owner: fit(detail.owner, 40) } : {}),
  ...(detail?.cause ? { cause: factCause(detail.cause) } : {}),
  ...(detail?.url && detail.url.length <= 120 ? { url: detail.url } : {}),
  ...(detail?.consecutiveFailures ? { inARow: detail.consecutiveFailures } : {}),
  ...(detail?.lastGoodAt ? { lastGoodAt: detail.lastGoodAt } : {}),
  ...(detail?.nextRunAt ? { nextRunAt: detail.nextRunAt } : {}),
  ...(detail?.downstreamWorkbooks ? { downstreamWorkbooks: detail.downstreamWorkbooks } : {}),
  ...(detail?.unknownItem ? { unknownItem: true } : {}),
});

/** A page with what was learnt of its item since it was queued; other messages stay as they are. */
export const withLearnt = (message: PagerMessage, learnt: Partial<ItemDetail> | null): PagerMessage =>
  message.signal === 'page'
    ? { ...message, payload: { ...message.payload, facts: withDetail(message.payload.facts, learnt) } }
    : message;
