/** What a pager remembers of the replies of its contact, until it has answered them. Plain data. */
import type { EntryCommand, PreparedEntry } from '../activity-contract.js';
import type { TextChannel } from '../channels.js';
import type { AnswerResult, Channel, Verb } from '../contract.js';
import type { Command, Settlement } from '../pager-contract.js';

/** An answer of the contact that its incident has not taken. */
export interface QueuedAnswer {
  key: number;
  answerId: string;
  verb: Verb;
  durationMs?: number;
  /** How often its incident did not take it, and when it is asked again; absent before that. */
  tries?: number;
  notBefore?: number;
}

/** A reply that an activity answers. */
export interface QueuedRequest {
  /** Of the activity. */
  id: string;
  replyId: string;
  channel: TextChannel;
  request: ContactRequest;
}
export type ContactRequest =
  { what: 'who' } | { what: 'prepare'; command: EntryCommand } | { what: 'make'; entry: PreparedEntry };

/** A code that was sent to the contact, and what it makes. */
export interface PendingCode {
  code: string;
  entry: PreparedEntry;
  /** The one by which it was sent, and by which it has to come back. */
  channel: TextChannel;
  until: number;
}

/** What became of some items of a reply: how many, and the first few names. */
export interface Outcome {
  result: AnswerResult;
  by: string | null;
  until: number | null;
  /** How it ended, when it was over before the reply. */
  how?: Settlement;
  count: number;
  names: string[];
}

/** A reply and what became of it. */
export interface HandledReply {
  replyId: string;
  channel: Channel;
  verb: Command['verb'];
  /** The call that the key was pressed in. */
  attempt: string | null;
  /** Its outcome is shown on a page, not sent; missing: it is no button of a page. */
  isOnPage?: true;
  at: number;
  /** Keys of items whose incident has not answered. */
  waiting: number[];
  outcomes: Outcome[];
  /** What the person gets as an answer, once that is known. */
  text: string | null;
}
