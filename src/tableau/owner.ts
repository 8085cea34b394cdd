import { canBeRefreshed, minute, second, type Item } from '../workflows/contract.js';
import { createCache } from './cache.js';
import type { TableauClient } from './client.js';
import { shown } from './reading.js';
import { as, Owner, type User } from './schemas.js';
import { sharedRequestSignal, untilAborted } from './timeouts.js';

/**
 * Looks up by which names Tableau knows the owner of an item: user name and e-mail address. Tableau Cloud's user names are
 * e-mail addresses. Throws a TableauError, or an error when the signal is aborted first; the requests go on for others then.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_users_and_groups.htm#query_user_on_site
 */
export function createOwnerNames(tableau: TableauClient): (item: Item, signal: AbortSignal) => Promise<string[]> {
  const ids = createCache<string | undefined>({ ttlMs: 10 * minute, failureTtlMs: () => 2 * second });
  const users = createCache<User>({ ttlMs: 10 * minute, failureTtlMs: () => 2 * second });

  async function namesOf(item: Item): Promise<string[]> {
    if (!canBeRefreshed(item) || !/^[\w-]+$/.test(item.luid)) return [];
    const id = await ids.get(item.luid, async () => {
      const content = await tableau[item.kind](item.luid, sharedRequestSignal());
      return shown(as(Owner, content.owner)?.id);
    });
    if (id === undefined) return [];
    const { name, email } = await users.get(id, () => tableau.user(id, sharedRequestSignal()));
    return [shown(name), shown(email)].filter((each) => each !== undefined);
  }

  return (item, signal) => untilAborted(signal, namesOf(item), () => new Error('Tableau did not answer in time.'));
}
