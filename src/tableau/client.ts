import type { BaseLogger } from 'pino';
import { tableauFailure, type TableauAnswer } from './errors.js';
import { countOf, elements } from './reading.js';
import {
  as,
  DatasourceAnswer,
  GraphAnswer,
  JobAnswer,
  JobRow,
  JobsAnswer,
  LineageNode,
  Pagination,
  Project,
  ProjectsAnswer,
  Task,
  TasksAnswer,
  UserAnswer,
  WorkbookAnswer,
  type Content,
  type Job,
  type User,
} from './schemas.js';
import { mayReadJobs } from './sign-in.js';
import { accept, createTransport, type TableauConfig } from './transport.js';

export type { TableauConfig } from './transport.js';
export type { SignInBy } from './sign-in.js';

export interface JobsWanted {
  status: 'Failed' | 'Success';
  /** Only jobs that ended then or later, milliseconds since the epoch. */
  endedAfter: number;
}

/**
 * One site of Tableau. Every method ends when `signal` does, and throws an ApplicationFailure: of type
 * `tableau-unavailable` where a later try may succeed, else `tableau-refused`, nonRetryable.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
 */
export interface TableauClient {
  /** The luid of our site. */
  site(signal: AbortSignal): Promise<string>;
  workbook(luid: string, signal: AbortSignal): Promise<Content>;
  datasource(luid: string, signal: AbortSignal): Promise<Content>;
  user(luid: string, signal: AbortSignal): Promise<User>;
  /** All projects that we may see, 5,000 at most. */
  projects(signal: AbortSignal): Promise<Project[]>;
  /** Extract refresh jobs, newest first, 1,000 at most. */
  jobs(wanted: JobsWanted, signal: AbortSignal): Promise<JobRow[]>;
  job(luid: string, signal: AbortSignal): Promise<Job>;
  /** Every extract refresh task of the site: Tableau can neither filter nor page them. */
  tasks(signal: AbortSignal): Promise<Task[]>;
  /** What the Metadata API knows of these workbooks and data sources. */
  lineage(luids: readonly string[], signal: AbortSignal): Promise<LineageNode[]>;
  /** Update Workbook or Data Source Now; the answer as it is, for a refusal says much. */
  refresh(kind: 'workbook' | 'datasource', luid: string, signal: AbortSignal): Promise<TableauAnswer>;
  /** Ends the session, for shutdown. Never throws. */
  signOut(): Promise<void>;
}

/** A site's list can be long. */
const longer = { timeout: 8_000 };
const day = 24 * 3_600_000;

const lineageQuery = `query lineage($luids: [String]) {
  publishedDatasourcesConnection(filter: { luidWithin: $luids }, first: 100) {
    nodes { luid extractLastUpdateTime downstreamWorkbooks { luid } }
  }
  workbooksConnection(filter: { luidWithin: $luids }, first: 100) {
    nodes { luid embeddedDatasources { extractLastUpdateTime } }
  }
}`;

/** A client that signs in when first asked, with one session for all. `timeout` of one request in milliseconds. */
export function createTableauClient(
  config: TableauConfig,
  { logger, timeout = 5_000 }: { logger: BaseLogger; timeout?: number },
): TableauClient {
  const { ask, answer, site, signOut } = createTransport(config, logger, timeout);
  const longest = timeout < 5_000 ? {} : longer;
  let sortsJobs = true;

  async function projects(signal: AbortSignal): Promise<Project[]> {
    const found: Project[] = [];
    for (let page = 1; page <= 5; page += 1) {
      const params = { pageSize: 1_000, pageNumber: page };
      const body = await ask('projects', { path: 'projects', params, ...longest }, ProjectsAnswer, signal);
      found.push(...elements(body.projects, 'project', Project));
      const total = countOf(as(Pagination, body.pagination)?.totalAvailable) ?? 0;
      if (total <= page * 1_000) break;
    }
    return found;
  }

  async function jobs({ status, endedAfter }: JobsWanted, signal: AbortSignal): Promise<JobRow[]> {
    if (!mayReadJobs(config.signIn, config.apiVersion)) throw tableauFailure(jobsNeedNewer);
    const filtered = (params: object) =>
      answer('jobs', { path: 'jobs', params: { ...params, pageSize: 1_000 }, ...longest }, signal);
    let got = sortsJobs ? await filtered(exactly(status, endedAfter)) : undefined;
    // Not every version knows the sort and each of the fields.
    if (got === undefined || got.status === 400) {
      sortsJobs &&= got === undefined;
      got = await filtered(roughly(status, endedAfter));
    }
    return elements(accept(got, JobsAnswer, 'jobs').backgroundJobs, 'backgroundJob', JobRow);
  }

  return {
    site,
    signOut,
    projects,
    jobs,
    workbook: async (luid, signal) =>
      (await ask('workbook', { path: at('workbooks', luid) }, WorkbookAnswer, signal)).workbook,
    datasource: async (luid, signal) =>
      (await ask('datasource', { path: at('datasources', luid) }, DatasourceAnswer, signal)).datasource,
    user: async (luid, signal) => (await ask('user', { path: at('users', luid) }, UserAnswer, signal)).user,
    async job(luid, signal) {
      if (!mayReadJobs(config.signIn, config.apiVersion)) throw tableauFailure(jobsNeedNewer);
      return (await ask('job', { path: at('jobs', luid) }, JobAnswer, signal)).job;
    },
    async tasks(signal) {
      const { tasks } = await ask('tasks', { path: 'tasks/extractRefreshes', ...longest }, TasksAnswer, signal);
      return elements(tasks, 'task', Task);
    },
    async lineage(luids, signal) {
      const data = { query: lineageQuery, variables: { luids } };
      const path = '/api/metadata/graphql';
      const body = await ask('lineage', { method: 'post', path, data, ...longest }, GraphAnswer, signal);
      const { publishedDatasourcesConnection, workbooksConnection } = body.data ?? {};
      return [publishedDatasourcesConnection, workbooksConnection].flatMap((nodes) =>
        elements(nodes, 'nodes', LineageNode),
      );
    },
    refresh: (kind, luid, signal) =>
      answer('refresh', { method: 'post', path: `${at(`${kind}s`, luid)}/refresh`, data: {} }, signal),
  };
}

const exactly = (status: string, endedAfter: number) => ({
  filter: `jobType:in:[refresh_extracts,increment_extracts],status:eq:${status},completedAt:gte:${second(endedAfter)}`,
  sort: 'createdAt:desc',
});

/** A job that ended lately may have waited and run for a day. */
const roughly = (status: string, endedAfter: number) => ({
  filter: `jobType:eq:refresh_extracts,status:eq:${status},createdAt:gte:${second(endedAfter - day)}`,
});

const jobsNeedNewer = {
  type: 'tableau-refused' as const,
  retryable: false,
  message: 'A connected app may read jobs since REST API 3.25 (Tableau 2025.1): set TABLEAU_RESTAPI_VERSION.',
};

const second = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
const at = (collection: string, luid: string) => `${collection}/${encodeURIComponent(luid)}`;
