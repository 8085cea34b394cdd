/** What the reply numbers of a contact mean, from the memo of its pager: no worker is needed. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { numberKey, pagerId, type LinkTarget } from '../workflows/pager-contract.js';

const Numbered = Type.Object({ incident: Type.String(), episode: Type.String(), at: Type.Number() });
const highest = 99;

/**
 * By number, from 1 to 99; empty for a contact who was never paged. A number stays until it is given again, also when its item is over.
 * @throws whatever Temporal says, but that there is no such pager
 */
export async function readNumbers(client: Client, contact: string): Promise<Map<number, LinkTarget>> {
  const pager = await client.workflow
    .getHandle(pagerId(contact))
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
  const found = new Map<number, LinkTarget>();
  for (let number = 1; number <= highest; number += 1) {
    const item = pager?.memo?.[numberKey(number)];
    if (Value.Check(Numbered, item)) found.set(number, { number, ...item });
  }
  return found;
}
