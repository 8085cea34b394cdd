import { condition, defineQuery, defineSignal, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type { FloorActivities } from './worker.js';

const { lookUp, post, acknowledge } = proxyActivities<FloorActivities>({ startToCloseTimeout: '1 minute' });

export const endSignal = defineSignal('end');
export const acknowledgeUpdate = defineUpdate<void>('acknowledge');
export const acknowledgedQuery = defineQuery<boolean>('acknowledged');
export const replySignal = defineSignal<[string]>('reply');

/** The minimum of a durable page: one request finds out the cause, one sends it, and one signal ends it. */
export async function floor(id: string): Promise<void> {
  let ended = false;
  let acknowledged = false;
  setHandler(endSignal, () => {
    ended = true;
  });
  setHandler(acknowledgeUpdate, () => {
    acknowledged = true;
  });
  setHandler(acknowledgedQuery, () => acknowledged);
  await lookUp(id);
  await post(id);
  await condition(() => ended);
}

/** The minimum of a contact between the reply and the page: a reply names a page, and an activity takes it there. */
export async function floorPager(): Promise<void> {
  const replies: string[] = [];
  setHandler(replySignal, (id) => void replies.push(id));
  for (;;) {
    await condition(() => replies.length > 0);
    for (const id of replies.splice(0)) await acknowledge(id);
  }
}
