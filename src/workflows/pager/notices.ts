/** Notices: what asks for nothing. They go at once when nothing is open for the contact, else bundled from time to time. */
import { channelTraits, textChannels } from '../channels.js';
import { minute, second, type NoticeSignal } from '../contract.js';
import { failedRank } from './delivery-status.js';
import { isOpen, itemOf, mention } from './items.js';
import { queueText } from './outbox.js';
import { noticesText } from './reply-texts.js';
import type { PagedItem, Pager } from './state.js';

const bundleEveryMs = 15 * minute;
/** A storm ends item by item: a recovery goes together with others that follow within this time. */
const stormGapMs = 2 * second;
const urgentKinds = new Set<NoticeSignal['kind']>(['not-rerun', 'reminder']);

/** Takes a notice for the channel by which the contact was reached; who was not reached gets none. */
export function receiveNotice(pager: Pager, notice: NoticeSignal, now: number): void {
  if (pager.notices.includes(notice.noticeId)) return;
  pager.notices.push(notice.noticeId);
  const item = itemOf(pager, notice.incident, notice.episode);
  const reached = pager.sent.findLast(
    (sent) => sent.rank < failedRank && sent.pages.some(([key]) => key === item?.key),
  );
  if (!item || !reached) return;
  const { key } = item;
  const { kind, facts, by, why = null } = notice;
  if (urgentKinds.has(kind)) mention(pager, key);
  // The newest says it all: taken, then recovered.
  pager.pendingNotices = pager.pendingNotices.filter((one) => one.key !== key || urgentKinds.has(one.kind));
  const channel = channelTraits[reached.channel].notices;
  pager.pendingNotices.push({ key, channel, kind, facts, by, why, at: now });
}

/** When the notices that wait are sent; null while none waits. */
export function noticesDueAt(pager: Pager, now: number): number | null {
  const [first] = pager.pendingNotices;
  const last = pager.pendingNotices.at(-1);
  if (!first || !last) return null;
  if (pager.pendingNotices.some(({ kind }) => urgentKinds.has(kind))) return now;
  if (pager.items.some(isOpen)) return first.at + bundleEveryMs;
  // The notice of another that has just ended may be still to come.
  const isStorm =
    pager.pendingNotices.length > 1 ||
    pager.items.some(({ key, settled }) => key !== last.key && endedNear(settled, last.at));
  return isStorm ? Math.min(last.at + stormGapMs, first.at + bundleEveryMs) : now;
}

const endedNear = (settled: PagedItem['settled'], at: number): boolean =>
  settled?.how === 'recovered' && settled.at > at - stormGapMs;

/** Puts the notices that are due into texts, one for each channel. */
export function queueDueNotices(pager: Pager, now: number): void {
  const at = noticesDueAt(pager, now);
  if (at === null || at > now) return;
  const open = pager.items.filter(isOpen).length;
  const urgent = pager.pendingNotices.filter(({ kind }) => urgentKinds.has(kind));
  const going = urgent.length > 0 && open > 0 ? urgent : pager.pendingNotices;
  pager.pendingNotices = pager.pendingNotices.filter((one) => !going.includes(one));
  for (const channel of textChannels) {
    const notices = going.filter((one) => one.channel === channel);
    if (notices.length > 0) queueText(pager, channel, noticesText(notices, open, now, channel), now, false);
  }
}
