import { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import type { Item, ItemFacts, TableauActivities } from '../../workflows/contract.js';
import type { TableauClient } from './client.js';
import type { Content } from './schemas.js';

export interface TableauDependencies {
  tableau: TableauClient;
  logger: BaseLogger;
  /** How long one look-up may take, milliseconds. */
  deadline?: number;
}

/**
 * Looks items up in Tableau. Throws for one reason, of type `tableau-unavailable`, retryable: nothing could be learnt now, and a
 * later try may succeed.
 */
export function createTableauActivities({
  tableau,
  logger,
  deadline = 11_000,
}: TableauDependencies): TableauActivities {
  return {
    async lookUpItem({ item }): Promise<ItemFacts> {
      const signal = AbortSignal.timeout(deadline);
      const content = await contentOf(tableau, item, signal);
      if (content === undefined) return { name: item.name, problems: [] };
      if ('problem' in content) {
        logger.warn({ kind: item.kind, luid: item.luid }, content.problem);
        return { name: item.name, problems: [content.problem] };
      }
      const { owner, problem } = await ownerOf(tableau, content, signal);
      const detail = {
        name: shown(content.name) ?? item.name,
        ...optional('project', shown(content.project?.name)),
        ...optional('owner', owner),
        ...optional('url', link(content.webpageUrl)),
      };
      return { ...detail, problems: problem === undefined ? [] : [problem] };
    },
    lookUpCause: () => Promise.resolve({ problems: [] }),
    lookUpSeverity: () => Promise.resolve({ problems: [] }),
    hasHealed: () => Promise.resolve(false),
    rerun: () => Promise.resolve({ state: 'refused', why: 'Running a refresh again is not possible yet.' }),
    checkJob: () => Promise.resolve({ state: 'unknown' }),
  };
}

/** What Tableau knows of the item; undefined for kinds that have nothing to look up. */
async function contentOf(
  tableau: TableauClient,
  { kind, luid }: Item,
  signal: AbortSignal,
): Promise<Content | { problem: string } | undefined> {
  if (kind !== 'workbook' && kind !== 'datasource') return undefined;
  if (!/^[\w-]+$/.test(luid)) return { problem: 'The event names nothing that can be looked up in Tableau.' };
  try {
    return await tableau[kind](luid, signal);
  } catch (error) {
    if (error instanceof ApplicationFailure && error.nonRetryable) return { problem: error.message };
    throw error;
  }
}

/** Without an owner the rest is still worth having, so that nothing is thrown here. */
async function ownerOf(
  tableau: TableauClient,
  { owner }: Content,
  signal: AbortSignal,
): Promise<{ owner?: string | undefined; problem?: string }> {
  const name = shown(owner?.fullName) ?? shown(owner?.name);
  if (name !== undefined) return { owner: name };
  const id = shown(owner?.id);
  if (id === undefined) return { problem: 'Tableau names no owner.' };
  try {
    const user = await tableau.user(id, signal);
    const found = shown(user.fullName) ?? shown(user.name);
    return found === undefined ? { problem: "Tableau does not tell the owner's name." } : { owner: found };
  } catch (error) {
    if (error instanceof ApplicationFailure) return { problem: error.message };
    throw error;
  }
}

const shown = (value: string | number | null | undefined): string | undefined =>
  String(value ?? '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 255)
    .replace(/[\uD800-\uDBFF]$/, '') || undefined;

const link = (url: string | null | undefined): string | undefined =>
  url && /^https?:\/\//.test(url) && url.length <= 1000 ? url : undefined;

const optional = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } => {
  const entry: { [P in K]?: string } = {};
  if (value !== undefined) entry[key] = value;
  return entry;
};
