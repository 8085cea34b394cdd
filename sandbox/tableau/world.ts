/** The state of the simulated Tableau, and what it needs from the sandbox. Times are milliseconds since the epoch. */

export interface TableauOptions {
  pat: { name: string; secret: string };
  users: { name: string; password: string }[];
  /** Direct trust; null: none. */
  connectedApp: ConnectedApp | null;
  site: { luid: string; contentUrl: string; name: string };
  /** The newest supported REST API version; the oldest is 3.6. */
  apiVersion: string;
}

export interface ConnectedApp {
  clientId: string;
  secretId: string;
  secretValue: string;
}

export interface TableauSettings {
  sessionForMs: number;
  /** A refresh that was asked for waits this long, then runs this long. */
  refreshWaitsMs: number;
  refreshRunsMs: number;
  /** Tableau repeats three times "with diminishing frequency"; its delays and timeout are not documented. */
  webhookRetriesMs: number[];
  webhookTimeoutMs: number;
  /** Lists of one job are an object, as sometimes in Tableau's JSON. */
  oddities: boolean;
  /** Whether the list of jobs has titles. */
  jobTitles: boolean;
  /** `refused`: 400006 for a sorted list of jobs. */
  jobSort: 'accepted' | 'refused';
  /** A single job of these types cannot be read: 400031. */
  unreadableJobTypes: JobType[];
  /** So many failures in a row suspend the task of a schedule. */
  failuresBeforeSuspension: number;
  /** `offline`: Bridge jobs stay Pending. `busy`: they fail, as no Bridge client is free. */
  bridge: 'online' | 'offline' | 'busy';
  /** `partial`: errors beside partial data. */
  metadataApi: 'on' | 'off' | 'partial';
  /** `read-only`: our user may not label. `unlicensed`: 403 for all requests. `off`: 404. */
  labels: 'on' | 'read-only' | 'unlicensed' | 'off';
  /** Refreshes younger than this are not yet in the Metadata API. */
  metadataLagMs: number;
  /** An answer of the Metadata API has at most so many objects. */
  metadataNodeLimit: number;
}

export interface Ports {
  settings: () => TableauSettings;
  log: (line: string) => void;
  changed: () => void;
  later: (ms: number, work: () => void | Promise<void>) => unknown;
  /** The address of this server, without a trailing slash. */
  url: () => string;
}

export type Kind = 'workbook' | 'datasource';
/** `flaky`: it failed, and the next run succeeds. `queued`: its jobs never begin. `stuck`: they never end. */
export type Condition = 'healthy' | 'broken' | 'flaky' | 'queued' | 'stuck';

/** What jobs run, by a schedule or by request. */
export interface Runnable {
  luid: string;
  name: string;
  project: Project;
  /** A data source may have none. */
  owner: User | null;
  createdAt: number;
  condition: Condition;
  /** The notes of a failed job. */
  notes: string;
  /** Failures in a row. */
  failedCount: number;
  /** Its schedule does not run until somebody resumes it; so does a schedule whose `state` is `Suspended`. */
  isSuspended: boolean;
  /** Its task failed too often: its jobs end at once with a note, and without an event, until somebody resumes it. */
  isTaskSuspended: boolean;
  taskLuid: string;
  /** Set by `Schedules`, which runs it. */
  schedule: Schedule | null;
  /** The runs of its schedule do not begin. */
  skipsRuns: boolean;
  /** `created_at` of its last event; the next is at least a second later, so that they differ. */
  lastEventAt: number;
}

export interface Item extends Runnable {
  kind: Kind;
  /** The number in webpageUrl, which is not the luid. */
  number: number;
  updatedAt: number;
  hasExtracts: boolean;
  /** Tableau Bridge refreshes it. */
  usesBridge: boolean;
  tags: string[];
  /** How many workbooks a data source feeds, besides those of the sandbox. */
  downstream: number;
  /** The luids of the published data sources that a workbook is built on. */
  upstream: string[];
  /** When its extract was last refreshed in full with success; null: not yet. */
  refreshedAt: number | null;
  /** As `refreshedAt`, by an incremental refresh. */
  incrementedAt: number | null;
  /** When somebody published it anew, which looks like an update of its extract; null: not since it was added. */
  publishedAt: number | null;
  /** Its newest successful refreshes, oldest first. */
  refreshes: Refreshed[];
}

export interface Refreshed {
  /** The end of the job. */
  at: number;
  /** When it happened here: `at` may be in the past, or ahead. */
  recordedAt: number;
  incremental: boolean;
}

/** A Prep flow. No webhook reports its runs. */
export interface Flow extends Runnable {
  kind: 'flow';
}

export interface Schedule {
  /** The form in which tasks show it. */
  kind: 'server' | 'cloud';
  /** Server only. Items with the same name share a schedule: its luid and its state. */
  luid: string;
  name: string;
  frequency: 'Hourly' | 'Daily' | 'Weekly' | 'Monthly';
  nextRunAt: number | null;
  /** From one run to the next; null: there is no run after the next. */
  everyMs: number | null;
  state: 'Active' | 'Suspended';
  /** Its runs add new rows. */
  isIncremental: boolean;
  createdAt: number;
}

export interface Project {
  luid: string;
  name: string;
  /** All names from the top, with slashes. */
  path: string;
  parent: Project | null;
}

export interface User {
  luid: string;
  name: string;
  fullName: string;
  email: string;
}

export type JobStatus = 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'Cancelled';

export const jobTypes = [
  'refresh_extracts',
  'increment_extracts',
  'refresh_extracts_via_bridge',
  'increment_extracts_via_bridge',
  'run_flow',
] as const;
export type JobType = (typeof jobTypes)[number];

export interface Job {
  luid: string;
  type: JobType;
  item: Item | Flow;
  /** The luid of the run of a flow; null for an item. */
  flowRun: string | null;
  status: JobStatus;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  notes: string;
}

export interface Webhook {
  luid: string;
  name: string;
  event: string;
  url: string;
  isEnabled: boolean;
  statusChangeReason: string;
}

export interface Session {
  user: User;
  pat: string | null;
  /** Of a connected app; null: everything its user may do. */
  scopes: string[] | null;
  expiresAt: number;
}

export interface TableauState {
  items: Map<string, Item>;
  flows: Map<string, Flow>;
  jobs: Map<string, Job>;
  webhooks: Map<string, Webhook>;
  sessions: Map<string, Session>;
  users: Map<string, User>;
  /** By path. */
  projects: Map<string, Project>;
  /** The jti of every token that was used. */
  usedTokens: Set<string>;
  /** Whether an item was ever given a schedule. Until then each item with an extract has a daily task that does not run. */
  hasSchedules: boolean;
}

export const createState = (): TableauState => ({
  items: new Map(),
  flows: new Map(),
  jobs: new Map(),
  webhooks: new Map(),
  sessions: new Map(),
  users: new Map(),
  projects: new Map(),
  usedTokens: new Set(),
  hasSchedules: false,
});

/** 2018-11-15T17:14:45Z: UTC, whole seconds. */
export const tableauTime = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
