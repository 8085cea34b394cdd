/**
 * What a contact gets and when: pages and notices in, what is due out, results and receipts back. Pure.
 */
import type {
  Channel,
  Facts,
  NoticeSignal,
  PageSignal,
  ReceiptSignal,
  SendFailureType,
  WithdrawSignal,
} from './contract.js';
import { itemOf, nextNumber, type Mailbox, type Outgoing, type PagedItem, type Sent } from './mailbox.js';
import { channelName, noticeText, pageText, pageVariables, spokenPage } from './texts.js';

const noticeLife = 60 * 60_000;
/** The number has replied STOP (https://www.twilio.com/docs/api/errors/21610). */
const optedOut = '21610';
const backoff = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000] as const;

/** Splits `<episode>.<n>`. */
function readPageId(pageId: string): { episode: string; n: number } {
  const dot = pageId.lastIndexOf('.');
  return { episode: pageId.slice(0, dot), n: Number(pageId.slice(dot + 1)) };
}

export function receivePage(box: Mailbox, page: PageSignal, now: number, attempt: string): void {
  const { episode, n } = readPageId(page.pageId);
  const item = itemOf(box, page.incident, episode) ?? addItem(box, page.incident, episode, now, page.facts);
  // A copy, or a page that its withdrawal overtook.
  if (n <= item.lastPage || n <= item.upTo) return;
  item.lastPage = n;
  item.facts = page.facts;
  item.settled = null;
  if (box.stopped.includes(page.channel)) {
    box.tells.push({ incident: page.incident, signal: 'failed', payload: { pageId: page.pageId, code: 'stopped' } });
    return;
  }
  box.queue.push({
    ...newOutgoing('page', page.channel, now, page.wait, attempt),
    page: { incident: page.incident, episode, pageId: page.pageId },
  });
}

function addItem(box: Mailbox, incident: string, episode: string, now: number, facts: Facts): PagedItem {
  const number = nextNumber(box, now);
  const item = { incident, episode, facts, number, numberedAt: now, lastPage: 0, upTo: 0, settled: null };
  box.lastNumber = number;
  box.items.push(item);
  return item;
}

const newOutgoing = (
  kind: Outgoing['kind'],
  channel: Channel,
  now: number,
  life: number,
  attempt: string,
): Outgoing => ({
  attempt,
  kind,
  channel,
  page: null,
  text: null,
  variables: null,
  notBefore: now,
  until: now + life,
  tries: 0,
  firstTriedAt: null,
  uncertain: false,
});

export function receiveWithdrawal(box: Mailbox, withdrawal: WithdrawSignal, now: number): void {
  const item = itemOf(box, withdrawal.incident, withdrawal.episode);
  if (!item) {
    // The page may still come: it must not be sent then. Its facts are not needed.
    const facts: Facts = { kind: 'item', name: '', event: '', failures: 0, since: now };
    const late = addItem(box, withdrawal.incident, withdrawal.episode, now, facts);
    late.upTo = withdrawal.upTo;
    late.settled = { how: 'cancelled', by: null, at: now };
    return;
  }
  item.upTo = Math.max(item.upTo, withdrawal.upTo);
  if (withdrawal.settled && item.lastPage <= item.upTo) item.settled = { ...withdrawal.settled, at: now };
}

/** Queues a notice on the channel by which the contact was reached; one who never was is told nothing. */
export function receiveNotice(box: Mailbox, notice: NoticeSignal, now: number, attempt: string): void {
  if (box.notices.includes(notice.noticeId)) return;
  box.notices.push(notice.noticeId);
  const reached = box.sent.findLast(
    (sent) => !isFailure(sent) && sent.pages.some((page) => isOf(page, notice.incident, notice.episode)),
  );
  if (!reached) return;
  // A notice is never a call.
  const channel = reached.channel === 'call' ? 'sms' : reached.channel;
  queueText(box, channel, noticeText(notice, now), now, attempt);
}

const isOf = (page: { incident: string; episode: string }, incident: string, episode: string): boolean =>
  page.incident === incident && page.episode === episode;

/** Queues a text that asks for nothing. On a channel that was stopped nothing is sent. */
export function queueText(box: Mailbox, channel: Channel, text: string, now: number, attempt: string): void {
  if (box.stopped.includes(channel)) return;
  box.queue.push({ ...newOutgoing('notice', channel, now, noticeLife, attempt), text });
}

/** Whether a page that waits, or is being sent, is still wanted. */
export function isWanted(box: Mailbox, out: Outgoing): boolean {
  if (out.kind === 'notice' || out.page === null) return true;
  const item = itemOf(box, out.page.incident, out.page.episode);
  return item !== undefined && item.settled === null && readPageId(out.page.pageId).n > item.upTo;
}

/** Drops pages that are not wanted any more; those in `inFlight` are left to whoever sends them. */
export function dropUnwanted(box: Mailbox, inFlight: ReadonlySet<string>): void {
  box.queue = box.queue.filter((out) => inFlight.has(out.attempt) || isWanted(box, out));
}

/** What to send next on a channel, and when; null while nothing waits. Answers to the person go before pages. */
export function nextDue(box: Mailbox, channel: Channel): Outgoing | null {
  const waiting = box.queue.filter((out) => out.channel === channel);
  const first = waiting.reduce<Outgoing | null>((best, out) => {
    if (best === null || out.notBefore < best.notBefore) return out;
    return out.notBefore === best.notBefore && out.kind === 'notice' && best.kind === 'page' ? out : best;
  }, null);
  return first;
}

/** Notes that a try begins, so that a reply or a receipt that is faster than Twilio's answer finds its message. */
export function beginTry(box: Mailbox, out: Outgoing, now: number): void {
  out.tries += 1;
  out.firstTriedAt ??= now;
  write(box, out, now);
  const known = box.sent.find((sent) => sent.attempt === out.attempt);
  if (known) return;
  box.sent.push({
    attempt: out.attempt,
    channel: out.channel,
    kind: out.kind,
    pages: out.page ? [out.page] : [],
    sentAt: now,
    sid: null,
    status: 'sending',
    endedByUs: false,
  });
}

function write(box: Mailbox, out: Outgoing, now: number): void {
  const item = out.page ? itemOf(box, out.page.incident, out.page.episode) : undefined;
  if (out.text !== null || !item) return;
  const { facts, number } = item;
  out.text = out.channel === 'call' ? spokenPage(facts, now) : pageText(facts, number, now, out.channel);
  if (out.channel === 'whatsapp') out.variables = pageVariables(item.facts, item.number, now);
}

const sentOf = (box: Mailbox, attempt: string): Sent | undefined => box.sent.find((sent) => sent.attempt === attempt);

const unqueue = (box: Mailbox, attempt: string): void => {
  box.queue = box.queue.filter((out) => out.attempt !== attempt);
};

/** Twilio accepted it. */
export function finishTry(box: Mailbox, attempt: string, sid: string, now: number): void {
  unqueue(box, attempt);
  const sent = sentOf(box, attempt);
  if (!sent || sent.sid !== null) return;
  sent.sid = sid;
  sent.sentAt = now;
  if (sent.status === 'sending') sent.status = 'accepted';
  for (const { incident, pageId } of sent.pages) {
    box.tells.push({ incident, signal: 'sent', payload: { pageId, at: now } });
  }
}

/**
 * A try failed. What concerns the recipient is final; anything else is tried again with growing waits until the page is not
 * worth it any more, and its incident hears meanwhile why it is held.
 */
export function failTry(
  box: Mailbox,
  out: Outgoing,
  failure: { type: SendFailureType; code: string },
  now: number,
): { final: boolean } {
  const sent = sentOf(box, out.attempt);
  // A receipt was faster and said that it was accepted.
  if (sent && sent.sid !== null) {
    unqueue(box, out.attempt);
    return { final: true };
  }
  out.uncertain ||= failure.type === 'unknown';
  const notBefore = now + (backoff[Math.min(out.tries, backoff.length) - 1] ?? 60_000);
  const final = failure.type === 'recipient' || notBefore >= out.until;
  if (failure.code === optedOut && !box.stopped.includes(out.channel)) box.stopped.push(out.channel);
  if (final) {
    unqueue(box, out.attempt);
    if (sent) sent.status = 'failed';
  } else {
    out.notBefore = notBefore;
  }
  if (out.page) {
    const { incident, pageId } = out.page;
    if (final) box.tells.push({ incident, signal: 'failed', payload: { pageId, code: failure.code } });
    else box.tells.push({ incident, signal: 'held', payload: heldBecause(out, pageId, failure.code) });
  }
  return { final };
}

const heldBecause = (out: Outgoing, pageId: string, code: string) => ({
  pageId,
  until: out.notBefore,
  why: `${channelName[out.channel]} is not accepted by Twilio (${code}), trying again`,
});

/** Removes a page that was cancelled before Twilio was asked. */
export function abandonTry(box: Mailbox, attempt: string): void {
  unqueue(box, attempt);
  box.sent = box.sent.filter((sent) => sent.attempt !== attempt || sent.sid !== null);
}

// Receipts come in any order and more than once: a status never goes back.
// https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
const ranks: Record<string, number> = {
  sending: 0,
  accepted: 1,
  scheduled: 1,
  queued: 2,
  initiated: 3,
  sent: 4,
  ringing: 4,
  'in-progress': 5,
  answered: 5,
  delivered: 6,
  read: 7,
  completed: 8,
  busy: 8,
  'no-answer': 8,
  canceled: 8,
  undelivered: 8,
  failed: 8,
};
const failures = new Set(['failed', 'undelivered', 'busy', 'no-answer', 'canceled']);

const isFailure = (sent: Sent): boolean => failures.has(sent.status);

/** Whether a call has not ended, as far as is known. */
export const isLiveCall = (sent: Sent): boolean =>
  sent.channel === 'call' && sent.sid !== null && (ranks[sent.status] ?? 0) < 8;

/** Takes a status callback; a failure ends the pages of that message, unless we ended the call ourselves. */
export function receiveReceipt(box: Mailbox, receipt: ReceiptSignal, now: number): void {
  const sent = sentOf(box, receipt.attempt);
  if (!sent) return;
  finishTry(box, receipt.attempt, receipt.sid, now);
  const before = ranks[sent.status] ?? 0;
  const rank = ranks[receipt.status] ?? before;
  // The first final status stands, and so does a delivery: a message that was read did not fail.
  if (rank <= before || (before >= 6 && rank === 8 && sent.channel !== 'call')) return;
  sent.status = receipt.status;
  if (!isFailure(sent) || sent.endedByUs) return;
  const code = receipt.errorCode ?? receipt.status;
  for (const { incident, episode, pageId } of sent.pages) {
    const item = itemOf(box, incident, episode);
    if (item?.settled === null) box.tells.push({ incident, signal: 'failed', payload: { pageId, code } });
  }
}

/** Calls that ring or run although everything that they carry is settled, but for one in which the person just answered. */
export function callsToEnd(box: Mailbox): Sent[] {
  const answeredIn = new Set(box.replies.map(({ attempt }) => attempt));
  return box.sent.filter(
    (sent) =>
      isLiveCall(sent) &&
      !sent.endedByUs &&
      !answeredIn.has(sent.attempt) &&
      sent.pages.every((page) => itemOf(box, page.incident, page.episode)?.settled !== null),
  );
}
