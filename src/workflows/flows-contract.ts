/**
 * What the activity `checkFlows` and the workflow `freshness` share: flow runs that failed, of which Tableau sends no webhook. Times are
 * milliseconds since the epoch.
 */
import type { ChangeType } from './change-types.js';
import type { Item, Policy, Settings } from './contract.js';
import type { FreshnessAlarm } from './freshness-contract.js';

/**
 * The events of a flow run, ours as `RefreshMissing` is. Their time is that of the end of the run. The failure is routed as those of webhooks, and the
 * success ends its incident.
 */
export const flowRunFailed = 'FlowRunFailed';
export const flowRunSucceeded = 'FlowRunSucceeded';

export interface FlowsInput {
  /** Runs that ended before are known, or from before the watch. */
  since: number;
  /** The ids of failed runs since then that were reported. */
  reported: string[];
  /** Flows whose last known run failed, and when it ended. */
  open: { luid: string; failedAt: number }[];
}

export interface FlowsCheck {
  /** Null: Tableau did not answer. */
  found: FlowsFound | null;
  alarms: FreshnessAlarm[];
}

export interface FlowsFound {
  /** Flows whose newest run failed, where that is news; at most as many as a look reports. */
  failed: FailedRun[];
  /** Such flows beyond these. */
  more: number;
  /** Of `open`, those whose newest run succeeded. */
  succeeded: { luid: string; at: number }[];
  /** When the newest run ended; null without any. */
  newestAt: number | null;
  /** Those that `failed` names. */
  policies: Record<string, Policy>;
  settings: Pick<Settings, 'lingerMs' | 'forgetMs'>;
  searchAttributes: boolean;
}

export interface FailedRun {
  /** The id of the run. */
  run: string;
  item: Item;
  /** The id of its incident, and the line that Temporal's Web UI lists of it. */
  incident: string;
  summary: string;
  endedAt: number;
  /** A sentence without hosts, users and ids; absent where Tableau gives no reason. */
  why?: string;
  /** The name of the policy. Absent: no route pages for it. */
  policy?: string;
  /** As in `EventSignal`. */
  changes?: ChangeType[];
}

export interface FlowActivities {
  /** Reads the runs since the last look. It fails only where it could not run. */
  checkFlows(input: FlowsInput): Promise<FlowsCheck>;
}
