/** The alarms that running workflows show in their memo. No worker is needed to read them. The list is a moment late: it is Temporal's visibility. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { freshnessAlarmCodes, freshnessType, type FreshnessAlarmCode } from '../workflows/freshness-contract.js';
import {
  webhookAlarmCodes,
  webhookType,
  webhookWorkflowId,
  type WebhookAlarmCode,
} from '../workflows/webhook-contract.js';
import { channels, incidentType, type Channel } from '../workflows/contract.js';
import { pagerId, pagerType } from '../workflows/pager-contract.js';

/** The memo that pagers keep; codes of another form are not shown, for they could hold anything. */
const Raised = Type.Object({
  code: Type.String({ pattern: '^(?!.*\\d{7})[a-zA-Z0-9.-]{1,64}$' }),
  since: Type.String(),
  channel: Type.Optional(Type.String()),
});
const Raising = Type.Object({ alarms: Type.Array(Type.Unknown()) });

/** The memo that incidents keep. */
const Unreachable = Type.Object({ contact: Type.String(), since: Type.String() });

const pageSize = 1_000;
const mostSites = 20;

/** An alarm of the pager of a contact. */
export interface PagerAlarm {
  contact: string;
  code: string;
  /** ISO 8601. */
  since: string;
  channel: Channel | undefined;
}

/**
 * The alarms of all pagers, of as many as `most`.
 * @throws when Temporal does not answer before the deadline of the client
 */
export async function readPagerAlarms(client: Client, most: number): Promise<PagerAlarm[]> {
  const found: PagerAlarm[] = [];
  await forEachRunning(client, pagerType, most, ({ workflowId, memo }) => {
    const shown = memo?.['pager'];
    for (const alarm of Value.Check(Raising, shown) ? shown.alarms : []) {
      if (!Value.Check(Raised, alarm) || Number.isNaN(Date.parse(alarm.since))) continue;
      const channel = channels.find((one) => one === alarm.channel);
      found.push({ contact: workflowId.slice(pagerId('').length), code: alarm.code, since: alarm.since, channel });
    }
  });
  return found;
}

export interface IncidentAlarms {
  /** Contacts whose pagers cannot be signalled. */
  unreachable: { contact: string; since: string }[];
  /** Since when Tableau refuses labels, ISO 8601, for each incident that says so. */
  labelsRefused: string[];
}

/**
 * The alarms of incidents, of as many as `most`, the newest.
 * @throws as `readPagerAlarms`
 */
export async function readIncidentAlarms(client: Client, most: number): Promise<IncidentAlarms> {
  const unreachable: IncidentAlarms['unreachable'] = [];
  const labelsRefused: string[] = [];
  await forEachRunning(client, incidentType, most, ({ memo }) => {
    const list: unknown = memo?.['unreachable'];
    for (const one of Array.isArray(list) ? list : [])
      if (Value.Check(Unreachable, one) && !Number.isNaN(Date.parse(one.since))) unreachable.push(one);
    const refused: unknown = memo?.['labelsRefused'];
    if (typeof refused === 'string' && !Number.isNaN(Date.parse(refused))) labelsRefused.push(refused);
  });
  return { unreachable, labelsRefused };
}

/** The memo that the freshness of a site keeps; the codes are of a fixed list. */
const Freshness = Type.Object({
  alarms: Type.Array(Type.Object({ code: Type.Enum([...freshnessAlarmCodes]), since: Type.String() })),
});

/**
 * The alarms of the freshness of all sites.
 * @throws as `readPagerAlarms`
 */
export async function readFreshnessAlarms(client: Client): Promise<{ code: FreshnessAlarmCode; since: string }[]> {
  const found: { code: FreshnessAlarmCode; since: string }[] = [];
  await forEachRunning(client, freshnessType, mostSites, ({ memo }) => {
    const shown = memo?.['freshness'];
    if (Value.Check(Freshness, shown)) found.push(...shown.alarms);
  });
  return found;
}

/** The memo that the workflows of endpoints keep. */
const Webhook = Type.Object({
  alarms: Type.Array(Type.Object({ code: Type.Enum([...webhookAlarmCodes]), since: Type.String() })),
});
const mostEndpoints = 100;

export interface WebhookAlarm {
  /** The key of the endpoint in the escalation file. */
  endpoint: string;
  code: WebhookAlarmCode;
  /** ISO 8601. */
  since: string;
}

/**
 * The alarms of outgoing webhooks, also of endpoints that the file has no more.
 * @throws as `readPagerAlarms`
 */
export async function readWebhookAlarms(client: Client): Promise<WebhookAlarm[]> {
  const found: WebhookAlarm[] = [];
  await forEachRunning(client, webhookType, mostEndpoints, ({ workflowId, memo }) => {
    const shown = memo?.['webhook'];
    const endpoint = workflowId.slice(webhookWorkflowId('').length);
    if (Value.Check(Webhook, shown)) found.push(...shown.alarms.map((alarm) => ({ endpoint, ...alarm })));
  });
  return found;
}

async function forEachRunning(
  client: Client,
  type: string,
  most: number,
  take: (execution: WorkflowExecutionInfo) => void,
): Promise<void> {
  const query = `WorkflowType = "${type}" AND ExecutionStatus = "Running"`;
  let seen = 0;
  for await (const execution of client.workflow.list({ query, pageSize: Math.min(most, pageSize) })) {
    take(execution);
    seen += 1;
    if (seen === most) break;
  }
}
