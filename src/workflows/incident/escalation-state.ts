/** What an incident remembers of its escalation: the pages, the present step, and who is on call by the schedules that steps named. */
import type { Duty } from '../activity-contract.js';
import type { Channel } from '../contract.js';

/** One page of the present episode, as its pager reported on it. */
export interface Page {
  n: number;
  contact: string;
  channel: Channel;
  /** The number of its step, from 1; absent for the last page of an escalation. */
  step?: number;
  requestedAt: number;
  status: 'requested' | 'held' | 'sent' | 'failed';
  sentAt?: number;
  readAt?: number;
  heldUntil?: number;
  /** The quiet hours of the contact end then: it is not sent before. */
  quietUntil?: number;
  /** Why it is held, or the code it failed with. */
  why?: string;
  /** Why it was withdrawn, a sentence. */
  withdrawnFor?: string;
  /** It failed, and nothing is known against the recipient: an outage, or it was not sent within its step. */
  outage?: true;
}

/** How far the escalation has come in its policy. */
export interface Escalation {
  startedAt: number;
  /** The first step waits until then: the backoff after an escalation in which an outage let no page through. */
  notBefore: number;
  round: number;
  /** Index into the policy's steps; -1 before the first. */
  step: number;
  /** Numbers of the pages of the present step. */
  pages: number[];
  /** What the present step names besides contacts, until it is known who that is. `id`: of the activity that finds it, null before. */
  unresolved?: { references: string[]; id: string | null };
  /** Covers the incident before its first step, and when to look whether it lasts. `findingId`: of the activity that looks, null before. */
  silence?: { id: string; until: number; checkAt: number; findingId: string | null };
  steppedAt: number;
  /** When the present step was due; null for the first, and for one that follows a failure at once. */
  dueAt: number | null;
  /** The first page of this escalation. */
  firstPage: number;
  /** Whether Twilio accepted any page of this escalation. */
  accepted: boolean;
  /** How many escalations in a row ended in an outage, without an accepted page. */
  restarts: number;
}

/** The next request for the policy of the present episode. `turn` counts the requests from 0, `id` is of the activity that runs, null before. */
export interface Routing {
  turn: number;
  at: number;
  id: string | null;
  /** When the failure arrived. */
  receivedAt: number;
}

/** Who is on call by the schedules that steps of the present episode have named. */
export interface Duties {
  schedules: string[];
  /** As far as it is known. */
  bySchedule: Record<string, Duty>;
  /** When to look again; null while nothing is to be looked at, or a look is under way. */
  lookAt: number | null;
  /** Of the activity that looks. */
  lookId: string | null;
}

export const newEscalation = (now: number, firstPage: number): Escalation => ({
  startedAt: now,
  notBefore: now,
  round: 0,
  step: -1,
  pages: [],
  steppedAt: now,
  dueAt: null,
  firstPage,
  accepted: false,
  restarts: 0,
});

export const noDuties = (): Duties => ({ schedules: [], bySchedule: {}, lookAt: null, lookId: null });
