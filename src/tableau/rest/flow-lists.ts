/** Prep flows and their runs: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_flow.htm */
import { Type, type Static } from 'typebox';
import { elements, isoSeconds, shown, timeOf } from './reading.js';
import { Nullable, Scalar } from './schemas.js';
import { bodyOf, type Transport } from './transport.js';

/** A run that has ended. */
export interface FlowRun {
  id: string;
  /** The luid of its flow. */
  flow: string;
  isFailed: boolean;
  endedAt: number;
  /** The luid of the job that holds the reason; undefined where Tableau sends none. */
  job: string | undefined;
}

/** Throws a TableauError as `TableauClient`. */
export interface FlowLists {
  /**
   * Runs that ended at `since` (ms) or later by success or failure, the newest first, at most 5,000. `isWhole` is false where there may be more.
   */
  flowRuns(since: number, signal: AbortSignal): Promise<{ runs: FlowRun[]; isWhole: boolean }>;
}

const mostPages = 5;
const pageSize = 1_000;
/** Fewer are the last page, also where Tableau keeps to its own size of a page. */
const leastPerPage = 100;

const RunsAnswer = Type.Object({ flowRuns: Type.Unknown() });
const RunRow = Type.Object({
  id: Scalar,
  flowId: Scalar,
  status: Scalar,
  /** Empty while it runs. */
  completedAt: Nullable(Scalar),
  backgroundJobId: Nullable(Scalar),
});

/** @param options how long a request may take, where it is not the time of the transport */
export function createFlowLists({ send }: Transport, options: { timeoutMs?: number }): FlowLists {
  return {
    async flowRuns(since, signal) {
      const rows = new Map<string, Static<typeof RunRow>>();
      // The status is no filter. What has not ended is not found by its end.
      let how: object = { filter: `completedAt:gte:${isoSeconds(since)}`, sort: 'completedAt:desc' };
      let isWhole = false;
      for (let page = 1; page <= mostPages && !isWhole; page += 1) {
        const ask = () =>
          send('flow-runs', { path: 'flows/runs', params: { ...how, pageSize, pageNumber: page }, ...options }, signal);
        let answer = await ask();
        // Not every version knows the filter, or the sort.
        if (page === 1 && answer.status === 400) {
          how = {};
          answer = await ask();
        }
        // The answer does not say how many there are: a page after the last may be refused.
        const isAfterLast = page > 1 && (answer.status === 400 || answer.status === 404);
        const found = isAfterLast ? [] : rowsOf(bodyOf(answer, RunsAnswer, 'flow-runs').flowRuns);
        const known = rows.size;
        for (const row of found) rows.set(String(row.id), row);
        isWhole = found.length < leastPerPage || rows.size === known;
      }
      const runs = [...rows.values()].flatMap((row) => runIn(row) ?? []).filter(({ endedAt }) => endedAt >= since);
      return { runs: runs.toSorted((one, other) => other.endedAt - one.endedAt), isWhole };
    },
  };
}

/** The inner name is the plural. */
const rowsOf = (list: unknown): Static<typeof RunRow>[] => {
  const rows = elements(list, 'flowRuns', RunRow);
  return rows.length > 0 ? rows : elements(list, 'flowRun', RunRow);
};

function runIn({ id, flowId, status, completedAt, backgroundJobId }: Static<typeof RunRow>): FlowRun | undefined {
  const endedAt = timeOf(completedAt);
  const isFailed = /^failed$/i.test(String(status));
  if (endedAt === undefined || (!isFailed && !/^success/i.test(String(status)))) return undefined;
  return { id: String(id), flow: String(flowId), isFailed, endedAt, job: shown(backgroundJobId) };
}
