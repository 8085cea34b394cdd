/** Keeps the state of a pager bounded. */
import { day } from '../contract.js';
import { forgetCodes } from './code.js';
import { dropItems, unansweredIn } from './items.js';
import type { Sent } from './message-state.js';
import type { Pager } from './state.js';

const keptOver = 300;
const keptTaken = 6_000;
const keptSent = 300;
const keptReplies = 100;
const keptNotices = 300;

/** Drops what no reply can mean any more. */
export function prune(pager: Pager, now: number): void {
  forgetCodes(pager, now);
  // What is acknowledged is still broken: reminders and the notice of its recovery are to come.
  const taken = pager.items.filter((item) => item.settled?.how === 'acknowledged');
  const over = pager.items.filter((item) => item.settled !== null && item.settled.how !== 'acknowledged');
  const kept = new Set(over.filter((item) => now - (item.settled?.at ?? 0) < day).slice(-keptOver));
  const gone = [...over.filter((item) => !kept.has(item)), ...taken.slice(0, Math.max(0, taken.length - keptTaken))];
  if (gone.length > 0) dropItems(pager, new Set(gone));
  const excess = pager.sent.length - keptSent;
  if (excess > 0) {
    let dropped = 0;
    const trying = new Set(pager.outbox.map(({ attempt }) => attempt));
    const isLive = (sent: Sent): boolean => trying.has(sent.attempt) || unansweredIn(pager, sent).length > 0;
    // Messages with open items go last, but they go: an item that is open for days was paged many times.
    pager.sent = pager.sent.filter((sent) => isLive(sent) || ++dropped > excess).slice(-2 * keptSent);
  }
  pager.replies = pager.replies.slice(-keptReplies);
  pager.notices = pager.notices.slice(-keptNotices);
  pager.deferred = pager.deferred.slice(-keptReplies);
}
