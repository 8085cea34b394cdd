import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

export const wake = defineSignal('wake');

/** Waits for a signal, and then until half a second has passed since the start. */
export async function waits() {
  const endsAt = Date.now() + 500;
  let isAwake = false;
  setHandler(wake, () => void (isAwake = true));
  await condition(() => isAwake);
  if (Date.now() < endsAt) await sleep(endsAt - Date.now());
}
