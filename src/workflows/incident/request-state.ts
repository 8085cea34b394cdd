/** What an incident remembers of what it has requested: of Tableau, of the pagers, and of the activities that run. */
import type { LookUpPart, PagerMessage } from '../activity-contract.js';

/** A refresh that is run again, for the policy or for a person. */
export interface Rerun {
  /** Unique within the incident. */
  id: string;
  /** Null: the policy asks for it before anybody is paged. */
  by: string | null;
  /** The pager of the person who asked. */
  contact: string | null;
  /** Counts from 1. */
  attempt: number;
  phase: 'wanted' | 'requesting' | 'following';
  /** Null while it is not known, and when the refresh was queued already. */
  job: string | null;
  requestedAt: number;
  /** The newest failure when it was asked for. */
  failedAt: number;
  /** The longest time to a result. */
  until: number;
  checks: number;
  checkAt: number;
  checking: boolean;
}

/** A rerun that failed: what its failure is called on pages until something else happens. */
export interface FailedRerun {
  /** Who requested it: a contact, or the name that a script gave; null: the policy. */
  by: string | null;
  /** Empty where it is not known. */
  cause: string;
  /** When this service learnt of it. */
  at: number;
}

/** How far the look-up of the present episode has come. `turn` counts the requests from 0. */
export type LookUp =
  | { phase: 'waiting'; turn: number; parts: LookUpPart[]; at: number }
  | { phase: 'requesting'; turn: number; parts: LookUpPart[] }
  | { phase: 'done' };

/** An activity that has begun and whose result is still to come; with `looksUp` it asks Tableau first. */
export type InFlight = { id: string } & (
  | { activity: 'signalPagers'; messages: PagerMessage[]; episode: string | null; looksUp?: true }
  | { activity: 'retryPager'; contact: string; messages: PagerMessage[]; episode: string | null }
  | { activity: 'lookUp'; episode: string }
  | { activity: 'hasRecovered'; episode: string }
  | { activity: 'checkItem'; episode: string }
  | { activity: 'findOnCall' }
  | { activity: 'chooseRoute' }
  | { activity: 'findSilence' }
  | { activity: 'rerun'; rerunId: string }
  | { activity: 'checkJob'; rerunId: string }
  /** `text`: what it sets. */
  | { activity: 'setLabel'; text: string | null }
  /** Changes up to this one. */
  | { activity: 'reportChanges'; upTo: number }
);

/** A contact whose pager could not be signalled. */
export interface Unreached {
  contact: string;
  /** What its pager has not taken, in order; a try that runs has taken its messages from here. */
  messages: PagerMessage[];
  /** When the first try failed. */
  since: number;
  /** Failed tries in a row. */
  tries: number;
  /** As many pauses have passed since the newest message came: they grow, and begin anew with each message. */
  pauses: number;
  /** When it is tried again; null while a try runs. */
  retryAt: number | null;
}
