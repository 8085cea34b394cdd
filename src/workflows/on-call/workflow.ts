import { ActivityCancellationType, continueAsNew, proxyActivities } from '@temporalio/workflow';
import type { PagingActivities } from '../activity-contract.js';
import { createDriver } from '../driver.js';
import type { ActivityEffect } from '../machine.js';
import { endOverrideUpdate, endSilenceUpdate, makeOverrideUpdate, makeSilenceUpdate } from '../messages.js';
import { onCallMachine, type Call, type Result } from './machine.js';
import { wholeRequest } from './silences.js';
import { newOnCall, restoreOnCall, type CarriedOnCall } from './state.js';
import { detailsOf } from './view.js';

/** What an earlier run hands over when it continues as new. */
export interface OnCallRun {
  carried?: { state: CarriedOnCall; now: number };
}

const paging = proxyActivities<PagingActivities>({
  startToCloseTimeout: '9s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

async function runActivity({ call, summary }: ActivityEffect<Call>): Promise<Result> {
  return { activity: call.activity, result: await paging.signalPagers.executeWithOptions({ summary }, [call.input]) };
}

/** Overrides of on-call schedules, and silences, that were made while the service runs: one workflow, which never ends. */
export async function onCall({ carried }: OnCallRun = {}): Promise<void> {
  const state = carried ? restoreOnCall(carried.state) : newOnCall();
  const driver = createDriver({
    machine: onCallMachine,
    state,
    notBefore: carried?.now ?? 0,
    runActivity,
    details: (now) => detailsOf(state, now),
    about: {},
    continueAsNew: (now) => continueAsNew<(run: OnCallRun) => Promise<void>>({ carried: { state, now } }),
  });
  driver.onUpdate(
    makeOverrideUpdate,
    (request) => ({ type: 'make-override', request }),
    ({ override: { id } }) => onCallMachine.view(state, { name: 'made', id }),
    'Somebody is to be on call in place of whoever would be',
  );
  driver.onUpdate(
    endOverrideUpdate,
    (request) => ({ type: 'end-override', request }),
    (request) => onCallMachine.view(state, { name: 'ended', what: request }),
    'An override ends early',
  );
  driver.onUpdate(
    makeSilenceUpdate,
    (request) => ({ type: 'make-silence', request: wholeRequest(request) }),
    (request) => onCallMachine.view(state, { name: 'made', id: wholeRequest(request).silence.id }),
    'What matches is recorded, and nobody is paged for it',
  );
  driver.onUpdate(
    endSilenceUpdate,
    ({ id }) => ({ type: 'end-silence', id }),
    ({ id }) => onCallMachine.view(state, { name: 'ended', what: { id } }),
    'A silence ends early',
  );
  await driver.run();
}
