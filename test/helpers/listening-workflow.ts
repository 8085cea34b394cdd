/** A workflow that decides by the signals received when its timer fires, so it must receive both in one workflow task, as a replay does. */
import { condition, defineQuery, defineSignal, setHandler, sleep, upsertMemo } from '@temporalio/workflow';

export const answered = defineSignal('answered');
export const isAnswered = defineQuery<boolean>('isAnswered');

export async function listening(): Promise<void> {
  let received = false;
  setHandler(answered, () => {
    received = true;
  });
  setHandler(isAnswered, () => received);
  await sleep(1_000);
  if (received) upsertMemo({ received });
  else await sleep(60_000);
  await condition(() => false);
}
