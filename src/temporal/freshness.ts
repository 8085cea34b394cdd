/** The workflow of a site's freshness: how it is told of promises, and read. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { itemKinds, taskQueues } from '../workflows/contract.js';
import {
  freshnessAlarmCodes,
  freshnessMemoKeys,
  freshnessType,
  freshnessWorkflowId,
  lateStates,
  type FreshnessMemo,
  type FreshnessView,
  type ShownFreshness,
} from '../workflows/freshness-contract.js';
import { freshnessQuery, promisesSignal } from '../workflows/messages.js';

/**
 * Tells the workflow which promises are in force, and starts it where it does not run. May be repeated.
 * @param promises of `watchedText`
 */
export async function announcePromises(client: Client, siteName: string, promises: string): Promise<void> {
  await client.workflow.signalWithStart(freshnessType, {
    workflowId: freshnessWorkflowId(siteName),
    taskQueue: taskQueues.incidents,
    args: [{}],
    signal: promisesSignal,
    signalArgs: [{ promises }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Freshness of the site ${siteName || 'default'}`,
  });
}

/** Tells the workflow that nothing is promised; false where it does not run. */
export async function withdrawPromises(client: Client, siteName: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(freshnessWorkflowId(siteName)).signal(promisesSignal, { promises: '' });
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** What is known of the items of a site. */
export interface SiteFreshness {
  /** The name of the site. */
  site: string;
  view: FreshnessView;
}

const mostSites = 20;

/**
 * What is known of every site with promises: of one, as a rule. A worker has to run.
 * @throws when Temporal or a worker does not answer before the deadline of the client
 */
export async function readFreshness(client: Client): Promise<SiteFreshness[]> {
  const found: SiteFreshness[] = [];
  for await (const { workflowId } of client.workflow.list({ query: running })) {
    const view = await viewOf(client, workflowId);
    if (view) found.push({ site: workflowId.slice(prefix.length), view });
    if (found.length === mostSites) break;
  }
  return found;
}

const text = Type.String();
const optionalText = Type.Optional(text);
const AnyItem = Type.Object({ kind: Type.Enum([...itemKinds]), luid: text, name: text, site: text });
const Shown = Type.Object({
  hours: Type.Array(Type.Object({ at: text, due: Type.Number(), late: Type.Number() })),
  items: Type.Array(
    Type.Object({
      item: AnyItem,
      promise: text,
      lastDataAt: optionalText,
      deadline: optionalText,
      nextDeadline: optionalText,
    }),
  ),
  late: Type.Array(
    Type.Object({
      item: AnyItem,
      state: Type.Enum([...lateStates]),
      why: text,
      deadline: text,
      lastDataAt: optionalText,
      dependants: Type.Optional(Type.Number()),
      incident: Type.Union([text, Type.Null()]),
    }),
  ),
});
const Counts = Type.Object({
  promised: Type.Number(),
  late: Type.Number(),
  failedFlows: Type.Optional(Type.Number()),
  alarms: Type.Array(Type.Object({ code: Type.Enum([...freshnessAlarmCodes]), since: text })),
});

/** The freshness of a site as the memo of its workflow shows it. */
export interface SiteShown {
  site: string;
  counts: FreshnessMemo;
  /** Null before the first look to which Tableau answered, and where an earlier version has written the memo. */
  shown: ShownFreshness | null;
  /** When Tableau last answered, in ISO 8601. */
  lookedAt: string | null;
}

/** As `readFreshness`, as much as a page shows: no worker is needed, and no code of a workflow runs. */
export async function readShownFreshness(client: Client): Promise<SiteShown[]> {
  const found: SiteShown[] = [];
  for await (const { workflowId, memo = {} } of client.workflow.list({ query: running })) {
    const { [freshnessMemoKeys.counts]: counts, [freshnessMemoKeys.shown]: shown, lookedAt } = memo;
    found.push({
      site: workflowId.slice(prefix.length),
      counts: Value.Check(Counts, counts) ? counts : { promised: 0, late: 0, alarms: [] },
      shown: Value.Check(Shown, shown) ? shown : null,
      lookedAt: typeof lookedAt === 'string' ? lookedAt : null,
    });
    if (found.length === mostSites) break;
  }
  return found;
}

const running = `WorkflowType = "${freshnessType}" AND ExecutionStatus = "Running"`;
const prefix = freshnessWorkflowId('x').slice(0, -1);

/** Null where it has ended since the list was made. */
async function viewOf(client: Client, workflowId: string): Promise<FreshnessView | null> {
  try {
    return await client.workflow.getHandle(workflowId).query(freshnessQuery);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
