/** The delivery of a message or call: tries, results and delivery receipts. */
import { channelName, channelTraits } from '../channels.js';
import { incidentWorkflowId, minute, second } from '../contract.js';
import { pagerId, type ReceiptSignal } from '../pager-contract.js';
import type { AnswerSources, MessageBody, SendFailureType } from '../send-contract.js';
import { deliveredRank, endedRank, failedRank, statusRanks } from '../delivery-status.js';
import { isOpen, itemsOf } from './items.js';
import { countSend } from './limits.js';
import { queueText, requeueRest } from './outbox.js';
import { reportHeldPages } from './reports.js';
import { stopChannel } from './stop.js';
import type { Outgoing, Sent } from './message-state.js';
import { logMessage, type Pager } from './state.js';

/** Pauses between two tries of one message; the last one repeats. */
const backoffMs = [2 * second, 4 * second, 8 * second, 15 * second, 30 * second, minute] as const;
/** After a stall answers are on their way from other pagers and incidents, and get a moment to arrive. */
const stallPauseMs = second;
/** The number has replied STOP (https://www.twilio.com/docs/api/errors/21610). */
const optedOut = '21610';

const sentOf = (pager: Pager, attempt: string): Sent | undefined => pager.sent.find((sent) => sent.attempt === attempt);

const unqueue = (pager: Pager, attempt: string): void => {
  pager.outbox = pager.outbox.filter((out) => out.attempt !== attempt);
};

/** Notes that a try begins, so that a reply or a delivery receipt that comes before Twilio's answer finds its message. */
export function beginTry(pager: Pager, out: Outgoing, now: number): void {
  pager.sending.push(out);
  out.tries += 1;
  out.firstTriedAt ??= now;
  reveal(pager, out);
  const again = sentOf(pager, out.attempt);
  if (again) {
    again.status = 'sending';
    again.pages = out.pages;
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
    ...(out.pages.length === 0 && channelTraits[out.channel].fallback !== null ? { text: out.text } : {}),
  });
}

/** How long a message waits for answers that may be on their way: one that does not arrive must not stop the page. */
const answerWaitMs = 15 * second;

/** The workflow ids of the incidents whose pages it carries. */
export const incidentsOf = (pager: Pager, { pages }: Outgoing): string[] =>
  itemsOf(pager, pages).map(({ incident }) => incidentWorkflowId(incident));

/** Where a try has to look for answers to what it carries, for a bounded time. */
export function answerSourcesOf(pager: Pager, out: Outgoing, now: number): AnswerSources | undefined {
  const { others, isPrompt, tries, staleSince = now } = out;
  if (out.pages.length === 0 || now - staleSince >= answerWaitMs) return undefined;
  const incidents = incidentsOf(pager, out);
  const onlyWhenStale = others.length === 0 || (isPrompt && tries <= 1);
  return { pagers: others.map(pagerId), incidents, ...(onlyWhenStale ? { onlyWhenStale } : {}) };
}

/** The phone may be faster than Twilio's answer: from the moment of a try the contact may know of what it carries. */
function reveal(pager: Pager, out: Outgoing): void {
  for (const item of itemsOf(pager, out.pages)) {
    if (!item.shown) out.reveals.push(item.key);
    item.shown = true;
  }
}

/** It did not leave after all. */
function conceal(pager: Pager, out: Outgoing): void {
  for (const key of out.reveals.splice(0)) {
    const item = pager.byKey.get(key);
    if (item) item.shown = false;
  }
}

/** Twilio accepted it. */
export function finishTry(pager: Pager, attempt: string, sid: string, now: number): void {
  const out = pager.outbox.find((one) => one.attempt === attempt);
  unqueue(pager, attempt);
  const sent = sentOf(pager, attempt);
  if (!sent || sent.sid !== null) return;
  sent.sid = sid;
  logMessage(pager, 'sent', sent, { sid });
  sent.at = now;
  countSend(pager, sent, out, now);
  if (sent.rank === 0) Object.assign(sent, { status: 'accepted', rank: 1 });
  for (const [key, n] of sent.pages) pager.reports.push({ key, signal: 'sent', n, at: now });
}

/**
 * A try failed. A failure of the recipient is final; after any other the pager tries again with growing pauses for as long as the page
 * is worth it, and reports meanwhile why it is held.
 */
export function failTry(
  pager: Pager,
  out: Outgoing,
  failure: { type: SendFailureType; code: string },
  now: number,
): { final: boolean } {
  const sent = sentOf(pager, out.attempt);
  // A delivery receipt came first: it was accepted.
  if (sent && sent.sid !== null) {
    unqueue(pager, out.attempt);
    return { final: true };
  }
  if (failure.type === 'rescheduled') {
    rescheduleWithoutSending(pager, out, failure.code, now);
    return { final: false };
  }
  delete out.staleSince;
  if (failure.type === 'unknown') {
    out.uncertain = true;
    const body = bodyOf(out);
    if (!out.tried.some(({ text }) => text === body.text)) out.tried.push(body);
  }
  if (!out.uncertain) conceal(pager, out);
  const notBefore = now + (backoffMs[Math.min(out.tries, backoffMs.length) - 1] ?? minute);
  const final = failure.type === 'recipient' || notBefore >= out.until;
  if (final) {
    unqueue(pager, out.attempt);
    // A reply may still come to one of unknown outcome.
    if (sent) Object.assign(sent, { status: out.uncertain ? 'unknown' : 'failed', rank: failedRank });
    if (sent && failure.type === 'recipient') sendByFallback(pager, sent, now);
    requeueRest(pager, out, now);
    if (failure.code === optedOut) stopChannel(pager, out.channel, now);
  } else {
    out.notBefore = notBefore;
    if (sent) sent.status = 'waiting';
  }
  if (final) logMessage(pager, 'failed', out, { code: failure.code });
  else logMessage(pager, 'held', out, { code: failure.code, until: new Date(notBefore).toISOString() });
  const outage = failure.type === 'recipient' ? {} : { outage: true as const };
  const why = `${channelName(out.channel)} is not accepted by Twilio (${failure.code}), trying again`;
  if (!final) reportHeldPages(pager, out.pages, { until: notBefore, why });
  else
    for (const [key, n] of out.pages) pager.reports.push({ key, signal: 'failed', n, code: failure.code, ...outage });
  return { final };
}

/** Nothing was sent. The pager decides anew whether it is still wanted. */
function rescheduleWithoutSending(pager: Pager, out: Outgoing, code: string, now: number): void {
  out.uncertain = false;
  if (code === 'stale-attempt') {
    out.staleSince ??= now;
    // No request was made, so the pauses do not grow.
    out.tries = Math.max(1, out.tries - 1);
  }
  conceal(pager, out);
  out.notBefore = code === 'stale-attempt' ? now + stallPauseMs : now;
  const sent = sentOf(pager, out.attempt);
  if (sent) sent.status = 'waiting';
}

/** What the next try of a message says. */
export const bodyOf = ({ text, variables, link }: Outgoing): MessageBody => ({
  text,
  ...(variables ? { variables } : {}),
  ...(link ? { link } : {}),
});

/** Removes a message that was cancelled before the request to Twilio. */
export function abandonTry(pager: Pager, out: Outgoing, now: number): void {
  unqueue(pager, out.attempt);
  pager.sent = pager.sent.filter((sent) => sent.attempt !== out.attempt || sent.sid !== null);
  requeueRest(pager, out, now);
}

/** Takes a status callback; a failure ends the pages of that message, unless we ended the call ourselves. */
export function receiveReceipt(pager: Pager, receipt: ReceiptSignal, now: number): void {
  const sent = sentOf(pager, receipt.attempt);
  if (!sent) return;
  finishTry(pager, receipt.attempt, receipt.sid, now);
  const rank = statusRanks[receipt.status];
  if (rank === undefined) {
    // The rank of this status is not known, so only its name is kept.
    if (sent.rank < deliveredRank) sent.status = receipt.status;
    return;
  }
  const failed = rank === failedRank;
  // The first end stands, and so does a delivery: a message that was read did not fail.
  const isOver =
    sent.rank >= endedRank || (failed && !channelTraits[sent.channel].isCall && sent.rank >= deliveredRank);
  if (isOver || rank <= sent.rank) return;
  sent.rank = rank;
  sent.status = receipt.status;
  if (receipt.status === 'read') reportRead(pager, sent, now);
  if (!failed || sent.endedByUs) return;
  const code = receipt.errorCode ?? receipt.status;
  if (code === optedOut) stopChannel(pager, sent.channel, now);
  logMessage(pager, 'failed', sent, { code });
  sendByFallback(pager, sent, now);
  for (const [key, n] of sent.pages) {
    if (isOpen(pager.byKey.get(key))) pager.reports.push({ key, signal: 'failed', n, code });
  }
}

/** A text that a channel does not deliver, for instance WhatsApp 24 h after the last reply, goes by another. A page has its next step. */
function sendByFallback(pager: Pager, sent: Sent, now: number): void {
  const { fallback } = channelTraits[sent.channel];
  if (sent.text !== undefined && fallback !== null) queueText(pager, fallback, sent.text, now, false);
}

/** One page that was read is an entry in its incident's timeline; a bundle would be hundreds. */
function reportRead(pager: Pager, sent: Sent, now: number): void {
  const [page] = sent.pages;
  if (page && sent.pages.length === 1) {
    pager.reports.push({ key: page[0], signal: 'sent', n: page[1], at: now, read: true });
  }
}
