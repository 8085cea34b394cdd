/** Reads of workbooks, data sources, users and jobs, and the request to run a refresh. */
import { badRequest, isTableauError, tableauError, type TableauError } from './errors.js';
import { filtered, sorted } from './filters.js';
import { createFlowReads, type FlowReads } from './flows.js';
import type { Refreshes } from './refreshes.js';
import {
  itemResource,
  jobResource,
  jobRow,
  listOf,
  pageOf,
  projectResource,
  sitePath,
  userResource,
} from './resources.js';
import { taskResource } from './task-resources.js';
import type { Item, Kind, Ports, TableauOptions, TableauState } from './world.js';

type Json = Record<string, unknown>;
type Query = Record<string, string>;

const itemMissing: Record<Kind, TableauError> = {
  workbook: tableauError('404006', 'Resource Not Found', 'Workbook could not be found.'),
  datasource: tableauError('404004', 'Resource Not Found', 'Data source could not be found.'),
};
const userMissing = tableauError('404002', 'Resource Not Found', 'User could not be found.');
const jobMissing = tableauError('404003', 'Resource Not Found', 'Job could not be found.');
const jobUnreadable = tableauError('400031', 'Bad Request', 'Jobs of this type cannot be queried.');
const sortRefused = tableauError('400006', 'Bad Request', 'Invalid sort expression: the field cannot be sorted by.');

const itemFields = ['name', 'projectName', 'createdAt', 'updatedAt'];
const jobFields = [
  'jobType',
  'status',
  'createdAt',
  'startedAt',
  'completedAt',
  'endedAt',
  'title',
  'subtitle',
  'notes',
  'priority',
  'progress',
];

export interface Reads {
  item: (kind: Kind, luid: string, query: Query) => Json | TableauError;
  items: (kind: Kind, query: Query) => Json | TableauError;
  user: (luid: string) => Json | TableauError;
  users: (query: Query) => Json;
  job: (luid: string) => Json | TableauError;
  jobs: (query: Query) => Json | TableauError;
  projects: (query: Query) => Json;
  /** Extract refresh tasks: the whole site, without pages. */
  tasks: () => Json;
  refresh: (kind: Kind, luid: string) => Json | TableauError;
  cancel: (luid: string) => TableauError | null;
  flows: FlowReads;
}

export const createReads = (
  options: TableauOptions,
  state: TableauState,
  ports: Ports,
  refreshes: Refreshes,
): Reads => {
  const pageBase = (): string => ports.url() + sitePath(options.site.contentUrl);
  const show = (item: Item, query: Query): Json => itemResource(item, pageBase(), query['fields'] === '_all_');
  const find = (kind: Kind, luid: string): Item | null => {
    const item = state.items.get(luid);
    return item?.kind === kind ? item : null;
  };

  return {
    item: (kind, luid, query) => {
      const item = find(kind, luid);
      return item ? { [kind]: show(item, query) } : itemMissing[kind];
    },
    items: (kind, query) => {
      const all = [...state.items.values()].filter((item) => item.kind === kind);
      const see = (item: Item): Json => ({ ...show(item, query), projectName: item.project.name });
      const rows = filtered(query['filter'], itemFields, all, see);
      if (typeof rows === 'string') return badRequest(rows);
      const { pagination, shown } = pageOf(query, sorted(query['sort'], rows, see));
      return {
        pagination,
        ...listOf(
          `${kind}s`,
          kind,
          shown.map((item) => show(item, query)),
        ),
      };
    },
    user: (luid) => {
      const user = state.users.get(luid);
      return user ? { user: userResource(user) } : userMissing;
    },
    users: (query) => {
      const { pagination, shown } = pageOf(query, [...state.users.values()]);
      return {
        pagination,
        ...listOf(
          'users',
          'user',
          shown.map((user) => userResource(user)),
        ),
      };
    },
    job: (luid) => {
      const job = state.jobs.get(luid);
      if (!job) return jobMissing;
      return ports.settings().unreadableJobTypes.includes(job.type) ? jobUnreadable : { job: jobResource(job) };
    },
    jobs: (query) => {
      if (query['sort'] !== undefined && ports.settings().jobSort === 'refused') return sortRefused;
      const { jobTitles } = ports.settings();
      const all = [...state.jobs.values()].map((job) => {
        const row = jobRow(job, jobTitles);
        return { row, fields: { ...row, notes: job.notes, completedAt: row['endedAt'] } };
      });
      const see = ({ fields }: { fields: Json }): Json => fields;
      const rows = filtered(query['filter'], jobFields, all, see);
      if (typeof rows === 'string') return badRequest(rows);
      const { pagination, shown } = pageOf(query, sorted(query['sort'], rows, see));
      return {
        pagination,
        ...listOf(
          'backgroundJobs',
          'backgroundJob',
          shown.map(({ row }) => row),
          ports.settings().oddities,
        ),
      };
    },
    projects: (query) => {
      const { pagination, shown } = pageOf(query, [...state.projects.values()]);
      return { pagination, ...listOf('projects', 'project', shown.map(projectResource), ports.settings().oddities) };
    },
    tasks: () => {
      const { oddities } = ports.settings();
      const tasks = [...state.items.values()]
        .filter((item) => (state.hasSchedules ? item.schedule !== null : item.hasExtracts))
        .map((item) => taskResource(item, oddities));
      return listOf('tasks', 'task', tasks, oddities);
    },
    refresh: (kind, luid) => {
      const item = find(kind, luid);
      if (!item) return itemMissing[kind];
      const job = refreshes.start(item);
      return isTableauError(job) ? job : { job: jobResource(job) };
    },
    cancel: (luid) => {
      const job = state.jobs.get(luid);
      if (!job) return jobMissing;
      refreshes.cancel(job);
      return null;
    },
    flows: createFlowReads(options, state, ports, refreshes),
  };
};
