/** A workflow on the driver that counts signals, always has something to wait for, and has a short run. */
import { continueAsNew, defineSignal } from '@temporalio/workflow';
import { hour } from '../../src/workflows/contract.js';
import { createDriver } from '../../src/workflows/driver.js';
import type { DriverInput, Effect, Machine } from '../../src/workflows/machine.js';

export const counted = defineSignal<[number]>('counted');

interface Count {
  counted: number;
}
type Input = { type: 'counted'; by: number } | DriverInput<never>;

const machine: Machine<Count, Input, Effect<never>, unknown> = {
  handle(state, input) {
    if (input.type === 'counted') state.counted += input.by;
  },
  advance: () => [],
  wakeAt: (_state, { now }) => ({ at: now + hour, why: 'Never' }),
  view: null,
  hasInFlight: () => false,
};

export async function counting(state: Count = { counted: 0 }): Promise<void> {
  const driver = createDriver<Count, Input, never, never, never>({
    machine,
    state,
    notBefore: 0,
    runActivity: () => Promise.reject(new Error('It has no activity.')),
    details: () => '',
    about: {},
    maxBusyEvents: 10,
    continueAsNew: () => continueAsNew<typeof counting>(state),
  });
  driver.onSignal(counted, (by) => ({ type: 'counted', by }));
  await driver.run();
}
