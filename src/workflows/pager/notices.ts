/**
 * Notices: what asks for nothing. They go at once when nothing else is open for the contact, else together now and then. Pure.
 */
import type { NoticeSignal } from '../contract.js';
import { isOpen, itemOf, type Mailbox, type PagedItem } from './state.js';
import { failedRank, queueText } from './outbox.js';
import { newsText } from './reply-texts.js';

const bundleEvery = 15 * 60_000;
/** A storm ends item by item: what comes within as long after another end goes with it. */
const settleTime = 2_000;
const urgentKinds = new Set<NoticeSignal['kind']>(['not-rerun', 'reminder']);

/** Takes a notice for the channel by which the contact was reached; one who never was is told nothing. */
export function receiveNotice(box: Mailbox, notice: NoticeSignal, now: number): void {
  if (box.notices.includes(notice.noticeId)) return;
  box.notices.push(notice.noticeId);
  const item = itemOf(box, notice.incident, notice.episode);
  const reached = box.sent.findLast((sent) => sent.rank < failedRank && sent.pages.some(([k]) => k === item?.k));
  if (!item || !reached) return;
  const { k } = item;
  const { kind, facts, by, why = null } = notice;
  // What is newer says it all: taken, then recovered.
  box.news = box.news.filter((one) => one.k !== k || urgentKinds.has(one.kind));
  // A notice is never a call.
  const channel = reached.channel === 'call' ? 'sms' : reached.channel;
  box.news.push({ k, channel, kind, facts, by, why, at: now });
}

/** When the notices that wait are sent; null while none waits. */
export function newsAt(box: Mailbox, now: number): number | null {
  const [first] = box.news;
  const last = box.news.at(-1);
  if (!first || !last) return null;
  if (box.news.some(({ kind }) => urgentKinds.has(kind))) return now;
  if (box.items.some(isOpen)) return first.at + bundleEvery;
  // The notice of another that has just ended may be still to come.
  const isStorm =
    box.news.length > 1 || box.items.some(({ k, settled }) => k !== last.k && endedNear(settled, last.at));
  return isStorm ? Math.min(last.at + settleTime, first.at + bundleEvery) : now;
}

const endedNear = (settled: PagedItem['settled'], at: number): boolean =>
  settled?.how === 'recovered' && settled.at > at - settleTime;

/** Puts the notices that are due into texts, one for each channel. */
export function sendNews(box: Mailbox, now: number, newAttempt: () => string): void {
  const at = newsAt(box, now);
  if (at === null || at > now) return;
  const open = box.items.filter(isOpen).length;
  const urgent = box.news.filter(({ kind }) => urgentKinds.has(kind));
  const going = urgent.length > 0 && open > 0 ? urgent : box.news;
  box.news = box.news.filter((one) => !going.includes(one));
  for (const channel of ['whatsapp', 'sms'] as const) {
    const news = going.filter((one) => one.channel === channel);
    if (news.length > 0) queueText(box, channel, newsText(news, open, now, channel), now, newAttempt(), false);
  }
}
