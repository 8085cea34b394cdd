/** The activities that send messages and make calls, as the pager sees them. Durations and times are milliseconds, as in `contract.ts`. */
import type { Channel } from './contract.js';
import type { LinkTarget } from './pager-contract.js';

/** What a message says: its text, and for a WhatsApp template its variables '1', '2', … */
export interface MessageBody {
  text: string;
  variables?: Record<string, string>;
  /** What the link opens that goes to its place in them (`link-place.ts`); absent: they have no place. */
  link?: LinkTarget;
}

/**
 * Workflow ids: the pagers of others who may have answered, and the incidents that they would signal. The try is rescheduled
 * without sending while one of them, or the pager of this contact, has an answer pending.
 */
export interface AnswerSources {
  pagers: string[];
  incidents: string[];
  /** Look only when the try begins late: nobody else was paged before, so that nobody can have answered a prompt one. */
  onlyWhenStale?: true;
}

/** The text of a call is spoken, without the menu; the variables of a notice are absent. */
export interface SendInput extends MessageBody {
  /** A uuid, the same for all tries of one message or call: it is in the status and Gather addresses. */
  attempt: string;
  contact: string;
  channel: Channel;
  /** How long the message is worth delivering. */
  validityMs: number;
  /** Of a call: it says the text without the menu. */
  asksNothing?: true;
  /** Set when the outcome of an earlier try is unknown: look for it, by what was tried, before sending again. */
  retry?: { firstTriedAt: number; knownSids: string[]; tried: MessageBody[] };
  /** Where an answer to what it carries may be pending; absent when the try must not wait for any. */
  answerSources?: AnswerSources;
  /** The workflow ids of the incidents whose pages it carries, where `answerSources` does not have them: for the list of messages. */
  carries?: string[];
}
export interface SendResult {
  sid: string;
  /** True when an earlier try turned out to have been accepted. */
  found: boolean;
}

export interface SendActivities {
  /**
   * Requests one message or call from Twilio, once.
   * Fails with an ApplicationFailure of a `SendFailure`: its type, and as details [{ code, message, operator? }].
   */
  send(input: SendInput): Promise<SendResult>;
  /** Ends a call that is ringing or running. A call that is over already is no error. */
  endCall(input: { contact: string; sid: string }): Promise<void>;
}

/**
 * `recipient`: this address or message will not work, take the next step now. `configuration`: ours is wrong, nobody can be
 * reached until an operator fixes it. `outage`: not accepted, safe to try again. `unknown`: may have been accepted, look
 * before trying again. `rescheduled`: nothing was sent, but time has passed: the pager sends what is still wanted by
 * another try.
 */
export const sendFailureTypes = ['recipient', 'configuration', 'outage', 'unknown', 'rescheduled'] as const;
export type SendFailureType = (typeof sendFailureTypes)[number];

export interface SendFailure {
  type: SendFailureType;
  /** Twilio's code, `http-<status>`, or a word of ours: `unreachable`, `timeout`, `connection-lost`, `unreadable`, … */
  code: string;
  message: string;
  /** Of type `recipient`, yet an operator must fix something: a permission, a registration, a template. */
  operator?: true;
}
