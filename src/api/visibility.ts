/**
 * Lists incidents from Temporal's visibility store, which is eventually consistent and knows runs, not incidents:
 * https://docs.temporal.io/visibility
 */
import { createHmac } from 'node:crypto';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { grpcCodeOf, grpcCodes } from '../temporal/errors.js';
import { rowOf } from '../temporal/incident-row.js';
import { incidentType, searchAttributes, type IncidentState } from '../workflows/contract.js';
import type { IncidentRow } from '../workflows/view-contract.js';
import { isOneOf } from './secrets.js';

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
  /** Signs cursors. */
  secret: string;
}

const runs = `WorkflowType = "${incidentType}" AND ExecutionStatus != "ContinuedAsNew"`;
/** Visibility has no escape for quotes and backslashes that could be relied on (tried on server 1.32). */
const isPlain = (id: string): boolean => /^[\w:.-]+$/.test(id);

/** A state that few incidents are in must not make one request read the whole store. */
const maxPages = 50;
const idsPerQuery = 50;

/** Thrown by `listIncidents` for a cursor that is not one of ours, or of another listing. */
export const badCursor = 'bad cursor';

/**
 * One page, at most `limit` rows, the newest failure first within it. A page may be shorter than `limit`, even empty, and
 * still have a `next`.
 */
export async function listIncidents(client: Client, request: ListRequest): Promise<Listing> {
  const { limit, state, indexed } = request;
  const filter = state !== null && indexed ? ` AND ${searchAttributes.state} = "${state}"` : '';
  const cursor = cursors(request.secret);
  const incidents: IncidentRow[] = [];
  let token: Uint8Array = request.cursor === null ? new Uint8Array() : cursor.read(request.cursor, state);
  for (let page = 0; page < maxPages && incidents.length < limit; page++) {
    const found = await onePage(client, runs + filter, token, limit - incidents.length);
    for (const { row } of await newest(client, found.executions)) {
      if (state === null || row.state === state) incidents.push(row);
    }
    token = found.token;
    if (token.length === 0) break;
  }
  incidents.sort((a, b) => b.firstFailedAt.localeCompare(a.firstFailedAt));
  return { incidents, next: token.length === 0 ? null : cursor.write(token, state) };
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
    if (nextPageToken.length > 0 && grpcCodeOf(error) === grpcCodes.invalidArgument)
      throw new Error(badCursor, { cause: error });
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

/**
 * A cursor holds the state too, since Temporal's token means nothing for another query, and is signed: Temporal takes a
 * token that it cannot read for a failure of its own.
 */
function cursors(secret: string) {
  const seal = (state: string, token: string): string =>
    createHmac('sha256', secret).update(`${state} ${token}`).digest('base64url');
  return {
    write(token: Uint8Array, state: IncidentState | null): string {
      const text = Buffer.from(token).toString('base64url');
      return [text, seal(state ?? '', text)].join('.');
    },
    read(cursor: string, state: IncidentState | null): Uint8Array {
      const [text = '', given = ''] = cursor.split('.');
      if (!isOneOf(given, [seal(state ?? '', text)])) throw new Error(badCursor);
      return Buffer.from(text, 'base64url');
    },
  };
}
