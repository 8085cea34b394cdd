import { canBeRefreshed, type Item, type ItemFacts } from '../../workflows/contract.js';
import type { Catalog } from './catalog.js';
import { isRefused, TableauError } from '../rest/errors.js';
import { elements, optional, shown } from '../rest/reading.js';
import { as, Named, Owner, type Content } from '../rest/schemas.js';
import { untilAborted } from '../rest/timeouts.js';

const pathTimeoutMs = 500;

/** The codes of an item that is not there. Another 404 is of a wrong address or site. */
const notFoundCodes = { workbook: '404006', datasource: '404004' };

interface FoundOwner {
  owner?: string | undefined;
  ownerRole?: string | undefined;
  problem?: string;
}

/**
 * Looks up what an item is and who owns it. Throws only when a later try may succeed.
 * @param contactOf the key of the contact whom Tableau knows by one of these user names and e-mail addresses; null where there is none
 */
export function createItemLookUp(
  catalog: Catalog,
  contactOf: (names: readonly string[]) => string | null,
): (item: Item, signal: AbortSignal) => Promise<ItemFacts> {
  const roleOf = (...names: unknown[]): string | undefined =>
    contactOf(names.map(shown).filter((name) => name !== undefined)) ?? undefined;

  /** Never throws a TableauError: the other facts are useful without the owner. */
  async function ownerOf(content: Content): Promise<FoundOwner> {
    const owner = as(Owner, content.owner);
    const name = shown(owner?.fullName) ?? shown(owner?.name);
    if (name !== undefined) return { owner: name, ownerRole: roleOf(owner?.name) };
    const id = shown(owner?.id);
    if (id === undefined) return { problem: 'Tableau names no owner.' };
    try {
      const user = await catalog.userOf(id);
      const found = shown(user.fullName) ?? shown(user.name);
      const ownerRole = roleOf(user.name, user.email);
      return found === undefined
        ? { ownerRole, problem: 'Tableau gives no name of the owner.' }
        : { owner: found, ownerRole };
    } catch (error) {
      if (error instanceof TableauError) return { problem: error.message };
      throw error;
    }
  }

  /** The project's path, or its own name when the path is not known in time: the page waits for this look-up. */
  async function projectOf(content: Content): Promise<Pick<ItemFacts, 'project' | 'isProjectName'>> {
    const project = as(Named, content.project);
    const [id, name] = [shown(project?.id), shown(project?.name)];
    const path = id === undefined ? 'always' : await pathInTime(id);
    if (typeof path === 'object') return { project: path.path };
    return name === undefined ? {} : { project: name, isProjectName: path };
  }

  /** In place of the path, whether asking again can help. */
  async function pathInTime(id: string): Promise<{ path: string } | 'now' | 'always'> {
    try {
      const path = await untilAborted(AbortSignal.timeout(pathTimeoutMs), catalog.pathOf(id), aborted);
      return path === undefined ? 'always' : { path };
    } catch (error) {
      return isRefused(error) ? 'always' : 'now';
    }
  }

  return async (item, signal) => {
    if (!canBeRefreshed(item)) return { name: item.name, problems: [] };
    try {
      const content = await untilAborted(signal, catalog.contentOf(item), aborted);
      const [{ owner, ownerRole, problem }, project] = await Promise.all([ownerOf(content), projectOf(content)]);
      const tags = elements(content.tags, 'tag', Named).flatMap(({ label }) => shown(label) ?? []);
      return {
        name: shown(content.name) ?? item.name,
        ...project,
        ...optional('owner', owner),
        ...optional('ownerRole', ownerRole),
        ...optional('url', webLink(content.webpageUrl)),
        ...(tags.length > 0 && { tags: tags.slice(0, 20) }),
        problems: problem === undefined ? [] : [problem],
      };
    } catch (error) {
      if (!isRefused(error)) throw error;
      const unknownItem = error.code === notFoundCodes[item.kind];
      return { name: item.name, problems: [error.message], ...(unknownItem && { unknownItem }) };
    }
  };
}

const aborted = (): Error => new Error('Tableau did not answer in time.');

const webLink = (url: unknown): string | undefined =>
  typeof url === 'string' && /^https?:\/\//.test(url) && url.length <= 1000 ? url : undefined;
