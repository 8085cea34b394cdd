/** A Tableau site that refreshes by itself for months, and lets some refreshes fail in every way that there is. */
import type { Temporal } from 'temporal-polyfill';
import type { TableauClient } from '../../../src/tableau/rest/client.js';
import { TableauError } from '../../../src/tableau/rest/errors.js';
import type { Job, JobRow, Task } from '../../../src/tableau/rest/schemas.js';
import type { ExtractNode, OpenJob } from '../../../src/tableau/rest/site-lists.js';
import type { LateState } from '../../../src/workflows/freshness-contract.js';
import { day, hour, minute, type RefreshableKind } from '../../../src/workflows/contract.js';
import type { Random } from '../random.js';

export const timezone = 'Europe/Berlin';

/** What becomes of a run; `ok` brings new data. */
type Outcome =
  'ok' | Extract<LateState, 'never-began' | 'failed' | 'queued' | 'running' | 'bridge-offline' | 'suspended'>;

export interface Run {
  plannedAt: number;
  outcome: Outcome;
  /** When it begins; absent where it never does. */
  startedAt?: number;
  /** Of a run that ended. */
  endedAt?: number;
  job: string;
}

export interface SimulatedItem {
  luid: string;
  kind: RefreshableKind;
  name: string;
  project: string;
  /** In the order of their planned times. */
  runs: Run[];
  upstream: SimulatedItem | null;
}

export interface SiteOptions {
  random: Random;
  items: number;
  days: number;
  /** Local date of the first runs. */
  from: Temporal.PlainDate;
  /** The share of runs that bring no data. */
  bad: number;
}

const badOutcomes = ['never-began', 'failed', 'queued', 'running', 'bridge-offline', 'suspended'] as const;
/** A suspended schedule is noticed by its owner after so many runs. */
const suspendedRuns = 3;

export function createSite({ random, items: count, days, from, bad }: SiteOptions) {
  const items: SimulatedItem[] = [];
  for (let n = 0; n < count; n += 1) {
    const isSource = n % 5 === 0;
    // Two workbooks of five are built on the data source before them, and have no extract of their own.
    const upstream = n % 5 === 1 || n % 5 === 2 ? (items[n - (n % 5)] ?? null) : null;
    items.push({
      luid: `item-${n}`,
      kind: isSource ? 'datasource' : 'workbook',
      name: `Item ${n}`,
      project: n % 3 === 0 ? 'Operations' : 'Finance',
      runs: upstream ? [] : runsOf(`job-${n}`, { random, days, from, bad }),
      upstream,
    });
  }
  const luids = new Map(items.map((item) => [item.luid, item]));
  const jobs = new Map(items.flatMap((item) => item.runs.map((run) => [run.job, { item, run }] as const)));
  let now = 0;
  let isDown = false;
  let requests = 0;

  /** The time of the data that the Metadata API shows: its index is some minutes late, and of a few items hours. */
  const indexedAt = (item: SimulatedItem): number | undefined => {
    const lagMs = item.luid.endsWith('7') ? 9 * hour : 4 * minute;
    return lastSuccess(item, now - lagMs);
  };

  /** Those that were planned since then, and by now. */
  const runsSince = ({ runs }: SimulatedItem, since: number): Run[] =>
    runs.slice(indexOf(runs, since), indexOf(runs, now + 1));

  const answer = async <T>(value: () => T): Promise<T> => {
    requests += 1;
    if (isDown)
      throw new TableauError({ type: 'tableau-unavailable', retryable: true, message: 'Tableau cannot be reached.' });
    return value();
  };

  const client: TableauClient = {
    site: () => answer(() => 'site-1'),
    contents: (kind) =>
      answer(() =>
        items
          .filter((item) => item.kind === kind)
          .map(({ luid, name, project }) => ({ luid, name, project: project.toLowerCase(), tags: [] })),
      ),
    projects: () =>
      answer(() => ['Finance', 'Operations'].map((name) => ({ id: name.toLowerCase(), name, parentProjectId: null }))),
    tasks: () => answer(() => items.filter(({ runs }) => runs.length > 0).map((item) => taskOf(item, now))),
    extracts: () =>
      answer(() =>
        items.map((item): ExtractNode => {
          const at = indexedAt(item);
          const times = at === undefined ? {} : { extractLastRefreshTime: new Date(at).toISOString() };
          if (item.kind === 'datasource') return { luid: item.luid, hasExtracts: true, ...times };
          if (item.upstream) return { luid: item.luid, upstreamDatasources: [{ luid: item.upstream.luid }] };
          return { luid: item.luid, embeddedDatasources: [{ hasExtracts: true, ...times }] };
        }),
      ),
    openJobs: () =>
      answer(() =>
        items.flatMap((item) => runsSince(item, now - 2 * day).flatMap((run) => openJobOf(item, run, now) ?? [])),
      ),
    jobs: ({ status, endedAfter }) =>
      answer(() =>
        items.flatMap((item) =>
          runsSince(item, endedAfter - day).flatMap((run): JobRow[] => {
            const ends = run.outcome === 'ok' ? 'Success' : 'Failed';
            if (ends !== status || run.endedAt === undefined || run.endedAt > now || run.endedAt < endedAfter)
              return [];
            return [{ id: run.job, jobType: 'refresh_extracts', title: item.name, endedAt: iso(run.endedAt) }];
          }),
        ),
      ),
    job: (luid) =>
      answer((): Job => {
        const found = jobs.get(luid);
        const target = found && { id: found.item.luid, name: found.item.name };
        const notes = found?.run.outcome === 'failed' ? 'Login failed.' : '';
        return {
          id: luid,
          ...(found?.run.endedAt !== undefined && { completedAt: iso(found.run.endedAt) }),
          extractRefreshJob: { notes, [found?.item.kind ?? 'workbook']: target },
        };
      }),
    webhooks: () =>
      answer(() =>
        ['WorkbookRefreshFailed', 'DatasourceRefreshFailed'].map((event) => ({
          id: event,
          name: event,
          event,
          enabled: true,
          reason: '',
          url: 'https://alerts.example.com/notifier/secret',
        })),
      ),
    workbook: unused,
    datasource: unused,
    user: unused,
    flowRuns: unused,
    lineage: unused,
    labels: { ourUser: unused, of: unused, create: unused, change: unused, remove: unused },
    refresh: unused,
    signOut: unused,
  };

  return {
    client,
    items,
    itemOf: (luid: string) => luids.get(luid),
    requests: () => requests,
    at(time: number) {
      now = time;
    },
    goDown: (down: boolean) => (isDown = down),
  };
}
export type Site = ReturnType<typeof createSite>;

const unused = async (): Promise<never> => {
  throw new Error('Freshness does not need it.');
};
const iso = (at: number): string => new Date(at).toISOString();

/** One run a day at the same local time, early enough to be done by seven. */
function runsOf(name: string, { random, days, from, bad }: Omit<SiteOptions, 'items'>): Run[] {
  const minutes = random.between(0, 5 * 60 + 30);
  const runs: Run[] = [];
  let suspended = 0;
  for (let n = 0; n < days; n += 1) {
    const local = from.add({ days: n }).toPlainDateTime().add({ minutes });
    const plannedAt = local.toZonedDateTime(timezone).epochMilliseconds;
    let outcome: Outcome = random.chance(bad) ? random.pick(badOutcomes) : 'ok';
    if (outcome === 'suspended') suspended = suspendedRuns;
    if (suspended > 0) {
      outcome = 'suspended';
      suspended -= 1;
    }
    const startedAt = plannedAt + random.between(5, 600) * 1_000;
    const endedAt = startedAt + random.between(20, 2_400) * 1_000;
    const begins = outcome === 'ok' || outcome === 'failed' || outcome === 'running';
    runs.push({
      plannedAt,
      outcome,
      job: `${name}-${n}`,
      ...(begins && { startedAt }),
      ...((outcome === 'ok' || outcome === 'failed') && { endedAt }),
    });
  }
  return runs;
}

/** The first run that is planned then or later: there is one a day. */
function indexOf(runs: readonly Run[], at: number): number {
  const [first] = runs;
  let index = Math.min(runs.length, Math.max(0, Math.floor((at - (first?.plannedAt ?? at)) / day) - 1));
  while (index < runs.length && (runs[index]?.plannedAt ?? at) < at) index += 1;
  return index;
}

/** Of its own, or of the data source that it is built on. */
export function lastSuccess(item: SimulatedItem, at: number): number | undefined {
  const { runs } = item.upstream ?? item;
  const begun = runs.slice(0, indexOf(runs, at + 1));
  return begun.findLast(({ outcome, endedAt }) => outcome === 'ok' && endedAt !== undefined && endedAt <= at)?.endedAt;
}

/** The run that should have brought the data. */
export const runBefore = (item: SimulatedItem, at: number): Run | undefined =>
  (item.upstream ?? item).runs[indexOf((item.upstream ?? item).runs, at + 1) - 1];

function taskOf(item: SimulatedItem, now: number): Task {
  const last = runBefore(item, now);
  const next = item.runs[indexOf(item.runs, now + 1)];
  const failed = last?.outcome === 'suspended' ? 5 : 0;
  return {
    extractRefresh: {
      consecutiveFailedCount: String(failed),
      schedule: { state: 'Active', ...(next && { nextRunAt: iso(next.plannedAt) }) },
      [item.kind]: { id: item.luid },
    },
  };
}

/** A job that is stuck is cancelled before the next run. */
function openJobOf(
  item: SimulatedItem,
  { plannedAt, outcome, startedAt, endedAt, job }: Run,
  now: number,
): OpenJob | null {
  if (plannedAt > now || now > (endedAt ?? plannedAt + day - hour)) return null;
  const common = { id: job, title: item.name.toLowerCase(), createdAt: iso(plannedAt), startedAt: null };
  if (outcome === 'queued') return { ...common, status: 'Pending', isByBridge: false };
  if (outcome === 'bridge-offline') return { ...common, status: 'Pending', isByBridge: true };
  if (startedAt === undefined || startedAt > now) return null;
  return { ...common, status: 'InProgress', startedAt: iso(startedAt), isByBridge: false };
}
