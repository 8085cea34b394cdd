/**
 * Lists incidents from Temporal's visibility store, which is eventually consistent and knows runs, not incidents:
 * https://docs.temporal.io/visibility
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { incidentType, searchAttributes, type IncidentRow, type IncidentState } from '../workflows/contract.js';
import { grpcCodeOf } from './plugins/temporal.js';
import { rowOf } from './rows.js';

export interface Listing {
  incidents: IncidentRow[];
  /** The cursor of what follows; null at the end. */
  next: string | null;
}

export interface ListRequest {
  limit: number;
  state: IncidentState | null;
  /** From an earlier `next`. */
  cursor: string | null;
  /** Whether the namespace knows our search attributes; else the state is compared here. */
  indexed: boolean;
}

const runs = `WorkflowType = "${incidentType}" AND ExecutionStatus != "ContinuedAsNew"`;
const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;

/** A state that few incidents are in must not make one request read the whole store. */
const maxPages = 50;
const idsPerQuery = 50;
const invalidArgument = 3;

/** Thrown by `listIncidents` for a cursor that is not one of ours, or of another listing. */
export const badCursor = 'bad cursor';

/**
 * One page, at most `limit` rows, the newest failure first within it. A page may be shorter than `limit`, even empty, and
 * still have a `next`.
 */
export async function listIncidents(client: Client, request: ListRequest): Promise<Listing> {
  const { limit, state, indexed } = request;
  const filter = state !== null && indexed ? ` AND ${searchAttributes.state} = "${state}"` : '';
  const incidents: IncidentRow[] = [];
  let token: Uint8Array = request.cursor === null ? new Uint8Array() : tokenOf(request.cursor, state);
  for (let page = 0; page < maxPages && incidents.length < limit; page++) {
    const found = await onePage(client, runs + filter, token, limit - incidents.length);
    for (const { row } of await newest(client, found.executions)) {
      if (state === null || row.state === state) incidents.push(row);
    }
    token = found.token;
    if (token.length === 0) break;
  }
  incidents.sort((a, b) => b.firstFailedAt.localeCompare(a.firstFailedAt));
  return { incidents, next: token.length === 0 ? null : cursorOf(token, state) };
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

async function onePage(client: Client, query: string, nextPageToken: Uint8Array, pageSize: number) {
  const { namespace, loadedDataConverter } = client.options;
  try {
    const answer = await client.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken, pageSize });
    const executions = await Promise.all(
      answer.executions.map((raw) => executionInfoFromRaw(raw, loadedDataConverter, raw, namespace)),
    );
    return { executions, token: answer.nextPageToken };
  } catch (error) {
    if (nextPageToken.length > 0 && grpcCodeOf(error) === invalidArgument) throw new Error(badCursor, { cause: error });
    throw error;
  }
}

type Run = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'startTime' | 'status' | 'type' | 'memo'>;

/** The runs that are the latest of their incident, with their rows. A run that is open is always the latest. */
async function newest(client: Client, executions: Run[]): Promise<{ run: Run; row: IncidentRow }[]> {
  const latest = new Map<string, Run>();
  const consider = (run: Run) => {
    const known = latest.get(run.workflowId);
    if (known === undefined || run.startTime > known.startTime) latest.set(run.workflowId, run);
  };
  executions.forEach(consider);
  const closed = [...latest.values()].filter(({ status }) => status.name !== 'RUNNING').map((run) => run.workflowId);
  for (let at = 0; at < closed.length; at += idsPerQuery) {
    const ids = closed.slice(at, at + idsPerQuery).map(quoted);
    for await (const run of client.workflow.list({ query: `${runs} AND WorkflowId IN (${ids.join(', ')})` }))
      consider(run);
  }
  return executions.flatMap((run) => {
    const row = latest.get(run.workflowId)?.runId === run.runId ? rowOf(run) : null;
    return row === null ? [] : [{ run, row }];
  });
}

// A cursor holds the state too: Temporal's token means nothing for another query.
const Cursor = Type.Tuple([Type.String(), Type.String({ minLength: 1, pattern: '^[A-Za-z0-9_-]+$' })]);

function cursorOf(token: Uint8Array, state: IncidentState | null): string {
  const parts = [state ?? '', Buffer.from(token).toString('base64url')];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function tokenOf(cursor: string, state: IncidentState | null): Uint8Array {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Value.Check(Cursor, parts) && parts[0] === (state ?? '')) return Buffer.from(parts[1], 'base64url');
  } catch {
    // Not JSON: refused below.
  }
  throw new Error(badCursor);
}
