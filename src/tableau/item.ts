import { ApplicationFailure } from '@temporalio/common';
import type { Item, ItemFacts } from '../workflows/contract.js';
import type { TableauClient } from './client.js';
import { isRefused } from './errors.js';
import { createProjects } from './projects.js';
import { elements, optional, shown } from './reading.js';
import { createRemembered } from './cache.js';
import { as, Named, Owner, type Content, type User } from './schemas.js';
import { untilAborted } from './until.js';

/** Milliseconds. */
const pathWait = 500;

/** Looks up what an item is and whose. Throws only what a later try may mend. */
export function createItemLookUp(tableau: TableauClient): (item: Item, signal: AbortSignal) => Promise<ItemFacts> {
  const pathOf = createProjects(tableau);
  const users = createRemembered<User>({ keep: 10 * 60_000, keepFailure: () => 2_000 });

  /** Without an owner the rest is still worth having, so that nothing is thrown here. */
  async function ownerOf(content: Content): Promise<{ owner?: string | undefined; problem?: string }> {
    const owner = as(Owner, content.owner);
    const name = shown(owner?.fullName) ?? shown(owner?.name);
    if (name !== undefined) return { owner: name };
    const id = shown(owner?.id);
    if (id === undefined) return { problem: 'Tableau names no owner.' };
    try {
      const user = await users.get(id, () => tableau.user(id, AbortSignal.timeout(9_000)));
      const found = shown(user.fullName) ?? shown(user.name);
      return found === undefined ? { problem: "Tableau does not tell the owner's name." } : { owner: found };
    } catch (error) {
      if (error instanceof ApplicationFailure) return { problem: error.message };
      throw error;
    }
  }

  /** The project's own name will do where its path cannot be learnt soon: the page waits for the rest. */
  async function projectOf(content: Content): Promise<string | undefined> {
    const project = as(Named, content.project);
    const id = shown(project?.id);
    const path = id === undefined ? undefined : await soon(pathOf(id));
    return path ?? shown(project?.name);
  }

  return async (item, signal) => {
    const { kind, luid } = item;
    if (kind !== 'workbook' && kind !== 'datasource') return { name: item.name, problems: [] };
    try {
      const content = await tableau[kind](luid, signal);
      const [{ owner, problem }, project] = await Promise.all([ownerOf(content), projectOf(content)]);
      const tags = elements(content.tags, 'tag', Named).flatMap(({ label }) => shown(label) ?? []);
      return {
        name: shown(content.name) ?? item.name,
        ...optional('project', project),
        ...optional('owner', owner),
        ...optional('url', link(content.webpageUrl)),
        ...(tags.length > 0 && { tags: tags.slice(0, 20) }),
        problems: problem === undefined ? [] : [problem],
      };
    } catch (error) {
      if (isRefused(error)) return { name: item.name, problems: [error.message] };
      throw error;
    }
  };
}

const soon = <T>(work: Promise<T>): Promise<T | undefined> =>
  untilAborted(AbortSignal.timeout(pathWait), work, () => new Error('late')).catch(() => undefined);

const link = (url: unknown): string | undefined =>
  typeof url === 'string' && /^https?:\/\//.test(url) && url.length <= 1000 ? url : undefined;
