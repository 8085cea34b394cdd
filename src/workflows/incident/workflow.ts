import { ActivityCancellationType, ApplicationFailure, proxyActivities, uuid4 } from '@temporalio/workflow';
import {
  retryActivityId,
  type OnCallActivities,
  type PagingActivities,
  type RoutingActivities,
  type SilenceActivities,
  type TableauActivities,
} from '../activity-contract.js';
import { taskQueues, type IncidentInput } from '../contract.js';
import { continueWithMemo, createDriver } from '../driver.js';
import type { LabelActivities } from '../label-contract.js';
import type { ReportActivities } from '../webhook-contract.js';
import type { ActivityEffect } from '../machine.js';
import { answerSignal, answerUpdate, eventSignal, failedSignal, heldSignal, sentSignal } from '../messages.js';
import type { Result } from './results.js';
import { incidentMachine, type Call } from './machine.js';
import { newIncident, restoreIncident, type Incident } from './state.js';
import { detailsOf } from './view.js';

/** What an earlier run hands over when it continues as new. */
export interface IncidentRun extends IncidentInput {
  carried?: { state: Partial<Incident>; now: number };
}

const paging = proxyActivities<PagingActivities>({
  // A look-up of 0.8 s, 5 s for the signals, and time for a busy worker.
  startToCloseTimeout: '9s',
  // An answer must not wait for an activity whose worker died.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

// Until it is known who that is nobody is paged. When no worker can find it, the fallback of the policy is.
const onCall = proxyActivities<OnCallActivities & SilenceActivities>({
  startToCloseTimeout: '4s',
  scheduleToCloseTimeout: '60s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

// The first page waits for it for two seconds; later answers are waited for by nothing.
const routing = proxyActivities<RoutingActivities>({
  startToCloseTimeout: '14s',
  scheduleToCloseTimeout: '45s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' } as const;
const reads = proxyActivities<TableauActivities>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '60s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry,
});
// Safe to retry: Tableau says of a refresh that is queued already that it is queued.
const writes = proxyActivities<TableauActivities>({
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '2m',
  retry,
});

// The incident itself tries again: what is wanted may be another text by then.
const labels = proxyActivities<LabelActivities>({
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '2m',
  retry: { maximumAttempts: 1 },
});

// The incident itself tries again, with what has changed by then. The next run does not wait for it.
const reports = proxyActivities<ReportActivities>({
  taskQueue: taskQueues.webhooks,
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '60s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', maximumAttempts: 3 },
});

async function runActivity({ id, call, summary }: ActivityEffect<Call>): Promise<Result> {
  const options = { summary };
  switch (call.activity) {
    case 'signalPagers':
      return { activity: call.activity, result: await paging.signalPagers.executeWithOptions(options, [call.input]) };
    case 'retryPager': {
      const named = { ...options, activityId: retryActivityId(id, call.input.contact) };
      return { activity: call.activity, result: await paging.retryPager.executeWithOptions(named, [call.input]) };
    }
    case 'findOnCall':
      return { activity: call.activity, result: await onCall.findOnCall.executeWithOptions(options, [call.input]) };
    case 'chooseRoute':
      return { activity: call.activity, result: await routing.chooseRoute.executeWithOptions(options, [call.input]) };
    case 'findSilence':
      return { activity: call.activity, result: await onCall.findSilence.executeWithOptions(options, [call.input]) };
    case 'lookUp':
      return { activity: call.activity, result: await reads.lookUp.executeWithOptions(options, [call.input]) };
    case 'hasRecovered': {
      const bounded = { ...options, scheduleToCloseTimeout: '30s' } as const;
      return { activity: call.activity, result: await reads.hasRecovered.executeWithOptions(bounded, [call.input]) };
    }
    case 'checkItem':
      return { activity: call.activity, result: await reads.checkItem.executeWithOptions(options, [call.input]) };
    case 'rerun':
      return { activity: call.activity, result: await writes.rerun.executeWithOptions(options, [call.input]) };
    case 'setLabel':
      return { activity: call.activity, result: await labels.setLabel.executeWithOptions(options, [call.input]) };
    case 'reportChanges':
      return { activity: call.activity, result: await reports.reportChanges.executeWithOptions(options, [call.input]) };
    case 'checkJob':
      return { activity: call.activity, result: await reads.checkJob.executeWithOptions(options, [call.input]) };
  }
}

/** The durable life of one failing item: people are paged for it until somebody answers, or it works again. */
export async function incident(input: IncidentRun): Promise<void> {
  const { carried, ...start } = input;
  const state = carried ? restoreIncident(start, carried.state) : newIncident(start, uuid4());
  const driver = createDriver({
    machine: incidentMachine,
    state,
    notBefore: carried?.now ?? 0,
    runActivity,
    details: () => detailsOf(state),
    about: { incident: state.id },
    continueAsNew: (now) => continueWithMemo({ ...start, carried: { state, now } } satisfies IncidentRun),
  });
  driver.onSignal(eventSignal, (event) => ({ type: 'event', event }), 'A Tableau webhook for this item');
  driver.onSignal(answerSignal, (answer) => ({ type: 'answer', answer, isShown: true }), 'Somebody answered');
  driver.onUpdate(
    answerUpdate,
    (answer) => ({ type: 'answer', answer }),
    ({ answerId }) => {
      const outcome = incidentMachine.view(state, { answerId });
      if (outcome === null) throw ApplicationFailure.nonRetryable('The incident did not take the answer.');
      return outcome;
    },
    'Somebody answered',
  );
  driver.onSignal(sentSignal, (sent) => ({ type: 'page-sent', sent }));
  driver.onSignal(heldSignal, (held) => ({ type: 'page-held', held }));
  driver.onSignal(failedSignal, (failed) => ({ type: 'page-failed', failed }));
  await driver.run();
}
