/** Workbooks, data sources and flows, with their owners and projects. */
import { randomUUID } from 'node:crypto';
import type { NewSchedule, Schedules } from './schedules.js';
import type { Flow, Item, Kind, Ports, Project, Runnable, TableauState, User } from './world.js';

export interface NewItem {
  kind: Kind;
  name: string;
  project?: string;
  /** Null: none, as for some data sources. */
  owner?: string | null;
  luid?: string;
  /** True unless given; false for a workbook with `upstream`. */
  hasExtracts?: boolean;
  tags?: string[];
  /** How many workbooks a data source feeds, besides those of the sandbox. */
  downstream?: number;
  /** The luids of the published data sources that a workbook is built on. */
  upstream?: string[];
  /** Tableau Bridge refreshes it. */
  bridge?: boolean;
  schedule?: NewSchedule;
}

export type NewFlow = Pick<NewItem, 'name' | 'project' | 'owner' | 'luid' | 'schedule'>;

const defaultNotes =
  'Error: Unable to connect to the server "db.example.com". Check that the server is running and that you have access privileges to the requested database.';

export const findUser = (state: TableauState, name: string): User => {
  const known = [...state.users.values()].find((user) => user.name === name || user.fullName === name);
  if (known) return known;
  const login = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.');
  const user = { luid: randomUUID(), name: login, fullName: name, email: `${login}@example.com` };
  state.users.set(user.luid, user);
  return user;
};

/** `Finance/Daily` is Daily inside Finance. */
const findProject = (state: TableauState, path: string): Project => {
  const known = state.projects.get(path);
  if (known) return known;
  const cut = path.lastIndexOf('/');
  const parent = cut === -1 ? null : findProject(state, path.slice(0, cut));
  const project = { luid: randomUUID(), name: path.slice(cut + 1), path, parent };
  state.projects.set(path, project);
  return project;
};

/** What is new and works, in the project Default and of Ana Silva unless given. */
const newRunnable = (
  state: TableauState,
  {
    name,
    project = 'Default',
    owner = 'Ana Silva',
    luid = randomUUID(),
  }: Pick<NewItem, 'name' | 'project' | 'owner' | 'luid'>,
): Runnable => ({
  luid,
  name,
  project: findProject(state, project),
  owner: owner === null ? null : findUser(state, owner),
  createdAt: Date.now(),
  condition: 'healthy',
  notes: defaultNotes,
  failedCount: 0,
  isSuspended: false,
  isTaskSuspended: false,
  taskLuid: randomUUID(),
  schedule: null,
  skipsRuns: false,
  lastEventAt: 0,
});

/** Gives the function that adds an item. It throws for a workbook on a data source that does not exist. */
export const createItems = (state: TableauState, ports: Ports, schedules: Schedules): ((item: NewItem) => Item) => {
  let numbers = 265_600;
  return (given) => {
    const { kind, tags = [], downstream = 0, upstream = [], bridge = false, schedule } = given;
    const { hasExtracts = upstream.length === 0 } = given;
    const unknown = upstream.find((luid) => state.items.get(luid)?.kind !== 'datasource');
    if (unknown !== undefined) throw new Error(`There is no data source ${unknown}.`);
    numbers += 1;
    const runnable = newRunnable(state, given);
    const item: Item = {
      ...runnable,
      kind,
      number: numbers,
      updatedAt: runnable.createdAt,
      hasExtracts,
      usesBridge: bridge,
      tags,
      downstream,
      upstream,
      refreshedAt: null,
      incrementedAt: null,
      publishedAt: null,
      refreshes: [],
    };
    state.items.set(item.luid, item);
    if (schedule) schedules.set(item, schedule);
    ports.changed();
    return item;
  };
};

/** Gives the function that adds a flow. */
export const createFlows =
  (state: TableauState, ports: Ports, schedules: Schedules): ((flow: NewFlow) => Flow) =>
  (given) => {
    const flow: Flow = { ...newRunnable(state, given), kind: 'flow' };
    state.flows.set(flow.luid, flow);
    if (given.schedule) schedules.set(flow, given.schedule);
    ports.changed();
    return flow;
  };
