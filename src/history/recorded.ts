/** What really happened in one episode of an incident. Times are milliseconds since the epoch. */
import type { Channel, Item, Verb } from '../workflows/contract.js';

export interface RecordedPage {
  id: string;
  contact: string;
  by: Channel;
  requestedAt: number;
  /** Null where it was not sent: held until it was withdrawn, refused, or not yet. */
  sentAt: number | null;
  /** Index into the rounds of the episode. */
  round: number;
}

/** The first answer of a round. */
export interface RecordedAnswer {
  at: number;
  /** Null: by a script. */
  contact: string | null;
  round: number;
  /** A contact key, or the name that a script or a person gave. Absent where the run that had it is gone. */
  by?: string;
  verb?: Verb;
}

/** A stretch in which the escalation took its steps: one more begins where a snooze, a silence or a pause ended without a recovery. */
export interface Round {
  at: number;
  /** When a silence ended it. */
  silencedAt: number | null;
}

/** `not-promised`: what is promised of its data has changed. `ignored`: by a route. `stopped`: the workflow was ended by hand. */
export const endings = ['recovered', 'deleted', 'not-promised', 'resolved', 'forgotten', 'ignored', 'stopped'] as const;
export type Ending = (typeof endings)[number];

export interface RecordedEpisode {
  /** The id of the incident. */
  incident: string;
  item: Item;
  /** The type of the event that began it. */
  event: string;
  /** When that arrived, before a burst delivered it; where the first run is gone: when it was delivered. */
  at: number;
  /** The name of the policy that was used last. */
  policy: string;
  /** Its policy runs the refresh again before anybody is paged. */
  hasRerun: boolean;
  /** At least one. */
  rounds: Round[];
  pages: RecordedPage[];
  answers: RecordedAnswer[];
  /** `byAnswer`: the answer of the last round. */
  end: { at: number; how: Ending; byAnswer: boolean; by?: string } | null;
  /** Failures that were reported, copies not counted. */
  reported: number;
  /** What Tableau told of the item; absent: not known. */
  project?: string;
  tags?: string[];
  failures?: number;
  cause?: string;
  /** The name of the owner in Tableau: for whoever is signed in, never for a log or a file that is kept. */
  ownerName?: string;
  /** The contact who is the owner by the escalation file. */
  ownerRole?: string;
  /** Whom `owner` meant in a step: the owner, or the fallback. */
  owner?: string;
}
