/** What a pager remembers of messages and calls: what waits for one, what is being sent, and what was. Plain data. */
import type { MessageBody } from '../send-contract.js';
import type { ChannelTraits, TextChannel } from '../channels.js';
import type { Channel } from '../contract.js';
import type { Facts, HandOverNotice, LinkTarget, NoticeSignal } from '../pager-contract.js';

/** A page by the key of its item and its number in the episode. */
export type PageRef = [key: number, n: number];

/** A page that waits to be put into a message. */
export interface HeldPage {
  key: number;
  n: number;
  channel: Channel;
  /** When it is not worth sending any more. */
  until: number;
  /** Until when its incident knows it to be held; 0: it has no report. */
  reportedUntil: number;
  /** Other contacts who may have answered. */
  others?: string[];
  isFirstStep?: true;
  /** When it arrived. */
  receivedAt?: number;
  /** The contact has quiet hours from and until then, and the page keeps them. Without `quietFrom` they had begun when it arrived. */
  quietUntil?: number;
  quietFrom?: number;
}

/** What failed and recovered in quiet hours, on one channel: it is counted when they end. */
export interface Recovered {
  channel: TextChannel;
  /** When the quiet hours end. */
  until: number;
  count: number;
  /** The newest incidents among them: one that fails again is not counted any more. */
  incidents: string[];
}

/** A message or call that is being tried. */
export interface Outgoing {
  attempt: string;
  channel: Channel;
  /** What it carries; empty for a text without a page. */
  pages: PageRef[];
  /** Items that the contact knows of by this message alone. */
  reveals: number[];
  text: string;
  /** The variables of a WhatsApp template, for one page alone. */
  variables: Record<string, string> | null;
  /** What its link opens; absent: it has none. */
  link?: LinkTarget;
  notBefore: number;
  until: number;
  tries: number;
  firstTriedAt: number | null;
  /** Whether an earlier try may have been accepted. */
  uncertain: boolean;
  /** The bodies of tries whose outcome was not known. */
  tried: MessageBody[];
  /** The answer to a reply that stands before the page; null: none. */
  confirmation: string | null;
  /** Since when its tries were rescheduled without sending, as they were too old; missing after a real try. */
  staleSince?: number;
  /** Other contacts who may have answered what it carries. */
  others: string[];
  /** It carries first steps alone, which arrived just now: nobody can have answered. */
  isPrompt: boolean;
  /** May use the reserve of the hourly limit: a first page, or a text that cannot wait. */
  urgent: boolean;
  /** It answers a reply, and is counted as such; missing: it does not. */
  isAnswer?: true;
  /** How many failed and recovered in the quiet hours that are over, which it says; missing: none. */
  recovered?: number;
  /** Its activity was asked to cancel, since nobody needs the message any more. */
  cancelling: boolean;
}

/** A message or call that was requested from Twilio. */
export interface Sent {
  attempt: string;
  channel: Channel;
  pages: PageRef[];
  at: number;
  /** Null while Twilio has not answered. */
  sid: string | null;
  /** `sending` while it is being tried, `waiting` before it is tried again, else the newest status of Twilio. */
  status: string;
  rank: number;
  /** This service ended the call, so that `canceled` is no failure. */
  endedByUs: boolean;
  /** A WhatsApp text that carries no page, kept to go by SMS when it cannot be delivered. */
  text?: string;
}

/**
 * What is counted: messages and calls that carry pages, by the setting that limits them, texts that carry none, and pages of items that
 * Tableau does not know.
 */
export type HourlyCount = ChannelTraits['hourlyLimit'] | 'answers' | 'notices' | 'unknownItems';

/** A notice that waits to be bundled. */
export interface PendingNotice {
  /** The item it is about. */
  key: number;
  channel: TextChannel;
  kind: NoticeSignal['kind'];
  facts: Facts;
  by: string | null;
  why: string | null;
  at: number;
  /** As of a page. */
  quietUntil?: number;
  quietFrom?: number;
}

/** A hand-over that waits for others, so that they go as one text. */
export interface PendingHandOver extends Pick<HandOverNotice, 'kind' | 'schedule' | 'other' | 'channel'> {
  /** The item it is about. */
  key: number;
  /** When it arrived, or when the quiet hours end for which it waits. */
  at: number;
}
