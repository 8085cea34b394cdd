/** The incidents of the page of all: the newest runs of Temporal's visibility store, read once for all who look. */
import type { Client } from '@temporalio/client';
import { rowOf } from '../../temporal/incident-row.js';
import type { IncidentState } from '../../workflows/contract.js';
import type { IncidentRow } from '../../workflows/view-contract.js';
import type { Listed } from './filters.js';
import { pagedBy, readRuns, runs, type Run } from './runs.js';
import type { TemporalGateway } from '../temporal-gateway.js';

export interface Snapshot {
  /** Those that nobody has first, then those that somebody has, then those that are over; the newest failure first in each. */
  incidents: readonly Listed[];
  /** Whether Temporal has more: `open` ones, or only more that are `over`. */
  more: 'open' | 'over' | null;
}

export type ReadSnapshot = (withPages: boolean) => Promise<Snapshot>;

/** So many runs are read: open ones come first, and then those that ended last. */
const mostRuns = 3_000;
const pageSize = 1_000;
const freshMs = 2_000;
/** An older one is shown while the next is read; then readers wait for it. */
const staleMs = 10_000;

const ranks: Readonly<Record<IncidentState, number>> = {
  unacknowledged: 0,
  triggered: 0,
  acknowledged: 1,
  snoozed: 1,
  resolved: 2,
  forgotten: 2,
};

/** The place of an incident in the list. */
export type Place = readonly [rank: number, firstFailedAt: string, id: string];
export const placeOf = ({ state, firstFailedAt, id }: IncidentRow): Place => [ranks[state], firstFailedAt, id];
export const comparePlaces = ([rank, at, id]: Place, [otherRank, otherAt, otherId]: Place): number =>
  rank - otherRank || compare(otherAt, at) || compare(id, otherId);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** @throws whatever Temporal says */
export async function readIncidents(client: Client, withPages: boolean): Promise<Snapshot> {
  const latest = new Map<string, Run>();
  let token: Uint8Array = new Uint8Array();
  let count = 0;
  let hasClosed = false;
  do {
    const page = await readRuns(client, { query: runs, token, pageSize, withPages });
    for (const run of page.executions) {
      const known = latest.get(run.workflowId);
      if (known === undefined || run.startTime > known.startTime) latest.set(run.workflowId, run);
      hasClosed ||= run.status.name !== 'RUNNING';
    }
    count += page.executions.length;
    ({ token } = page);
  } while (token.length > 0 && count < mostRuns);
  const incidents = [...latest.values()].flatMap((run): Listed[] => {
    const row = rowOf(run);
    return row === null ? [] : [{ row, paged: withPages ? pagedBy(run) : [] }];
  });
  incidents.sort((one, other) => comparePlaces(placeOf(one.row), placeOf(other.row)));
  const more = token.length === 0 ? null : hasClosed ? 'over' : 'open';
  return { incidents, more };
}

/** The incidents as they were at most 2 s ago, or 10 s where the next are being read. Throws `temporalUnavailable`. */
export function createSnapshots(
  { request, timeouts }: Pick<TemporalGateway, 'request' | 'timeouts'>,
  clock: () => number,
): ReadSnapshot {
  const read = (withPages: boolean) =>
    revalidated(() => request(timeouts.readTimeoutMs, (client) => readIncidents(client, withPages)), clock);
  const [plain, paged] = [read(false), read(true)];
  return (withPages) => (withPages ? paged() : plain());
}

/** One read at a time; what was read is given at once while it is not too old. */
function revalidated<T>(read: () => Promise<T>, clock: () => number): () => Promise<T> {
  let last: { value: T; at: number } | undefined;
  let underWay: Promise<T> | undefined;
  function begin(): Promise<T> {
    underWay ??= read()
      .then((value) => {
        last = { value, at: clock() };
        return value;
      })
      .finally(() => (underWay = undefined));
    return underWay;
  }
  return async () => {
    const ageMs = last === undefined ? Infinity : Math.abs(clock() - last.at);
    if (last === undefined || ageMs >= staleMs) return begin();
    // Its failure is for whoever waits for it.
    if (ageMs >= freshMs) begin().catch(() => undefined);
    return last.value;
  };
}
