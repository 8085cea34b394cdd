/** What a whole site shows of the freshness of its items, put together from a few lists. */
import { day, type RefreshableKind } from '../../workflows/contract.js';
import type { TableauClient } from '../rest/client.js';
import { isRefused } from '../rest/errors.js';
import { createProjects } from './projects.js';
import { elements, optional, shown, timeOf } from '../rest/reading.js';
import { as, Luid, Schedule, type Task } from '../rest/schemas.js';
import { EmbeddedExtract, type ExtractNode, type ExtractTimes, type ListedContent } from '../rest/site-lists.js';
import { byItem, failuresInARow } from './tasks.js';
import type { Static } from 'typebox';

export interface SiteItem {
  kind: RefreshableKind;
  luid: string;
  name: string;
  /** The path of its project, `Finance/Daily`. */
  project?: string;
  tags: string[];
  /** Whether it has an extract of its own, by the Metadata API or by its refresh tasks. */
  hasExtract: boolean;
  /** How many tasks refresh it; undefined where Tableau shows none of the site. */
  tasks?: number;
  /** The next run of any of them. */
  nextRunAt?: number;
  /** Failures in a row of the worst of them. */
  failuresInARow: number;
  /** Every schedule of it is suspended. */
  isSuspended: boolean;
  /** When its extract was refreshed last, of several the oldest. */
  lastDataAt?: number;
  /** The luids of the published data sources that a workbook is built on. */
  upstream: string[];
}

export interface SiteData {
  /** The luid of the site. */
  site: string;
  items: Map<string, SiteItem>;
  /** What shows when data was refreshed: the Metadata API, or where it is off successful jobs; null: neither. */
  timesBy: 'extracts' | 'jobs' | null;
  /** What could not be read, in sentences. */
  problems: string[];
}

const requestMs = 60_000;
/** How far back successful jobs are read where the Metadata API has no times. */
const jobsWindowMs = 2 * day;
const jobPages = 20;

/** Reads it in parallel. Throws a TableauError where the lists of items cannot be read; what is missing of the rest is a problem. */
export async function readSiteData(tableau: TableauClient, now: number): Promise<SiteData> {
  const problems: string[] = [];
  const orRefused = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!isRefused(error)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const signal = () => AbortSignal.timeout(requestMs);
  const [site, workbooks, datasources, tasks, extracts] = await Promise.all([
    tableau.site(signal()),
    tableau.contents('workbook', signal()),
    tableau.contents('datasource', signal()),
    orRefused(tableau.tasks(signal())),
    tableau.extracts(signal()),
  ]);
  const pathOf = createProjects({ projects: () => tableau.projects(signal()) });
  const items = new Map<string, SiteItem>();
  for (const [kind, contents] of [
    ['workbook', workbooks],
    ['datasource', datasources],
  ] as const)
    for (const content of contents)
      items.set(content.luid, await itemFrom(kind, content, (project) => orRefused(pathOf(project))));
  if (tasks) addTasks(items, tasks);
  if (extracts) for (const node of extracts) addExtracts(items, node);
  const timesBy = extracts
    ? 'extracts'
    : // Without both nothing would show which items have an extract.
      tasks && (await orRefused(addJobTimes(items, tableau, now, signal())))
      ? 'jobs'
      : null;
  return { site, items, timesBy, problems: [...new Set(problems)] };
}

async function itemFrom(
  kind: RefreshableKind,
  { luid, name, project, tags }: ListedContent,
  pathOf: (project: string) => Promise<string | undefined>,
): Promise<SiteItem> {
  const path = project === undefined ? undefined : await pathOf(project);
  return {
    kind,
    luid,
    name,
    ...optional('project', path),
    tags,
    hasExtract: false,
    failuresInARow: 0,
    isSuspended: false,
    upstream: [],
  };
}

function addTasks(items: ReadonlyMap<string, SiteItem>, tasks: readonly Task[]): void {
  const found = byItem(tasks);
  for (const item of items.values()) {
    const own = found.get(item.luid) ?? [];
    item.tasks = own.length;
    if (own.length === 0) continue;
    const schedules = own.flatMap(({ extractRefresh }) => as(Schedule, extractRefresh.schedule) ?? []);
    const runs = schedules.flatMap(({ nextRunAt }) => timeOf(nextRunAt) ?? []);
    item.hasExtract = true;
    item.failuresInARow = failuresInARow(own) ?? 0;
    item.isSuspended =
      schedules.length === own.length && schedules.every(({ state }) => /^suspended$/i.test(String(state)));
    if (runs.length > 0) item.nextRunAt = Math.min(...runs);
  }
}

function addExtracts(items: ReadonlyMap<string, SiteItem>, node: ExtractNode): void {
  const item = items.get(String(node.luid));
  if (!item) return;
  const embedded = elements(node.embeddedDatasources, '', EmbeddedExtract).filter(({ hasExtracts }) => hasExtracts);
  const parts = item.kind === 'datasource' && isTrue(node.hasExtracts) ? [node] : embedded;
  const times = parts.flatMap((part) => refreshedAt(part) ?? []);
  item.hasExtract ||= parts.length > 0;
  item.upstream = elements(node.upstreamDatasources, '', Luid).map(({ luid }) => String(luid));
  if (times.length > 0) item.lastDataAt = Math.min(...times);
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';

/** The last full or incremental refresh: `extractLastUpdateTime` counts the creation, too. */
function refreshedAt(part: Static<typeof ExtractTimes>): number | undefined {
  const times = [part.extractLastRefreshTime, part.extractLastIncrementalUpdateTime].flatMap((at) => timeOf(at) ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/**
 * Adds newer data by the titles of successful jobs of the last two days: a row of the list names no item. A name that two items have says
 * nothing. Throws a TableauError.
 */
export async function addJobTimes(
  items: ReadonlyMap<string, SiteItem>,
  tableau: TableauClient,
  now: number,
  signal: AbortSignal,
): Promise<true> {
  const byName = new Map<string, SiteItem | null>();
  for (const item of items.values()) {
    const name = item.name.toLowerCase();
    byName.set(name, byName.has(name) ? null : item);
  }
  const rows = await tableau.jobs({ status: 'Success', endedAfter: now - jobsWindowMs, pages: jobPages }, signal);
  for (const { title, endedAt } of rows) {
    const item = byName.get(shown(title)?.toLowerCase() ?? '');
    const at = timeOf(endedAt);
    if (item && at !== undefined) item.lastDataAt = Math.max(item.lastDataAt ?? 0, at);
  }
  return true;
}
