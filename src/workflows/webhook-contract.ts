/** What incidents, the workflows of outgoing webhooks and the activities share about them (docs/decisions, 43). Times are milliseconds since the epoch. */
import type { ChangeType } from './change-types.js';
import type { IncidentState, Item } from './contract.js';

/** An incident as receivers see it: no phone number, no owner, and of people only their role keys. */
export interface ChangedIncident {
  id: string;
  state: IncidentState;
  /** The name of a user is a person's: it is the luid then. */
  item: Item;
  project?: string;
  cause?: string;
  /** The type of the newest failure. */
  event: string;
  failures: number;
  firstFailedAt: number;
  lastFailedAt: number;
  /** Who has it, or who ended it: a role key, `api` for the name that a script gave; null while nobody has. */
  by: string | null;
  /** When a snooze ends. */
  until?: number;
  policy: string;
  severity?: 'low' | 'critical';
  /** The item in Tableau. */
  url?: string;
}

export interface IncidentChange {
  /** The incident's own id, another one for each run of its workflow. */
  source: string;
  /** Counts the changes of the source from 1, in order. */
  n: number;
  type: ChangeType;
  at: number;
  incident: ChangedIncident;
}

/** The `webhook-id` of a change: the same at every try. Without a full stop, at which signatures are split. */
export const changeId = ({ source, n }: Pick<IncidentChange, 'source' | 'n'>): string => `${source}-${n}`;

export interface ReportInput {
  /** In order. Changes that were reported before are copies, which change nothing. */
  changes: IncidentChange[];
  /** Endpoints that know of this episode: they learn of all of it, whatever their filters say of what is known by now. */
  told: string[];
}
export interface ReportResult {
  told: string[];
  /** Endpoints whose workflow Temporal did not let be signalled. */
  unreached: string[];
}

export interface ReportActivities {
  /** Takes changes to the workflows of the endpoints that want them, by signalWithStart. It sends nothing to the outside. */
  reportChanges(input: ReportInput): Promise<ReportResult>;
}

/** Ids of changes. */
export interface PostResult {
  /** Were delivered, or there is nothing to say of them by the form of the endpoint. */
  posted: string[];
  /** Why it did not go on; absent: all are posted. `why` names neither the address nor what the receiver said. */
  failed?:
    /** The receiver does not want these (400, 413, 422): others may go on. */
    | { how: 'refused'; ids: string[]; why: string }
    /** The endpoint does not work now; to be tried again, after `afterMs` where it says so. */
    | { how: 'unavailable'; why: string; afterMs?: number }
    /** It answered 410: nothing is to be sent to it any more. */
    | { how: 'gone' }
    /** The escalation file has it no more. */
    | { how: 'removed' };
  /** How long to leave the endpoint alone before the next post. */
  pauseMs: number;
}

export interface PostActivities {
  /** Posts changes to an endpoint, in order, until one cannot be posted or the time is over. */
  postChanges(input: { endpoint: string; changes: IncidentChange[] }): Promise<PostResult>;
}

export interface ChangesSignal {
  /** Another text when address, form, key or secret of the endpoint have changed: what was gone may be there again. */
  version: string;
  changes: IncidentChange[];
}
/** Null: the escalation file has the endpoint no more. */
export interface SettingsSignal {
  version: string | null;
}

export const webhookAlarmCodes = ['webhook-failing', 'webhook-gone', 'webhook-dropped'] as const;
export type WebhookAlarmCode = (typeof webhookAlarmCodes)[number];

/** The memo `webhook` of the workflow of an endpoint. */
export interface WebhookMemo {
  /** `since`: ISO 8601, UTC; of `webhook-dropped`: when changes were last dropped. */
  alarms: { code: WebhookAlarmCode; since: string }[];
  /** How many changes were given up since the workflow began. */
  dropped: number;
}

export interface WebhookInput {
  /** Its key in the escalation file. */
  endpoint: string;
}

export const webhookType = 'webhook';
export const webhookWorkflowId = (endpoint: string): string => `webhook:${endpoint}`;
