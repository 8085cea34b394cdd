import { minute, second, type Item, type RefreshableKind } from '../../workflows/contract.js';
import { createCache } from '../cache.js';
import type { TableauClient } from '../rest/client.js';
import { createProjects } from './projects.js';
import type { Content, User } from '../rest/schemas.js';
import { createTasks, type TasksOf } from './tasks.js';
import { sharedRequestSignal } from '../rest/timeouts.js';

/** What several look-ups read of items: each request is made once for all who ask at about the same time. Throws a TableauError. */
export interface Catalog {
  /** A workbook or data source. */
  contentOf: (item: Item & { kind: RefreshableKind }) => Promise<Content>;
  /** The path of a project by its luid, `Finance/Daily`; undefined where Tableau does not show the project. */
  pathOf: (project: string) => Promise<string | undefined>;
  userOf: (luid: string) => Promise<User>;
  tasksOf: TasksOf;
}

/** An item is looked up for its route, for its owner and for its page, within a second. */
const contentTtlMs = 20 * second;

export function createCatalog(tableau: TableauClient): Catalog {
  const contents = createCache<Content>({ ttlMs: contentTtlMs });
  const users = createCache<User>({ ttlMs: 10 * minute, failureTtlMs: () => 2 * second });
  return {
    contentOf: ({ kind, luid }) => contents.get(luid, () => tableau[kind](luid, sharedRequestSignal())),
    pathOf: createProjects(tableau),
    userOf: (luid) => users.get(luid, () => tableau.user(luid, sharedRequestSignal())),
    tasksOf: createTasks(tableau),
  };
}
