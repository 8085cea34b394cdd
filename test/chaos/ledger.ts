/** The ledger, kept outside the product by one clock: what our endpoints answered and what arrived, by item name. */
import type { RecordedRequest } from '../../sandbox/intake.js';
import type { PhoneMessage } from '../../sandbox/phones.js';
import type { Lane } from './lanes.js';
import type { Plan } from './plans.js';

export type Channel = 'whatsapp' | 'sms' | 'call';

/** A page that reached a phone. */
export interface Arrival {
  at: number;
  sid: string;
  channel: Channel;
  phone: string;
  /** The reply number; null in a call. */
  number: number | null;
}

/** An answer that our endpoints accepted (200 without "Not recorded"), or that a confirmation reported. */
export interface AcceptedAnswer {
  at: number;
  how: Plan['how'];
}

export interface Case {
  name: string;
  id: string;
  luid: string;
  lane: Lane;
  plan: Plan;
  /** When its failure, and its recovery, were first answered 200. */
  acceptedAt: number | null;
  recoveredAt: number | null;
  pages: Arrival[];
  answers: AcceptedAnswer[];
  /** Answers that were sent, accepted or not: any of them may have taken effect. */
  attempted: Plan['how'][];
  /** Messages about it that are no pages. */
  notices: { at: number; body: string }[];
  /** The final state from `GET /incidents/<id>`, and the states that it may be. */
  state: string | null;
  allowed: readonly string[];
  timeline: { at: string; type: string; text: string }[];
  /** Whether `GET /` showed the alarm. */
  alarmShown: boolean;
  /** What happened, for the report. */
  log: string[];
}

/** Item names: unique, and none is part of another. */
export const nameOf = (n: number): string => `Orders-${String(n).padStart(4, '0')}`;
const anyName = /Orders-\d{4}/g;
const pageLine = /\[(\d+)\] (?:[^[\]\n]*? failed: )?"?(Orders-\d{4})/g;

export interface Ledger {
  cases: Map<string, Case>;
  open: (given: Pick<Case, 'name' | 'id' | 'luid' | 'lane' | 'plan'>) => Case;
  message: (message: PhoneMessage, phone: string) => Case[];
  call: (call: { sid: string; at: number }, phone: string, twiml: string) => Case[];
  answer: (subject: Case, answer: AcceptedAnswer) => void;
  /** A receipt names the attempt of its message or call. */
  receipt: (sid: string, attempt: string) => void;
  attemptOf: (sid: string) => string | null;
  /** Every message and call that Twilio created, by SID. */
  posts: Map<string, RecordedRequest>;
  log: (subject: Case, text: string) => void;
}

export function createLedger(): Ledger {
  const cases = new Map<string, Case>();
  const attempts = new Map<string, string>();
  const began = Date.now();

  const log = (subject: Case, text: string): void => {
    subject.log.push(`${((Date.now() - began) / 1_000).toFixed(2)} s  ${text}`);
  };
  const arrive = (name: string, arrival: Arrival): Case[] => {
    const subject = cases.get(name);
    if (!subject) return [];
    subject.pages.push(arrival);
    log(subject, `page by ${arrival.channel} to ${arrival.phone} (${arrival.sid.slice(-6)})`);
    return [subject];
  };

  return {
    cases,
    posts: new Map(),
    log,
    open(given) {
      const initial = { acceptedAt: null, recoveredAt: null, state: null, alarmShown: false };
      const subject: Case = {
        ...given,
        ...initial,
        pages: [],
        answers: [],
        attempted: [],
        notices: [],
        allowed: [],
        timeline: [],
        log: [],
      };
      cases.set(given.name, subject);
      return subject;
    },
    message({ sid, channel, body, at }, phone) {
      const paged = [...body.matchAll(pageLine)].map(([, number, name = '']) => ({ number: Number(number), name }));
      const names = new Set(paged.map(({ name }) => name));
      for (const [name] of body.matchAll(anyName)) {
        const subject = names.has(name) ? undefined : cases.get(name);
        if (!subject) continue;
        subject.notices.push({ at, body });
        log(subject, `notice: ${body.replaceAll('\n', ' / ')}`);
      }
      return paged.flatMap(({ name, number }) => arrive(name, { at, sid, channel, phone, number }));
    },
    call({ sid, at }, phone, twiml) {
      const names = new Set([...twiml.matchAll(anyName)].map(([name]) => name));
      return [...names].flatMap((name) => arrive(name, { at, sid, channel: 'call', phone, number: null }));
    },
    answer(subject, answer) {
      subject.answers.push(answer);
      log(subject, `answered: ${answer.how}`);
    },
    receipt: (sid, attempt) => void attempts.set(sid, attempt),
    attemptOf: (sid) => attempts.get(sid) ?? null,
  };
}
