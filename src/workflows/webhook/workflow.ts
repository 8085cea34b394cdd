import { proxyActivities } from '@temporalio/workflow';
import { taskQueues } from '../contract.js';
import { continueWithMemo, createDriver } from '../driver.js';
import type { ActivityEffect } from '../machine.js';
import { changesSignal, webhookSettingsSignal } from '../messages.js';
import type { PostActivities, WebhookInput } from '../webhook-contract.js';
import { webhookMachine, type Call, type Result } from './machine.js';
import { newEndpoint, restoreEndpoint, type Endpoint } from './state.js';
import { detailsOf } from './view.js';

/** What an earlier run hands over when it continues as new. */
export interface WebhookRun extends WebhookInput {
  carried?: { state: Partial<Endpoint>; now: number };
}

/** A storm signals it a thousand times; a worker has to replay what is in one run. */
const maxEvents = 400;
const maxBusyEvents = 2_000;

// A post takes 15 s at most, and heartbeats after each. What the endpoint refuses is a result; the machine decides about the next try.
const posting = proxyActivities<PostActivities>({
  taskQueue: taskQueues.webhooks,
  startToCloseTimeout: '60s',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', maximumAttempts: 3 },
});

async function runActivity({ call, summary }: ActivityEffect<Call>): Promise<Result> {
  return { activity: call.activity, result: await posting.postChanges.executeWithOptions({ summary }, [call.input]) };
}

/** Outgoing webhooks of one endpoint: what waits for it and how it goes. It ends when the escalation file has it no more. */
export async function webhook({ endpoint, carried }: WebhookRun): Promise<void> {
  const state = carried ? restoreEndpoint(endpoint, carried.state) : newEndpoint(endpoint);
  const driver = createDriver({
    machine: webhookMachine,
    state,
    notBefore: carried?.now ?? 0,
    runActivity,
    details: () => detailsOf(state),
    about: { endpoint },
    maxEvents,
    maxBusyEvents,
    continueAsNew: (now) => continueWithMemo({ endpoint, carried: { state, now } } satisfies WebhookRun),
  });
  driver.onSignal(changesSignal, (signal) => ({ type: 'changes', signal }), 'Changes of an incident');
  driver.onSignal(
    webhookSettingsSignal,
    ({ version }) => ({ type: 'settings', version }),
    'The escalation file has changed',
  );
  await driver.run();
}
