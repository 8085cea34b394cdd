import { ApplicationFailure, continueAsNew, proxyActivities } from '@temporalio/workflow';
import { taskQueues } from '../contract.js';
import { createDriver } from '../driver.js';
import type { IntakeActivities, IntakeInput } from '../intake-contract.js';
import type { ActivityEffect } from '../machine.js';
import { detailsOf, intakeMachine, newIntake, type Call, type Intake, type Result } from './machine.js';

/** What an earlier run hands over when it continues as new. */
export interface IntakeRun extends IntakeInput {
  carried?: { state: Intake; now: number };
}

const { deliver } = proxyActivities<IntakeActivities>({
  taskQueue: taskQueues.intake,
  startToCloseTimeout: '1h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' },
});

async function runActivity({ call, summary }: ActivityEffect<Call>): Promise<Result> {
  return { activity: call.activity, report: await deliver.executeWithOptions({ summary }, [call.input]) };
}

/**
 * Events of a burst that the api made durable together. It ends when each has reached its incident, and fails when one cannot.
 */
export async function intake({ carried, ...input }: IntakeRun): Promise<void> {
  const state = carried?.state ?? newIntake(input);
  const { entries: _, ...shared } = input;
  const driver = createDriver({
    machine: intakeMachine(shared),
    state,
    notBefore: carried?.now ?? 0,
    runActivity,
    details: () => detailsOf(state),
    about: {},
    continueAsNew: (now) =>
      continueAsNew<(run: IntakeRun) => Promise<void>>({ ...input, entries: [], carried: { state, now } }),
  });
  await driver.run();
  if (state.undeliverable > 0)
    throw ApplicationFailure.nonRetryable(
      `${state.undeliverable} of ${state.total} events cannot be delivered; the log names their incidents.`,
      'event-undeliverable',
    );
}
