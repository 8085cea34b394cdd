/**
 * The books, kept outside the product: what our doors answered and what arrived, by one clock. A name stands for an incident.
 */
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

/** An answer that our doors took: 200, and no "Not recorded"; or one that the person was confirmed. */
export interface Claim {
  at: number;
  how: Plan['how'];
}

export interface Case {
  name: string;
  id: string;
  luid: string;
  lane: Lane;
  plan: Plan;
  /** The first 200 for its failure, and for its recovery; null: there was none. */
  acceptedAt: number | null;
  recoveredAt: number | null;
  pages: Arrival[];
  claims: Claim[];
  /** Answers that were tried, taken or not: what they ask for may have become true. */
  tried: Plan['how'][];
  /** What a person was told of it that is no page. */
  told: { at: number; body: string }[];
  /** As `GET /incidents/<id>` says when all is settled, and what it may be then. */
  state: string | null;
  allowed: readonly string[];
  timeline: { at: string; type: string; text: string }[];
  loud: boolean;
  /** What happened, for whoever has to understand it. */
  story: string[];
}

/** Item names: no two are alike, and none is within another. */
export const nameOf = (n: number): string => `Orders-${String(n).padStart(4, '0')}`;
const anyName = /Orders-\d{4}/g;
const pageLine = /\[(\d+)\] (?:[^[\]\n]*? failed: )?(Orders-\d{4})/g;

export interface Ledger {
  cases: Map<string, Case>;
  open: (given: Pick<Case, 'name' | 'id' | 'luid' | 'lane' | 'plan'>) => Case;
  message: (message: PhoneMessage, phone: string) => Case[];
  call: (call: { sid: string; at: number }, phone: string, twiml: string) => Case[];
  claim: (subject: Case, claim: Claim) => void;
  /** A receipt names the try that its message or call was made by. */
  receipt: (sid: string, attempt: string) => void;
  attemptOf: (sid: string) => string | null;
  /** Every message and call that Twilio made for us. */
  posts: Map<string, RecordedRequest>;
  note: (subject: Case, text: string) => void;
}

export function createLedger(): Ledger {
  const cases = new Map<string, Case>();
  const attempts = new Map<string, string>();
  const began = Date.now();

  const note = (subject: Case, text: string): void => {
    subject.story.push(`${((Date.now() - began) / 1_000).toFixed(2)} s  ${text}`);
  };
  const arrive = (name: string, arrival: Arrival): Case[] => {
    const subject = cases.get(name);
    if (!subject) return [];
    subject.pages.push(arrival);
    note(subject, `page by ${arrival.channel} to ${arrival.phone} (${arrival.sid.slice(-6)})`);
    return [subject];
  };

  return {
    cases,
    posts: new Map(),
    note,
    open(given) {
      const fresh = { acceptedAt: null, recoveredAt: null, state: null, loud: false };
      const subject: Case = {
        ...given,
        ...fresh,
        pages: [],
        claims: [],
        tried: [],
        told: [],
        allowed: [],
        timeline: [],
        story: [],
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
        subject.told.push({ at, body });
        note(subject, `told: ${body.replaceAll('\n', ' / ')}`);
      }
      return paged.flatMap(({ name, number }) => arrive(name, { at, sid, channel, phone, number }));
    },
    call({ sid, at }, phone, twiml) {
      const names = new Set([...twiml.matchAll(anyName)].map(([name]) => name));
      return [...names].flatMap((name) => arrive(name, { at, sid, channel: 'call', phone, number: null }));
    },
    claim(subject, claim) {
      subject.claims.push(claim);
      note(subject, `answered: ${claim.how}`);
    },
    receipt: (sid, attempt) => void attempts.set(sid, attempt),
    attemptOf: (sid) => attempts.get(sid) ?? null,
  };
}
