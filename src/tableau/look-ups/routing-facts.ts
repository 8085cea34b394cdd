import { canBeRefreshed, type Item } from '../../workflows/contract.js';
import type { Catalog } from './catalog.js';
import { elements, shown } from '../rest/reading.js';
import { as, Named } from '../rest/schemas.js';
import { failuresInARow } from './tasks.js';

/** What routes can depend on. A property that is absent is not known; an empty one says that there is none. */
export interface RoutingFacts {
  /** The path of its project. */
  project?: string;
  tags?: string[];
  /** User name and e-mail address. */
  owner?: string[];
  /** Failures in a row by Tableau's count. */
  failures?: number;
}
export type RoutingFact = keyof RoutingFacts;

interface Options {
  catalog: Catalog;
  ownerNames: (item: Item, signal: AbortSignal) => Promise<string[]>;
  /** Receives why something is not known, now or for good. */
  onProblem: (item: Item, fact: RoutingFact, error: unknown) => void;
}

export interface Asking {
  signal: AbortSignal;
  /** When the failure arrived: what Tableau was asked before does not count it. */
  since: number;
}

const none: Required<RoutingFacts> = { project: '', tags: [], owner: [], failures: 0 };

/** Looks up some of it, each part by itself. Gives what is known when the signal is aborted; the requests go on for others then. */
export function createRoutingFacts({ catalog, ownerNames, onProblem }: Options) {
  const readers: {
    [Fact in RoutingFact]: (
      item: Parameters<Catalog['contentOf']>[0],
      how: Asking,
    ) => Promise<Pick<RoutingFacts, Fact>>;
  } = {
    async project(item) {
      const project = as(Named, (await catalog.contentOf(item)).project);
      const id = shown(project?.id);
      // Its name alone would not say where it is.
      const path = id === undefined ? undefined : await catalog.pathOf(id);
      return path === undefined ? {} : { project: path };
    },
    tags: async (item) => ({
      tags: elements((await catalog.contentOf(item)).tags, 'tag', Named).flatMap(({ label }) => shown(label) ?? []),
    }),
    owner: async (item, { signal }) => ({ owner: await ownerNames(item, signal) }),
    // A list of tasks that is older than the failure counts one too few. A user who sees no task of the item knows nothing of its failures.
    async failures({ luid }, { since }) {
      const failures = failuresInARow(await catalog.tasksOf(luid, since));
      return failures === undefined ? {} : { failures };
    },
  };

  return async (item: Item, wanted: readonly RoutingFact[], asking: Asking): Promise<RoutingFacts> => {
    const { signal } = asking;
    // Tableau has no project, tag, owner or refresh of a user or a site.
    if (!canBeRefreshed(item)) return none;
    const found: RoutingFacts = {};
    const read = async (fact: RoutingFact): Promise<void> => {
      try {
        Object.assign(found, await readers[fact](item, asking));
      } catch (error) {
        if (!signal.aborted) onProblem(item, fact, error);
      }
    };
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([Promise.all(wanted.map(read)), aborted]);
    return { ...found };
  };
}
