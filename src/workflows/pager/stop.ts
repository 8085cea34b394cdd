/** STOP: a contact, or Twilio for the contact, ends one channel until START. */
import type { Channel } from '../contract.js';
import { clearAlarm, contactStopped, raiseAlarm } from './alarms.js';
import { failedRank } from '../delivery-status.js';
import { isOpen, unansweredIn } from './items.js';
import type { PageRef } from './message-state.js';
import { logInfo, type Pager } from './state.js';

/** The code of a page that cannot go by a stopped channel. */
const stoppedCode = 'stopped';

export const isStopped = (pager: Pager, channel: Channel): boolean => pager.stopped.includes(channel);

/** Fails one page of a stopped channel, so that its incident takes the next step at once. */
export function failStoppedPage(pager: Pager, channel: Channel, [key, n]: PageRef, now: number): void {
  pager.reports.push({ key, signal: 'failed', n, code: stoppedCode });
  logInfo(pager, 'page failed', { channel, incidents: 1, code: stoppedCode });
  raiseStopped(pager, channel, now);
}

/** Nothing goes by this channel any more. What went by it and is unanswered counts as not delivered. */
export function stopChannel(pager: Pager, channel: Channel, now: number): void {
  if (!isStopped(pager, channel)) pager.stopped.push(channel);
  raiseStopped(pager, channel, now);
  const waiting: PageRef[] = pager.held.filter((page) => page.channel === channel).map(({ key, n }) => [key, n]);
  pager.held = pager.held.filter((page) => page.channel !== channel);
  const sent = pager.sent.filter(
    (one) => one.channel === channel && one.rank < failedRank && unansweredIn(pager, one).length > 0,
  );
  for (const one of sent) one.rank = failedRank;
  const refs = [...waiting, ...sent.flatMap(({ pages }) => pages)];
  for (const ref of refs) if (isOpen(pager.byKey.get(ref[0]))) failStoppedPage(pager, channel, ref, now);
  pager.pendingNotices = pager.pendingNotices.filter((notice) => notice.channel !== channel);
}

export function resumeChannel(pager: Pager, channel: Channel): void {
  pager.stopped = pager.stopped.filter((one) => one !== channel);
  clearAlarm(pager, contactStopped, channel);
}

const raiseStopped = (pager: Pager, channel: Channel, now: number): void =>
  raiseAlarm(pager, contactStopped, channel, 'The contact has ended this channel by STOP and is not paged by it', now);
