/** Notices: what asks for nothing. They go at once when nothing is open for the contact, else bundled from time to time. */
import { channelTraits, isTextChannel, textChannels } from '../channels.js';
import { minute, second } from '../contract.js';
import { type HandOverNotice, type NoticeSignal, type Settlement, type TextNotice } from '../pager-contract.js';
import { failedRank } from '../delivery-status.js';
import { receiveHandOver } from './hand-overs.js';
import { addItem, beingAnswered, itemOf, mention, settle } from './items.js';
import { queueCall, queueText } from './outbox.js';
import { isQuiet, keptOf, openNow } from './quiet-hours.js';
import { noticesText } from './reply-texts.js';
import type { PendingNotice } from './message-state.js';
import type { PagedItem, Pager } from './state.js';

const bundleEveryMs = 15 * minute;
/** A storm ends item by item: a recovery goes together with others that follow within this time. */
const stormGapMs = 2 * second;
/** One change of a promise ends all that was late by it. */
const endsInStorms = new Set<Settlement>(['recovered', 'not-promised', 'forgotten']);
const urgentKinds = new Set<NoticeSignal['kind']>(['not-rerun', 'reminder']);

/** Takes a notice for the channel by which the contact was reached. Who was not reached gets none, unless the notice names a channel. */
export function receiveNotice(pager: Pager, notice: NoticeSignal | HandOverNotice | TextNotice, now: number): void {
  if (pager.notices.includes(notice.noticeId)) return;
  pager.notices.push(notice.noticeId);
  if (notice.kind === 'text') {
    const { channel, text } = notice;
    if (isTextChannel(channel)) queueText(pager, channel, text, now, false);
    else queueCall(pager, channel, text, now);
    return;
  }
  if ('schedule' in notice) {
    receiveHandOver(pager, notice, now);
    return;
  }
  const known = itemOf(pager, notice.incident, notice.episode);
  const reached = pager.sent.findLast(
    (sent) => sent.rank < failedRank && sent.pages.some(([key]) => key === known?.key),
  );
  const channel = reached ? channelTraits[reached.channel].notices : notice.channel;
  // Whoever knows nothing of it needs no notice of its end.
  if (channel === undefined || (known && !reached && !known.shown)) return;
  const { key } = known ?? addOverItem(pager, notice, now);
  const { kind, facts, by, why = null } = notice;
  if (urgentKinds.has(kind)) mention(pager, key);
  // The newest says it all: taken, then recovered.
  pager.pendingNotices = pager.pendingNotices.filter((one) => one.key !== key || urgentKinds.has(one.kind));
  pager.pendingNotices.push({ key, channel, kind, facts, by, why, at: now, ...keptOf(notice, now) });
}

/** An item of which the contact has had no page, and will have none. */
function addOverItem(pager: Pager, { incident, episode, facts }: NoticeSignal, now: number): PagedItem {
  const item = addItem(pager, incident, episode, facts);
  settle(item, 'forgotten', null, now);
  return item;
}

/** Notices that may go. The outcome of an answer goes before what follows from the answer, which may arrive earlier. */
function noticesToSend(pager: Pager, now: number): PendingNotice[] {
  if (pager.pendingNotices.length === 0) return [];
  const answered = beingAnswered(pager);
  return pager.pendingNotices.filter((notice) => !answered.has(notice.key) && !isQuiet(notice, now));
}

/** When the notices that wait are sent; null while none waits, or only for an outcome. */
export function noticesDueAt(pager: Pager, now: number): number | null {
  const later = pager.pendingNotices.flatMap((one) => (isQuiet(one, now) ? (one.quietUntil ?? []) : []));
  const times = [awakeDueAt(pager, now), ...later].filter((at) => at !== null);
  return times.length > 0 ? Math.min(...times) : null;
}

/** When those are sent that do not wait for the end of quiet hours. */
function awakeDueAt(pager: Pager, now: number): number | null {
  const notices = noticesToSend(pager, now);
  const [first] = notices;
  const last = notices.at(-1);
  if (!first || !last) return null;
  if (notices.some(({ kind }) => urgentKinds.has(kind))) return now;
  if (openNow(pager, now).length > 0) return first.at + bundleEveryMs;
  // The notice of another that has just ended may be still to come.
  const isStorm =
    notices.length > 1 || pager.items.some(({ key, settled }) => key !== last.key && endedNear(settled, last.at));
  return isStorm ? Math.min(last.at + stormGapMs, first.at + bundleEveryMs) : now;
}

const endedNear = (settled: PagedItem['settled'], at: number): boolean =>
  settled !== null && endsInStorms.has(settled.how) && settled.at > at - stormGapMs;

/** Puts the notices that are due into texts, one for each channel. */
export function queueDueNotices(pager: Pager, now: number): void {
  const at = noticesDueAt(pager, now);
  if (at === null || at > now) return;
  const open = openNow(pager, now).length;
  const waiting = noticesToSend(pager, now);
  const urgent = waiting.filter(({ kind }) => urgentKinds.has(kind));
  const going = urgent.length > 0 && open > 0 ? urgent : waiting;
  pager.pendingNotices = pager.pendingNotices.filter((one) => !going.includes(one));
  for (const channel of textChannels) {
    const notices = going.filter((one) => one.channel === channel);
    if (notices.length > 0) queueText(pager, channel, noticesText(notices, open, now, channel), now, false);
  }
}
