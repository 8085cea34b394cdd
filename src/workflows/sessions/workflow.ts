import { ApplicationFailure, continueAsNew } from '@temporalio/workflow';
import { createDriver } from '../driver.js';
import { endSessionsSignal } from '../messages.js';
import { detailsOf, newSessions, restoreSessions, sessionsMachine, type Input, type Sessions } from './machine.js';

/** What an earlier run hands over when it continues as new. */
export interface SessionsRun {
  carried?: { state: Partial<Sessions>; now: number };
}

const runActivity = (): Promise<never> =>
  Promise.reject(ApplicationFailure.nonRetryable('This workflow has no activity.'));

/** Which sessions of the pages were ended before their time: one workflow, as long as it has something to remember. */
export async function endedSessions({ carried }: SessionsRun = {}): Promise<void> {
  const state = carried ? restoreSessions(carried.state) : newSessions();
  const driver = createDriver<Sessions, Input, never, never, never>({
    machine: sessionsMachine,
    state,
    notBefore: carried?.now ?? 0,
    runActivity,
    details: () => detailsOf(state),
    about: {},
    continueAsNew: (now) => continueAsNew<(run: SessionsRun) => Promise<void>>({ carried: { state, now } }),
  });
  driver.onSignal(endSessionsSignal, (signal) => ({ type: 'end', signal }), 'A session ends, or all of a person');
  await driver.run();
}
