/**
 * Answers in Tableau's JSON: numbers and flags as strings, an empty list as `{}`, a one-element list sometimes an object.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
 */
import type { Flow, Item, Job, JobType, Project, Webhook } from './world.js';
import { tableauTime, type User } from './world.js';
import { sourceName } from './event-names.js';

type Json = Record<string, unknown>;

export const sitePath = (contentUrl: string): string => (contentUrl === '' ? '/#' : `/#/site/${contentUrl}`);

export const itemResource = (item: Item, pageBase: string, allFields: boolean): Json => {
  const owner = item.owner && {
    id: item.owner.luid,
    ...(allFields ? { name: item.owner.name, fullName: item.owner.fullName, email: item.owner.email } : {}),
  };
  const common = {
    id: item.luid,
    name: item.name,
    contentUrl: item.name.replaceAll(/\W/g, ''),
    createdAt: tableauTime(item.createdAt),
    updatedAt: tableauTime(item.updatedAt),
    project: { id: item.project.luid, name: item.project.name },
    ...(owner ? { owner } : {}),
    tags: item.tags.length === 0 ? {} : { tag: item.tags.map((label) => ({ label })) },
  };
  return item.kind === 'workbook'
    ? {
        ...common,
        description: '',
        webpageUrl: `${pageBase}/workbooks/${item.number}`,
        showTabs: 'true',
        size: '1',
        encryptExtracts: 'false',
        views: {},
      }
    : {
        ...common,
        type: 'hyper',
        isCertified: false,
        hasExtracts: item.hasExtracts,
        encryptExtracts: 'false',
        useRemoteQueryAgent: false,
        webpageUrl: `${pageBase}/datasources/${item.number}`,
      };
};

export const userResource = (user: User): Json => ({
  id: user.luid,
  name: user.name,
  fullName: user.fullName,
  email: user.email,
  siteRole: 'Creator',
  lastLogin: '2025-01-06T08:00:00Z',
  externalAuthUserId: '',
});

const optionalTime = (name: string, at: number | null): Json => (at === null ? {} : { [name]: tableauTime(at) });

const subtitles: Record<(Item | Flow)['kind'], string> = {
  workbook: 'Workbook',
  datasource: 'Data Source',
  flow: 'Flow',
};

/** A row of the list of jobs: it has no id of the item, and its title only if `titled`. */
export const jobRow = (job: Job, titled: boolean): Json => ({
  id: job.luid,
  status: job.status,
  createdAt: tableauTime(job.createdAt),
  ...optionalTime('startedAt', job.startedAt),
  ...optionalTime('endedAt', job.endedAt),
  priority: '50',
  jobType: job.type,
  ...(titled && { title: job.item.name, subtitle: subtitles[job.item.kind] }),
});

export const projectResource = ({ luid, name, parent }: Project): Json => ({
  id: luid,
  name,
  ...(parent ? { parentProjectId: parent.luid } : {}),
  contentPermissions: 'ManagedByOwner',
});

const jobNames: Record<JobType, string> = {
  refresh_extracts: 'RefreshExtract',
  increment_extracts: 'IncrementExtract',
  refresh_extracts_via_bridge: 'RefreshExtractViaBridge',
  increment_extracts_via_bridge: 'IncrementExtractViaBridge',
  run_flow: 'RunFlow',
};
const finishCodes: Record<string, string> = { Success: '0', Failed: '1', Cancelled: '2' };
const progress: Record<string, string> = { Pending: '0', InProgress: '30' };
export const progressOf = ({ status }: Job): string => progress[status] ?? '100';

export const jobResource = (job: Job): Json => {
  const finishCode = finishCodes[job.status];
  return {
    id: job.luid,
    mode: 'Asynchronous',
    type: jobNames[job.type],
    progress: progressOf(job),
    createdAt: tableauTime(job.createdAt),
    ...optionalTime('startedAt', job.startedAt),
    ...optionalTime('updatedAt', job.endedAt ?? job.startedAt),
    ...optionalTime('completedAt', job.endedAt),
    ...(finishCode === undefined ? {} : { finishCode }),
    [job.item.kind === 'flow' ? 'runFlowJobType' : 'extractRefreshJob']: {
      ...(job.notes === '' ? {} : { notes: job.notes }),
      ...(job.flowRun === null ? {} : { flowRunId: job.flowRun }),
      [job.item.kind]: { id: job.item.luid, name: job.item.name },
    },
  };
};

export const webhookResource = (webhook: Webhook, owner: User): Json => ({
  id: webhook.luid,
  name: webhook.name,
  isEnabled: webhook.isEnabled,
  statusChangeReason: webhook.statusChangeReason,
  event: webhook.event,
  'webhook-source': { [sourceName(webhook.event)]: {} },
  'webhook-destination': { 'webhook-destination-http': { method: 'POST', url: webhook.url } },
  owner: { id: owner.luid, name: owner.name },
});

/** A list under its plural and singular names. */
export const listOf = (plural: string, singular: string, rows: Json[], oneAsObject = false): Json => {
  if (rows.length === 0) return { [plural]: {} };
  return { [plural]: { [singular]: oneAsObject && rows.length === 1 ? rows[0] : rows } };
};

const positive = (value: string | undefined, otherwise: number, most: number): number => {
  const number = Number(value ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? Math.min(number, most) : otherwise;
};

export const pageOf = <Row>(query: Record<string, string>, rows: Row[]): { pagination: Json; shown: Row[] } => {
  const size = positive(query['pageSize'], 100, 1000);
  const page = positive(query['pageNumber'], 1, Number.MAX_SAFE_INTEGER);
  return {
    pagination: { pageNumber: String(page), pageSize: String(size), totalAvailable: String(rows.length) },
    shown: rows.slice((page - 1) * size, page * size),
  };
};
