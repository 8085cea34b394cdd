/** A workflow that decides by what it has heard when its timer fires, and so must hear both in one task, as a replay does. */
import { condition, defineQuery, defineSignal, setHandler, sleep, upsertMemo } from '@temporalio/workflow';

export const answered = defineSignal('answered');
export const isAnswered = defineQuery<boolean>('isAnswered');

export async function listening(): Promise<void> {
  let heard = false;
  setHandler(answered, () => {
    heard = true;
  });
  setHandler(isAnswered, () => heard);
  await sleep(1_000);
  if (heard) upsertMemo({ heard });
  else await sleep(60_000);
  await condition(() => false);
}
