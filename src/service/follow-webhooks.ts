/** Signals to the workflows of endpoints how to post to them, and which the file has no more: when a worker starts, and when the file changes. */
import type { Client } from '@temporalio/client';
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import type { Escalation } from '../policy/route.js';
import { endpointOf, type WebhookVariables } from '../policy/webhooks.js';
import { announceEndpoint, runningEndpoints } from '../temporal/webhooks.js';

export interface FollowWebhooksOptions {
  client: Client;
  escalation: EscalationSource;
  variables: WebhookVariables;
  logger: BaseLogger;
  everyMs?: number;
}

const timeoutMs = 5_000;

/** Looks at the escalation in force every few seconds. An endpoint without a workflow needs no signal. */
export function followWebhooks(options: FollowWebhooksOptions): { close: () => void } {
  const { client, escalation, variables, logger, everyMs = 5_000 } = options;
  let seen: Escalation | null = null;
  let announced = new Map<string, string>();
  let isBusy = false;

  async function announce(): Promise<void> {
    const inForce = escalation.current();
    if (inForce === seen) return;
    const versions = new Map<string, string>();
    const webhooks = Object.entries(inForce.webhooks ?? {});
    const names = new Set(webhooks.map(([name]) => name));
    for (const [name, webhook] of webhooks) {
      const endpoint = endpointOf(name, webhook, variables);
      if (!Array.isArray(endpoint)) versions.set(name, endpoint.version);
    }
    await client.withDeadline(Date.now() + timeoutMs, async () => {
      for (const [name, version] of versions)
        if (announced.get(name) !== version) await announceEndpoint(client, name, version);
      announced = versions;
      for (const name of await runningEndpoints(client))
        if (!names.has(name)) await announceEndpoint(client, name, null);
    });
    seen = inForce;
  }

  function look(): void {
    if (isBusy) return;
    isBusy = true;
    announce()
      .catch((err: unknown) =>
        logger.warn({ err }, 'the workflow of an endpoint could not be told of its settings; it is tried again'),
      )
      .finally(() => (isBusy = false));
  }

  const timer = setInterval(look, everyMs);
  timer.unref();
  look();
  return { close: () => clearInterval(timer) };
}
