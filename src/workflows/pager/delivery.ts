/**
 * What becomes of a message or call that Twilio is asked for: tries, results and receipts. Pure.
 */
import type { SendFailureType, SendInput } from '../activity-contract.js';
import { incidentWorkflowId, pagerId, type ReceiptSignal } from '../contract.js';
import { hour, isOpen, itemsOf, logMessage, type Pager, type Outgoing, type Sent } from './state.js';
import { endedRank, failedRank, queueText } from './outbox.js';
import { channelName } from '../words.js';

const backoffMs = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000] as const;
const stallPauseMs = 1_000;
/** The number has replied STOP (https://www.twilio.com/docs/api/errors/21610). */
const optedOut = '21610';

// Receipts come in any order and more than once: a status never goes back.
// https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
const ranks: Readonly<Record<string, number>> = {
  sending: 0,
  accepted: 1,
  scheduled: 1,
  queued: 2,
  initiated: 3,
  sent: 4,
  ringing: 4,
  'in-progress': 5,
  answered: 5,
  partially_delivered: 5,
  delivered: 6,
  read: 7,
  completed: endedRank,
  busy: failedRank,
  'no-answer': failedRank,
  canceled: failedRank,
  undelivered: failedRank,
  failed: failedRank,
};
const deliveredRank = 6;

const sentOf = (pager: Pager, attempt: string): Sent | undefined => pager.sent.find((sent) => sent.attempt === attempt);

const unqueue = (pager: Pager, attempt: string): void => {
  pager.outbox = pager.outbox.filter((out) => out.attempt !== attempt);
};

/** Notes that a try begins, so that a reply or a receipt that is faster than Twilio's answer finds its message. */
export function beginTry(pager: Pager, out: Outgoing, now: number): void {
  out.tries += 1;
  out.firstTriedAt ??= now;
  reveal(pager, out);
  const again = sentOf(pager, out.attempt);
  if (again) {
    again.status = 'sending';
    return;
  }
  pager.sent.push({
    attempt: out.attempt,
    channel: out.channel,
    pages: out.pages,
    at: now,
    sid: null,
    status: 'sending',
    rank: 0,
    endedByUs: false,
    ...(out.pages.length === 0 && out.channel === 'whatsapp' ? { text: out.text } : {}),
  });
}

/** Milliseconds for which a message waits for others to be heard, and about how many incidents is asked. */
const answerWaitMs = 15_000;
const maxIncidentsChecked = 20;

/** Whom a message waits for; nobody in the first step of an episode, and nobody for longer than a while. */
export function answerSourcesOf(pager: Pager, out: Outgoing, now: number): SendInput['answerSources'] {
  const { others, staleSince = now } = out;
  if (others === undefined || now - staleSince >= answerWaitMs) return undefined;
  const incidents = itemsOf(pager, out.pages).map(({ incident }) => incidentWorkflowId(incident));
  return { pagers: others.map(pagerId), incidents: incidents.slice(0, maxIncidentsChecked) };
}

/** The phone may be faster than Twilio's answer: from the moment of a try the contact may know of what it carries. */
function reveal(pager: Pager, out: Outgoing): void {
  for (const item of itemsOf(pager, out.pages)) {
    if (!item.shown) out.reveals.push(item.k);
    item.shown = true;
  }
}

/** It did not leave after all. */
function conceal(pager: Pager, out: Outgoing): void {
  for (const k of out.reveals.splice(0)) {
    const item = pager.byKey.get(k);
    if (item) item.shown = false;
  }
}

/** Twilio accepted it. */
export function finishTry(pager: Pager, attempt: string, sid: string, now: number): void {
  unqueue(pager, attempt);
  const sent = sentOf(pager, attempt);
  if (!sent || sent.sid !== null) return;
  sent.sid = sid;
  logMessage(pager, 'sent', sent, { sid });
  sent.at = now;
  const lately = sent.channel === 'call' ? pager.recentSends.calls : pager.recentSends.messages;
  lately.push(now);
  while ((lately[0] ?? now) <= now - hour) lately.shift();
  if (sent.rank === 0) Object.assign(sent, { status: 'accepted', rank: 1 });
  for (const [k, n] of sent.pages) pager.reports.push({ k, signal: 'sent', n, at: now });
}

/**
 * A try failed. What concerns the recipient is final; anything else is tried again with growing waits until the page is not
 * worth it any more, and its incidents hear meanwhile why it is held.
 */
export function failTry(
  pager: Pager,
  out: Outgoing,
  failure: { type: SendFailureType; code: string },
  now: number,
  newAttempt: () => string,
): { final: boolean } {
  const sent = sentOf(pager, out.attempt);
  // A receipt was faster and said that it was accepted.
  if (sent && sent.sid !== null) {
    unqueue(pager, out.attempt);
    return { final: true };
  }
  if (failure.type === 'again') {
    rescheduleWithoutSending(pager, out, failure.code, now);
    return { final: false };
  }
  delete out.staleSince;
  out.uncertain ||= failure.type === 'unknown';
  if (!out.uncertain) conceal(pager, out);
  const notBefore = now + (backoffMs[Math.min(out.tries, backoffMs.length) - 1] ?? 60_000);
  const final = failure.type === 'recipient' || notBefore >= out.until;
  if (failure.code === optedOut && !pager.stopped.includes(out.channel)) pager.stopped.push(out.channel);
  if (final) {
    unqueue(pager, out.attempt);
    // Whoever answers one of unknown outcome has read it.
    if (sent) Object.assign(sent, { status: out.uncertain ? 'unknown' : 'failed', rank: failedRank });
    if (sent && failure.type === 'recipient') goBySms(pager, sent, now, newAttempt);
  } else {
    out.notBefore = notBefore;
    if (sent) sent.status = 'waiting';
  }
  if (final) logMessage(pager, 'failed', out, { code: failure.code });
  else logMessage(pager, 'held', out, { code: failure.code, until: new Date(notBefore).toISOString() });
  const why = `${channelName[out.channel]} is not accepted by Twilio (${failure.code}), trying again`;
  for (const [k, n] of out.pages) {
    if (final) pager.reports.push({ k, signal: 'failed', n, code: failure.code });
    else pager.reports.push({ k, signal: 'held', n, until: notBefore, why });
  }
  return { final };
}

/**
 * Nothing was sent, and whether it is still wanted may have changed: it is decided anew. After a standstill what others have
 * answered comes by their pagers and by the incident, and gets a moment for that.
 */
function rescheduleWithoutSending(pager: Pager, out: Outgoing, code: string, now: number): void {
  out.uncertain = false;
  if (code === 'late') {
    out.staleSince ??= now;
    // It was not made, so it counts for no longer waits.
    out.tries = Math.max(1, out.tries - 1);
  }
  conceal(pager, out);
  out.notBefore = code === 'late' ? now + stallPauseMs : now;
  const sent = sentOf(pager, out.attempt);
  if (sent) sent.status = 'waiting';
}

/** Removes a message that was cancelled before Twilio was asked. */
export function abandonTry(pager: Pager, attempt: string): void {
  unqueue(pager, attempt);
  pager.sent = pager.sent.filter((sent) => sent.attempt !== attempt || sent.sid !== null);
}

/** Takes a status callback; a failure ends the pages of that message, unless we ended the call ourselves. */
export function receiveReceipt(pager: Pager, receipt: ReceiptSignal, now: number, newAttempt: () => string): void {
  const sent = sentOf(pager, receipt.attempt);
  if (!sent) return;
  finishTry(pager, receipt.attempt, receipt.sid, now);
  const rank = ranks[receipt.status];
  if (rank === undefined) {
    // Of a status that is not known here only its name is kept.
    if (sent.rank < deliveredRank) sent.status = receipt.status;
    return;
  }
  const failed = rank === failedRank;
  // The first end stands, and so does a delivery: a message that was read did not fail.
  const isOver = sent.rank >= endedRank || (failed && sent.channel !== 'call' && sent.rank >= deliveredRank);
  if (isOver || rank <= sent.rank) return;
  sent.rank = rank;
  sent.status = receipt.status;
  if (receipt.status === 'read') reportRead(pager, sent, now);
  if (!failed || sent.endedByUs) return;
  const code = receipt.errorCode ?? receipt.status;
  if (code === optedOut && !pager.stopped.includes(sent.channel)) pager.stopped.push(sent.channel);
  logMessage(pager, 'failed', sent, { code });
  goBySms(pager, sent, now, newAttempt);
  for (const [k, n] of sent.pages) {
    if (isOpen(pager.byKey.get(k))) pager.reports.push({ k, signal: 'failed', n, code });
  }
}

/** A text that WhatsApp does not take, for instance 24 h after the last reply, is told by SMS. A page has its next step. */
function goBySms(pager: Pager, sent: Sent, now: number, newAttempt: () => string): void {
  if (sent.text !== undefined) queueText(pager, 'sms', sent.text, now, newAttempt(), false);
}

/** That a page was read is worth a line in its incident; that a bundle was is not worth hundreds. */
function reportRead(pager: Pager, sent: Sent, now: number): void {
  const [page] = sent.pages;
  if (page && sent.pages.length === 1) {
    pager.reports.push({ k: page[0], signal: 'sent', n: page[1], at: now, read: true });
  }
}
