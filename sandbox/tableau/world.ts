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
  /** `partial`: errors beside partial data. */
  metadataApi: 'on' | 'off' | 'partial';
  /** `read-only`: our user may not label. `unlicensed`: 403 for all requests. `off`: 404. */
  labels: 'on' | 'read-only' | 'unlicensed' | 'off';
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
/** `flaky`: it failed, and the next refresh succeeds. */
export type Condition = 'healthy' | 'broken' | 'flaky';

export interface Item {
  luid: string;
  kind: Kind;
  name: string;
  /** The number in webpageUrl, which is not the luid. */
  number: number;
  project: Project;
  /** A data source may have none. */
  owner: User | null;
  createdAt: number;
  updatedAt: number;
  hasExtracts: boolean;
  condition: Condition;
  /** The notes of a failed job. */
  notes: string;
  tags: string[];
  /** How many workbooks a data source feeds. */
  downstream: number;
  /** When its extract was last refreshed with success; null: not yet. */
  refreshedAt: number | null;
  /** Failures in a row. */
  failedCount: number;
  /** Its schedule does not run until somebody resumes it. */
  isSuspended: boolean;
  /** `created_at` of its last event; the next is at least a second later, so that they differ. */
  lastEventAt: number;
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

export interface Job {
  luid: string;
  item: Item;
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
  jobs: Map<string, Job>;
  webhooks: Map<string, Webhook>;
  sessions: Map<string, Session>;
  users: Map<string, User>;
  /** By path. */
  projects: Map<string, Project>;
  /** The jti of every token that was used. */
  usedTokens: Set<string>;
}

export const createState = (): TableauState => ({
  items: new Map(),
  jobs: new Map(),
  webhooks: new Map(),
  sessions: new Map(),
  users: new Map(),
  projects: new Map(),
  usedTokens: new Set(),
});

/** 2018-11-15T17:14:45Z: UTC, whole seconds. */
export const tableauTime = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
