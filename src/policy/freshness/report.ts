/** The freshness of a site as scripts and people read it. Pure. */
import type { FreshnessRow, FreshnessView } from '../../workflows/freshness-contract.js';
import { isLateRow, rowsIn } from './memory.js';

const iso = (at: number): string => new Date(at).toISOString();
const isoOf = <K extends string>(key: K, at: number | undefined): { [P in K]?: string } => {
  const entry: { [P in K]?: string } = {};
  if (at !== undefined) entry[key] = iso(at);
  return entry;
};

/** A row with its times in ISO 8601, UTC. */
export type ReportRow = ReturnType<typeof reportRow>;
const reportRow = (row: FreshnessRow) => ({
  item: row.item,
  ...(row.project !== undefined && { project: row.project }),
  promise: row.promise,
  ...(row.shadow && { shadow: true }),
  state: row.state,
  ...(row.why !== undefined && { why: row.why }),
  ...(row.root !== undefined && { root: row.root }),
  ...isoOf('lastDataAt', row.lastDataAt),
  ...isoOf('deadline', row.deadline),
  ...isoOf('nextDeadline', row.nextDeadline),
  ...isoOf('expectedRunAt', row.expectedAt),
});

export interface Wanted {
  /** Only what is late. */
  late: boolean;
  limit: number;
}

/** Flows whose last known run failed, the newest failure first. */
const flowsReport = ({ lookedAt, failed }: NonNullable<FreshnessView['flows']>) => ({
  lookedAt: lookedAt === null ? null : iso(lookedAt),
  failed: failed
    .toSorted((one, other) => other.failedAt - one.failedAt)
    .map(({ item, failedAt, isPaged }) => ({ item, failedAt: iso(failedAt), paged: isPaged })),
});

/** What is late first, then what is due next. `promised` and `late` count all, whatever the limit is; `flows` is there where they are watched. */
export function reportOf(
  site: string,
  { memory, lookedAt, alarms, next, flows }: FreshnessView,
  { late, limit }: Wanted,
) {
  const rows = rowsIn(memory);
  const lateRows = rows.filter(isLateRow);
  return {
    site,
    lookedAt: lookedAt === null ? null : iso(lookedAt),
    nextLook: { at: iso(next.at), what: next.what },
    alarms: alarms.map(({ code, since, text }) => ({ code, since: iso(since), text })),
    promised: rows.filter(({ state }) => state !== 'deleted').length,
    late: lateRows.length,
    ...(flows && { flows: flowsReport(flows) }),
    items: (late ? lateRows : rows).slice(0, limit).map(reportRow),
  };
}
export type FreshnessReport = ReturnType<typeof reportOf>;
