import type { BaseLogger } from 'pino';
import { day, type RefreshableKind } from '../../workflows/contract.js';
import { TableauError, type TableauAnswer, type TableauProblem } from './errors.js';
import { createLabelRequests, createLabelTransport, type LabelRequests } from './labels.js';
import { countOf, elements, isoSeconds } from './reading.js';
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
import { createFlowLists, type FlowLists } from './flow-lists.js';
import { mayReadJobs } from './sign-in.js';
import { bodyOf, createTransport, signOutOf, type TableauConfig, type Transport } from './transport.js';
import { createSiteLists, type SiteLists } from './site-lists.js';
import { listWebhooks, type Webhook } from './webhook-list.js';

export type { TableauConfig } from './transport.js';
export type { SignInBy } from './sign-in.js';

export interface JobsWanted {
  status: 'Failed' | 'Success' | 'Cancelled';
  /** Only jobs that ended then or later, milliseconds since the epoch. */
  endedAfter: number;
  /** How many thousands are read at most, the newest first (default: 1). */
  pages?: number;
}

/**
 * One site of Tableau. Every method ends when `signal` is aborted, and throws a TableauError: of type `tableau-unavailable` where a
 * later try may succeed, else `tableau-refused`, not retryable.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
 */
export interface TableauClient extends SiteLists, FlowLists {
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
  /** These workbooks and data sources in the Metadata API. */
  lineage(luids: readonly string[], signal: AbortSignal): Promise<LineageNode[]>;
  /** Those that the user that we sign in as may see. */
  webhooks(signal: AbortSignal): Promise<Webhook[]>;
  /** Update Workbook or Data Source Now; the answer as it is, because `refusedRerun` explains refusals. */
  refresh(kind: RefreshableKind, luid: string, signal: AbortSignal): Promise<TableauAnswer>;
  /** Of data sources. */
  labels: LabelRequests;
  /** Ends the session, for shutdown. Never throws. */
  signOut(): Promise<void>;
}

/** A site's list can be long. */
const listTimeoutMs = 8_000;
const defaultTimeoutMs = 5_000;

const lineageQuery = `query lineage($luids: [String]) {
  publishedDatasourcesConnection(filter: { luidWithin: $luids }, first: 100) {
    nodes { luid extractLastUpdateTime downstreamWorkbooks { luid name } }
  }
  workbooksConnection(filter: { luidWithin: $luids }, first: 100) {
    nodes { luid embeddedDatasources { extractLastUpdateTime } }
  }
}`;

/** A client that signs in with its first request; one session for all requests. Each request has `timeoutMs` milliseconds. */
export function createTableauClient(
  config: TableauConfig,
  { logger, timeoutMs = defaultTimeoutMs }: { logger: BaseLogger; timeoutMs?: number },
): TableauClient {
  const transport = createTransport(config, logger, timeoutMs);
  const { read, send, site } = transport;
  const forLabels = createLabelTransport(config, transport, (its) => createTransport(its, logger, timeoutMs));
  const ofList = timeoutMs < defaultTimeoutMs ? {} : { timeoutMs: listTimeoutMs };
  return {
    site,
    signOut: () => signOutOf([transport, forLabels]),
    labels: createLabelRequests(forLabels),
    ...createSiteLists(transport, ofList),
    ...createFlowLists(transport, ofList),
    webhooks: (signal) => listWebhooks(transport, () => signal),
    projects: createProjectList(transport, ofList),
    jobs: createJobList(config, transport, ofList),
    workbook: async (luid, signal) =>
      (await read('workbook', { path: at('workbooks', luid) }, WorkbookAnswer, signal)).workbook,
    datasource: async (luid, signal) =>
      (await read('datasource', { path: at('datasources', luid) }, DatasourceAnswer, signal)).datasource,
    user: async (luid, signal) => (await read('user', { path: at('users', luid) }, UserAnswer, signal)).user,
    async job(luid, signal) {
      if (!mayReadJobs(config.signIn, config.apiVersion)) throw new TableauError(jobsNeedNewerApi);
      return (await read('job', { path: at('jobs', luid) }, JobAnswer, signal)).job;
    },
    async tasks(signal) {
      const { tasks } = await read('tasks', { path: 'tasks/extractRefreshes', ...ofList }, TasksAnswer, signal);
      return elements(tasks, 'task', Task);
    },
    async lineage(luids, signal) {
      const data = { query: lineageQuery, variables: { luids } };
      const path = '/api/metadata/graphql';
      const body = await read('lineage', { method: 'post', path, data, ...ofList }, GraphAnswer, signal);
      const { publishedDatasourcesConnection, workbooksConnection } = body.data ?? {};
      return [publishedDatasourcesConnection, workbooksConnection].flatMap((nodes) =>
        elements(nodes, 'nodes', LineageNode),
      );
    },
    refresh: (kind, luid, signal) =>
      send('refresh', { method: 'post', path: `${at(`${kind}s`, luid)}/refresh`, data: {} }, signal),
  };
}

type ListOptions = { timeoutMs?: number };

function createProjectList({ read }: Transport, options: ListOptions): TableauClient['projects'] {
  return async (signal) => {
    const found: Project[] = [];
    for (let page = 1; page <= 5; page += 1) {
      const params = { pageSize: 1_000, pageNumber: page };
      const body = await read('projects', { path: 'projects', params, ...options }, ProjectsAnswer, signal);
      found.push(...elements(body.projects, 'project', Project));
      const total = countOf(as(Pagination, body.pagination)?.totalAvailable) ?? 0;
      if (total <= page * 1_000) break;
    }
    return found;
  };
}

const jobsPerPage = 1_000;
const extractTypes = 'refresh_extracts,increment_extracts';
const bridgeTypes = 'refresh_extracts_via_bridge,increment_extracts_via_bridge';

type JobParams = (status: string, endedAfter: number) => Record<string, string>;

const byEnd =
  (types: string): JobParams =>
  (status, endedAfter) => ({
    filter: `jobType:in:[${types}],status:eq:${status},completedAt:gte:${isoSeconds(endedAfter)}`,
    sort: 'createdAt:desc',
  });

/** A job may have waited and run for a day before it ended. */
const byCreation: JobParams = (status, endedAfter) => ({
  filter: `jobType:eq:refresh_extracts,status:eq:${status},createdAt:gte:${isoSeconds(endedAfter - day)}`,
});

/** Not every version knows the types of Bridge, and none of the sort and the fields is known to all. */
const jobParams = [byEnd(`${extractTypes},${bridgeTypes}`), byEnd(extractTypes), byCreation];

function createJobList(config: TableauConfig, { send }: Transport, options: ListOptions): TableauClient['jobs'] {
  let known = 0;
  return async ({ status, endedAfter, pages = 1 }, signal) => {
    if (!mayReadJobs(config.signIn, config.apiVersion)) throw new TableauError(jobsNeedNewerApi);
    const page = async (pageNumber: number): Promise<TableauAnswer> => {
      for (;;) {
        const used = known;
        const params = { ...jobParams[used]?.(status, endedAfter), pageSize: jobsPerPage, pageNumber };
        const answer = await send('jobs', { path: 'jobs', params, ...options }, signal);
        if (answer.status !== 400 || used === jobParams.length - 1) return answer;
        known = Math.max(known, used + 1);
      }
    };
    const rows: JobRow[] = [];
    for (let pageNumber = 1; pageNumber <= pages; pageNumber += 1) {
      const { backgroundJobs } = bodyOf(await page(pageNumber), JobsAnswer, 'jobs');
      const read = elements(backgroundJobs, 'backgroundJob', JobRow);
      rows.push(...read);
      if (read.length < jobsPerPage) break;
    }
    return rows;
  };
}

const jobsNeedNewerApi: TableauProblem = {
  type: 'tableau-refused',
  retryable: false,
  message: 'A connected app may read jobs since REST API 3.25 (Tableau 2025.1): set TABLEAU_RESTAPI_VERSION.',
};

const at = (collection: string, luid: string) => `${collection}/${encodeURIComponent(luid)}`;
