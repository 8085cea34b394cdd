import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { FloorActivities } from './worker.js';

const { post } = proxyActivities<FloorActivities>({ startToCloseTimeout: '1 minute' });

export const endSignal = defineSignal('end');

/** The least that a durable page can be: one request goes out, and one answer ends it. */
export async function floor(id: string): Promise<void> {
  let ended = false;
  setHandler(endSignal, () => {
    ended = true;
  });
  await post(id);
  await condition(() => ended);
}
