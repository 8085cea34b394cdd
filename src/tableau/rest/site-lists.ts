/** Lists of a whole site, a thousand entries a request: for freshness, which judges many items with few requests. */
import { Type, type Static } from 'typebox';
import type { RefreshableKind } from '../../workflows/contract.js';
import { isRefused, TableauError, type TableauProblem } from './errors.js';
import { countOf, elements, shown } from './reading.js';
import { Anything, as, Named, Nullable, Pagination, Scalar } from './schemas.js';
import { bodyOf, type Transport } from './transport.js';

/** A workbook, a data source or a flow as lists show it. */
export interface ListedContent {
  luid: string;
  name: string;
  /** The luid of its project. */
  project: string | undefined;
  tags: string[];
}

/** A job that waits or runs. */
export interface OpenJob {
  id: string;
  status: 'Pending' | 'InProgress';
  /** In lower case, empty where Tableau sends none. */
  title: string;
  isByBridge: boolean;
  createdAt: string | number | null | undefined;
  startedAt: string | number | null | undefined;
}

/** Each reads at most `most` entries. Throws a TableauError as `TableauClient`. */
export interface SiteLists {
  contents(kind: RefreshableKind | 'flow', signal: AbortSignal): Promise<ListedContent[]>;
  /** Data sources and workbooks with the times of their extracts; null where the Metadata API is off. */
  extracts(signal: AbortSignal): Promise<ExtractNode[] | null>;
  openJobs(signal: AbortSignal): Promise<OpenJob[]>;
}

const most = 50_000;
const pageSize = 1_000;
/** Of the Metadata API, whose answers are large, and which gives up after some seconds. */
const nodesPerPage = 500;

const Listed = Type.Object({ id: Scalar, name: Scalar, project: Anything, tags: Anything });
const ContentsAnswer = Type.Object({
  pagination: Anything,
  workbooks: Anything,
  datasources: Anything,
  flows: Anything,
});
const JobsAnswer = Type.Object({ backgroundJobs: Type.Unknown() });
const OpenRow = Type.Object({
  id: Scalar,
  jobType: Nullable(Scalar),
  title: Nullable(Scalar),
  createdAt: Nullable(Scalar),
  startedAt: Nullable(Scalar),
});

const times = { extractLastRefreshTime: Nullable(Scalar), extractLastIncrementalUpdateTime: Nullable(Scalar) };
export const ExtractTimes = Type.Object(times);
export const EmbeddedExtract = Type.Object({ ...times, hasExtracts: Anything });
/** A published data source, or a workbook with what it is built on. */
export const ExtractNode = Type.Object({
  luid: Scalar,
  hasExtracts: Anything,
  ...times,
  upstreamDatasources: Anything,
  embeddedDatasources: Anything,
});
export type ExtractNode = Static<typeof ExtractNode>;

const Connection = Type.Object({ nodes: Anything, pageInfo: Anything });
const PageInfo = Type.Object({ hasNextPage: Type.Boolean(), endCursor: Nullable(Type.String()) });
const GraphAnswer = Type.Object({ data: Type.Optional(Type.Union([Type.Object({ found: Anything }), Type.Null()])) });

const timeFields = 'extractLastRefreshTime extractLastIncrementalUpdateTime';
/** The order keeps pages from shifting. https://help.tableau.com/current/api/metadata_api/en-us/docs/meta_api_pagination.html */
const queries = {
  datasource: `query freshness($first: Int, $after: String) {
  found: publishedDatasourcesConnection(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
    nodes { luid hasExtracts ${timeFields} }
    pageInfo { hasNextPage endCursor }
  }
}`,
  workbook: `query freshness($first: Int, $after: String) {
  found: workbooksConnection(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
    nodes { luid upstreamDatasources { luid } embeddedDatasources { hasExtracts ${timeFields} } }
    pageInfo { hasNextPage endCursor }
  }
}`,
} as const;

/** GraphQL answers errors with 200. */
const withoutData: TableauProblem = {
  type: 'tableau-refused',
  retryable: false,
  message: 'The Metadata API answered, but without data.',
};

const openStates = ['Pending', 'InProgress'] as const;
const refreshTypes =
  'refresh_extracts,increment_extracts,refresh_extracts_via_bridge,increment_extracts_via_bridge' as const;

/** @param options how long a request may take, where it is not the time of the transport */
export function createSiteLists(transport: Transport, options: { timeoutMs?: number }): SiteLists {
  const { read, send } = transport;

  async function contents(kind: RefreshableKind | 'flow', signal: AbortSignal): Promise<ListedContent[]> {
    const found = new Map<string, ListedContent>();
    for (let page = 1; page <= most / pageSize; page += 1) {
      const params = { pageSize, pageNumber: page };
      const body = await read(`${kind}s`, { path: `${kind}s`, params, ...options }, ContentsAnswer, signal);
      const listed = elements(body[`${kind}s`], kind, Listed).map(contentIn);
      // Something that was added or removed meanwhile shifts the pages.
      for (const one of listed) found.set(one.luid, one);
      const total = countOf(as(Pagination, body.pagination)?.totalAvailable) ?? 0;
      if (listed.length === 0 || total <= page * pageSize) break;
    }
    return [...found.values()];
  }

  async function nodesOf(kind: RefreshableKind, signal: AbortSignal): Promise<ExtractNode[]> {
    const found: ExtractNode[] = [];
    let after: string | null = null;
    do {
      const data = { query: queries[kind], variables: { first: nodesPerPage, after } };
      const request = { method: 'post', path: '/api/metadata/graphql', data, ...options } as const;
      const body: Static<typeof GraphAnswer> = await read('lineage', request, GraphAnswer, signal);
      const connection: Static<typeof Connection> | undefined = as(Connection, body.data?.found);
      if (!connection) throw new TableauError(withoutData);
      found.push(...elements(connection?.nodes, '', ExtractNode));
      const info: Static<typeof PageInfo> | undefined = as(PageInfo, connection?.pageInfo);
      after = info?.hasNextPage === true ? (info.endCursor ?? null) : null;
    } while (after !== null && found.length < most);
    return found;
  }

  async function openJobsOf(status: OpenJob['status'], signal: AbortSignal): Promise<OpenJob[]> {
    const filtered = (filter: string) =>
      send('jobs', { path: 'jobs', params: { filter, pageSize, pageNumber: 1 }, ...options }, signal);
    let answer = await filtered(`jobType:in:[${refreshTypes}],status:eq:${status}`);
    // Not every version knows the types of Bridge.
    if (answer.status === 400) answer = await filtered(`status:eq:${status}`);
    return elements(bodyOf(answer, JobsAnswer, 'jobs').backgroundJobs, 'backgroundJob', OpenRow).flatMap((row) => {
      const type = String(row.jobType ?? 'refresh_extracts');
      if (!/refresh|increment|extract/i.test(type)) return [];
      const { id, createdAt, startedAt, title } = row;
      const isByBridge = /bridge/i.test(type);
      return [{ id: String(id), status, title: shown(title)?.toLowerCase() ?? '', isByBridge, createdAt, startedAt }];
    });
  }

  return {
    contents,
    async extracts(signal) {
      try {
        return [...(await nodesOf('datasource', signal)), ...(await nodesOf('workbook', signal))];
      } catch (error) {
        if (isRefused(error)) return null;
        throw error;
      }
    },
    openJobs: async (signal) => (await Promise.all(openStates.map((status) => openJobsOf(status, signal)))).flat(),
  };
}

function contentIn({ id, name, project, tags }: Static<typeof Listed>): ListedContent {
  return {
    luid: String(id),
    name: shown(name) ?? String(id),
    project: shown(as(Named, project)?.id),
    tags: elements(tags, 'tag', Named).flatMap(({ label }) => shown(label) ?? []),
  };
}
