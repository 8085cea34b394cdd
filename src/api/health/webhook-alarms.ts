/** The alarms of outgoing webhooks at `GET /`: counts and codes, for the names of endpoints are for the log. */
import type { Client } from '@temporalio/client';
import type { Escalation } from '../../policy/route.js';
import { readWebhookAlarms } from '../../temporal/shown-alarms.js';
import { day } from '../../workflows/contract.js';
import { webhookAlarmCodes, type WebhookAlarmCode } from '../../workflows/webhook-contract.js';
import type { Alarm } from './alarm.js';

/** Those of endpoints that the file has. Throws when Temporal does not answer. */
export async function alarmsOfWebhooks(client: Client, { webhooks = {} }: Escalation, now: number): Promise<Alarm[]> {
  if (Object.keys(webhooks).length === 0) return [];
  const all = (await readWebhookAlarms(client)).filter(
    ({ endpoint, code, since }) =>
      Object.hasOwn(webhooks, endpoint) && (code !== 'webhook-dropped' || Date.parse(since) > now - day),
  );
  return webhookAlarmCodes.flatMap((code): Alarm[] => {
    const found = all.filter((alarm) => alarm.code === code);
    const [since] = found.map((alarm) => alarm.since).toSorted();
    return since === undefined ? [] : [{ code, message: messageOf(code, found.length), since }];
  });
}

function messageOf(code: WebhookAlarmCode, count: number): string {
  const endpoints = count === 1 ? '1 outgoing webhook' : `${count} outgoing webhooks`;
  switch (code) {
    case 'webhook-failing':
      return `${endpoints} cannot be posted to: changes of incidents wait, and people are paged as before. The log says which and why.`;
    case 'webhook-gone':
      return `${endpoints} answered 410 (gone): nothing is posted until the address changes. The log says which.`;
    case 'webhook-dropped':
      return `${endpoints} did not get changes of incidents within the last 24 h: they were given up. The log says which and why.`;
  }
}
