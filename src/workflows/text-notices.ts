/** Notices about no incident: to contacts by their pagers, and tried again until those have them. */
import type { PagingActivities, SignallingResult } from './activity-contract.js';
import type { TextChannel } from './channels.js';
import { minute, second } from './contract.js';
import { type TextNotice } from './pager-contract.js';
import type { ActivityEffect, LogLine } from './machine.js';

/** A notice that the pager of its contact has not taken. */
export interface PendingNotice {
  contact: string;
  notice: TextNotice;
  tries: number;
  notBefore: number;
}

/** Plain data, so that it survives continue-as-new. */
export interface NoticeQueue {
  notices: PendingNotice[];
  /** The activity that signals pagers, and what it takes to them. */
  inFlight: { id: string; notices: PendingNotice[] } | null;
  lastId: number;
  logLines: LogLine[];
}

export type NoticeCall = { activity: 'signalPagers'; input: Parameters<PagingActivities['signalPagers']>[0] };

const batchSize = 20;
const keptNotices = 400;
const pauseMs = { first: 5 * second, last: 5 * minute } as const;

/** What a contact gets, by which channel. */
export type ContactText = { contact: string; channel: TextChannel; text: string };

/** @param noticeId by which a pager knows a copy: another for each entry and what became of it */
export function queueNotices(queue: NoticeQueue, noticeId: string, texts: readonly ContactText[], now: number): void {
  const notices = texts.map(({ contact, channel, text }): PendingNotice => {
    const notice = { noticeId, kind: 'text', text, channel } as const;
    return { contact, notice, tries: 0, notBefore: now };
  });
  const all = [...queue.notices, ...notices];
  queue.notices = all.slice(-keptNotices);
  const dropped = all.length - queue.notices.length;
  if (dropped === 0) return;
  const message = 'Too many notices wait: the oldest were dropped';
  queue.logLines.push({ level: 'warn', message, about: { dropped } });
}

/** In order for each contact: one that waits holds back those that came later. */
function dueNotices({ notices }: NoticeQueue, now: number): PendingNotice[] {
  const waiting = new Set(notices.filter(({ notBefore }) => notBefore > now).map(({ contact }) => contact));
  return notices.filter(({ contact }) => !waiting.has(contact)).slice(0, batchSize);
}

export function beginNotices(queue: NoticeQueue, now: number): ActivityEffect<NoticeCall>[] {
  const due = queue.inFlight === null ? dueNotices(queue, now) : [];
  if (due.length === 0) return [];
  queue.lastId += 1;
  const id = `notices-${queue.lastId}`;
  queue.inFlight = { id, notices: due };
  queue.notices = queue.notices.filter((one) => !due.includes(one));
  const messages = due.map(({ contact, notice }) => ({ contact, signal: 'notice' as const, payload: notice }));
  const summary = `Notices to ${[...new Set(due.map(({ contact }) => contact))].join(', ')}`.slice(0, 200);
  return [{ type: 'activity', id, call: { activity: 'signalPagers', input: { messages, dueAt: null } }, summary }];
}

/** When notices are due again; null while none waits, or while some are on their way. */
export function noticesDueAt({ notices, inFlight }: NoticeQueue): number | null {
  if (inFlight !== null || notices.length === 0) return null;
  const dueAt = new Map<string, number>();
  for (const { contact, notBefore } of notices) dueAt.set(contact, Math.max(dueAt.get(contact) ?? 0, notBefore));
  return Math.min(...dueAt.values());
}

/** What the pagers have not taken is tried again later. */
export function applySignalled(queue: NoticeQueue, id: string, result: SignallingResult | 'failed', now: number): void {
  const { inFlight } = queue;
  if (inFlight?.id !== id) return;
  queue.inFlight = null;
  const unreached = (contact: string): boolean =>
    result === 'failed' || result.unreached.some((one) => one.contact === contact);
  const again = inFlight.notices
    .filter(({ contact }) => unreached(contact))
    .map((one) => ({ ...one, tries: one.tries + 1, notBefore: now + pauseAfter(one.tries) }));
  queue.notices = [...again, ...queue.notices];
  for (const contact of new Set(again.map((one) => one.contact)))
    queue.logLines.push({
      level: 'warn',
      message: 'A pager did not take a notice and gets it again',
      about: { contact },
    });
}

const pauseAfter = (tries: number): number => Math.min(pauseMs.last, pauseMs.first * 2 ** Math.min(tries, 10));
