import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { FloorActivities } from './worker.js';

const { lookUp, post } = proxyActivities<FloorActivities>({ startToCloseTimeout: '1 minute' });

export const endSignal = defineSignal('end');

/** The minimum of a durable page: one request finds out the cause, one sends it, and one signal ends it. */
export async function floor(id: string): Promise<void> {
  let ended = false;
  setHandler(endSignal, () => {
    ended = true;
  });
  await lookUp(id);
  await post(id);
  await condition(() => ended);
}
