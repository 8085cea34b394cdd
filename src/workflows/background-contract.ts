/**
 * What only Tableau and Twilio know, for people who look at a page: the api has no sign-in to either, so a worker reads it when somebody looks, as an
 * activity without a workflow. Times are milliseconds since the epoch.
 */
import type { Item } from './contract.js';

/** One refresh that has ended. */
export interface RefreshRun {
  endedAt: number;
  /** How long it ran; null where Tableau does not say. */
  ms: number | null;
  result: 'ok' | 'failed' | 'cancelled';
}

/** Null: not known. */
export interface ItemBackground {
  /** The owner's name. */
  owner: string | null;
  /** Names of workbooks that are built on it, at most ten. */
  dependants: string[] | null;
  /** The oldest first, at most 30. By the title of the jobs, so that items of one name are mixed. */
  runs: RefreshRun[] | null;
}

export interface BackgroundInput {
  item: Item;
  /** What was read before does not count: the last failure. */
  since: number;
}

export interface BackgroundActivities {
  /** Reads what it can within a second and a half. It never fails for want of an answer. */
  readBackground(input: BackgroundInput): Promise<ItemBackground>;
}

/**
 * The template of pages by WhatsApp. `pending`: WhatsApp has not decided. `missing`: Twilio does not know it. `unset`: the worker has none. `unused`: nothing
 * is sent by WhatsApp.
 */
export const templateStates = ['approved', 'pending', 'refused', 'missing', 'unset', 'unused', 'unknown'] as const;
export type TemplateState = (typeof templateStates)[number];

/** The webhooks of Tableau for failed refreshes. `missing`: our user sees none of ours. */
export const webhookStates = ['found', 'missing', 'disabled', 'unknown'] as const;
export type WebhookState = (typeof webhookStates)[number];

/** They never fail for want of an answer. */
export interface OutsideActivities {
  readTemplate(): Promise<TemplateState>;
  readWebhooks(): Promise<WebhookState>;
}
