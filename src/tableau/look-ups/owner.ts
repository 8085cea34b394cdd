import { canBeRefreshed, type Item } from '../../workflows/contract.js';
import type { Catalog } from './catalog.js';
import { shown } from '../rest/reading.js';
import { as, Owner } from '../rest/schemas.js';
import { untilAborted } from '../rest/timeouts.js';

/**
 * Looks up by which names Tableau knows the owner of an item: user name and e-mail address. Tableau Cloud's user names are
 * e-mail addresses. Throws a TableauError, or an error when the signal is aborted first; the requests go on for others then.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_users_and_groups.htm#query_user_on_site
 */
export function createOwnerNames(catalog: Catalog): (item: Item, signal: AbortSignal) => Promise<string[]> {
  async function namesOf(item: Item): Promise<string[]> {
    if (!canBeRefreshed(item) || !/^[\w-]+$/.test(item.luid)) return [];
    const id = shown(as(Owner, (await catalog.contentOf(item)).owner)?.id);
    if (id === undefined) return [];
    const { name, email } = await catalog.userOf(id);
    return [shown(name), shown(email)].filter((each) => each !== undefined);
  }

  return (item, signal) => untilAborted(signal, namesOf(item), () => new Error('Tableau did not answer in time.'));
}
