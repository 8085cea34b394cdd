/**
 * Lists incidents from Temporal's visibility store, which is eventually consistent and knows runs, not incidents:
 * https://docs.temporal.io/visibility
 */
import type { Client } from '@temporalio/client';
import { rowOf } from '../../temporal/incident-row.js';
import { incidentType, searchAttributes, type IncidentState } from '../../workflows/contract.js';
import type { IncidentRow } from '../../workflows/view-contract.js';
import { createCursors } from './cursors.js';
import { isWanted, type Filters } from './filters.js';
import { pagedBy, readRuns, runs, type Run } from './runs.js';

export interface Listing {
  incidents: IncidentRow[];
  /** The cursor of what follows; null at the end. */
  next: string | null;
}

export interface ListRequest {
  limit: number;
  filters: Filters;
  /** The filters as one text: a cursor is bound to them. */
  scope: string;
  /** From an earlier `next`. */
  cursor: string | null;
  /** Whether the namespace knows our search attributes; else the state is compared here. */
  indexed: boolean;
  /** Signs cursors. */
  secret: string;
}

/** Visibility has no escape for quotes and backslashes that could be relied on (tried on server 1.32). */
const isPlain = (id: string): boolean => /^[\w:.-]+$/.test(id);

/** A state that few incidents are in must not make one request read the whole store. */
const maxPages = 50;
const idsPerQuery = 50;

/** Runs that may be in a state. One that did not end by itself is forgotten, whatever its search attribute says. */
function indexedAs(state: IncidentState): string {
  const written = `${searchAttributes.state} = "${state}"`;
  return state === 'forgotten'
    ? `(${written} OR ExecutionStatus IN ("Canceled", "Failed", "Terminated", "TimedOut"))`
    : written;
}

/**
 * One page, at most `limit` rows, the newest failure first within it. A page may be shorter than `limit`, even empty, and
 * still have a `next`.
 */
export async function listIncidents(client: Client, request: ListRequest): Promise<Listing> {
  const { limit, filters, scope, indexed } = request;
  const { state } = filters;
  const filter = state !== null && indexed ? ` AND ${indexedAs(state)}` : '';
  const cursors = createCursors(request.secret);
  const incidents: IncidentRow[] = [];
  const withPages = filters.contact !== '';
  let token: Uint8Array = request.cursor === null ? new Uint8Array() : cursors.read(request.cursor, scope);
  for (let page = 0; page < maxPages && incidents.length < limit; page++) {
    const pageSize = limit - incidents.length;
    const found = await readRuns(client, { query: runs + filter, token, pageSize, withPages });
    for (const { run, row } of await newest(client, found.executions)) {
      if (isWanted({ row, paged: pagedBy(run) }, filters)) incidents.push(row);
    }
    token = found.token;
    if (token.length === 0) break;
  }
  incidents.sort((a, b) => b.firstFailedAt.localeCompare(a.firstFailedAt));
  return { incidents, next: token.length === 0 ? null : cursors.write(token, scope) };
}

/** How many open incidents are in a state. */
export async function countOpen(client: Client, state: IncidentState, indexed: boolean): Promise<number> {
  const open = `WorkflowType = "${incidentType}" AND ExecutionStatus = "Running"`;
  if (indexed) return (await client.workflow.count(`${open} AND ${searchAttributes.state} = "${state}"`)).count;
  let count = 0;
  for await (const execution of client.workflow.list({ query: open, pageSize: 1000 })) {
    if (rowOf(execution)?.state === state) count += 1;
  }
  return count;
}

/** The runs that are the latest of their incident, with their rows. A run that is open is always the latest. */
async function newest(client: Client, executions: Run[]): Promise<{ run: Run; row: IncidentRow }[]> {
  const latest = new Map<string, Run>();
  const consider = (run: Run) => {
    const known = latest.get(run.workflowId);
    if (known === undefined || run.startTime > known.startTime) latest.set(run.workflowId, run);
  };
  executions.forEach(consider);
  const closed = [...latest.values()].filter(({ status }) => status.name !== 'RUNNING').map((run) => run.workflowId);
  const plain = closed.filter(isPlain).map((id) => `"${id}"`);
  for (let at = 0; at < plain.length; at += idsPerQuery) {
    const ids = plain.slice(at, at + idsPerQuery).join(', ');
    for await (const run of client.workflow.list({ query: `${runs} AND WorkflowId IN (${ids})` })) consider(run);
  }
  for (const id of closed.filter((each) => !isPlain(each))) consider(await client.workflow.getHandle(id).describe());
  return executions.flatMap((run) => {
    const row = latest.get(run.workflowId)?.runId === run.runId ? rowOf(run) : null;
    return row === null ? [] : [{ run, row }];
  });
}
