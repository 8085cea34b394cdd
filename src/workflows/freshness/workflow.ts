import { ActivityCancellationType, continueAsNew, proxyActivities } from '@temporalio/workflow';
import type { PagingActivities } from '../activity-contract.js';
import { taskQueues } from '../contract.js';
import { createDriver } from '../driver.js';
import type { FlowActivities } from '../flows-contract.js';
import type { FreshnessActivities } from '../freshness-contract.js';
import type { IntakeActivities } from '../intake-contract.js';
import type { LabelSweepActivities } from '../label-contract.js';
import type { ActivityEffect } from '../machine.js';
import { freshnessQuery, promisesSignal } from '../messages.js';
import { freshnessMachine, type Call, type Result } from './machine.js';
import { newFreshness, restoreFreshness, type Freshness } from './state.js';
import { detailsOf } from './view.js';

/** What an earlier run hands over when it continues as new. */
export interface FreshnessRun {
  carried?: { state: Partial<Freshness>; now: number };
}

/** Each look has what it remembers in its history twice. */
const maxEvents = 200;

// A look reads lists of a whole site, and then single items. What fails is begun anew by the machine, with what is known by then.
const looks = proxyActivities<FreshnessActivities & FlowActivities>({
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '6m',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '5s', maximumAttempts: 2 },
});
const deliveries = proxyActivities<IntakeActivities>({
  taskQueue: taskQueues.intake,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});
// It goes through all data sources, slowly. The machine begins it anew where it fails.
const sweeps = proxyActivities<LabelSweepActivities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '2m',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '10s', maximumAttempts: 5 },
});
const paging = proxyActivities<PagingActivities>({
  startToCloseTimeout: '9s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

async function runActivity({ call, summary }: ActivityEffect<Call>): Promise<Result> {
  const options = { summary };
  switch (call.activity) {
    case 'checkFreshness':
      return { activity: call.activity, result: await looks.checkFreshness.executeWithOptions(options, [call.input]) };
    case 'checkFlows':
      return { activity: call.activity, result: await looks.checkFlows.executeWithOptions(options, [call.input]) };
    case 'deliver':
      return { activity: call.activity, result: await deliveries.deliver.executeWithOptions(options, [call.input]) };
    case 'sweepLabels':
      return { activity: call.activity, result: await sweeps.sweepLabels.executeWithOptions(options, []) };
    case 'signalPagers':
      return { activity: call.activity, result: await paging.signalPagers.executeWithOptions(options, [call.input]) };
  }
}

/** Whether the items of a site have new data by the time that was promised. It ends when nothing is promised any more. */
export async function freshness({ carried }: FreshnessRun = {}): Promise<void> {
  const state = carried ? restoreFreshness(carried.state) : newFreshness();
  const driver = createDriver({
    machine: freshnessMachine,
    state,
    notBefore: carried?.now ?? 0,
    runActivity,
    details: () => detailsOf(state),
    about: {},
    maxBusyEvents: maxEvents,
    continueAsNew: (now) => continueAsNew<(run: FreshnessRun) => Promise<void>>({ carried: { state, now } }),
  });
  driver.onSignal(
    promisesSignal,
    (signal) => ({ type: 'promises', signal }),
    'The promises of the escalation file have changed',
  );
  driver.onQuery(freshnessQuery, () => freshnessMachine.view(state), 'What is known of every promised item');
  await driver.run();
}
