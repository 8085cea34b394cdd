/** Runs of incidents as Temporal's visibility store lists them, with as much of their memo as a list shows. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { grpcCodeOf, grpcCodes } from '../../temporal/errors.js';
import type { Execution } from '../../temporal/incident-row.js';
import { pagesIn } from '../../temporal/read-incident.js';
import { incidentType } from '../../workflows/contract.js';
import { memoKeys } from '../../workflows/view-contract.js';
import { badCursor } from './cursors.js';

/** The query for runs that end an incident's history, or are it. */
export const runs = `WorkflowType = "${incidentType}" AND ExecutionStatus != "ContinuedAsNew"`;

export type Run = Execution & Pick<WorkflowExecutionInfo, 'runId'>;

export interface RunPage {
  executions: Run[];
  /** Empty at the end. */
  token: Uint8Array;
}

interface PageRequest {
  query: string;
  token: Uint8Array;
  pageSize: number;
  /** Whether the pages of the incident are read, too. */
  withPages: boolean;
}

/** A page of runs. A memo may hold a timeline of 200 entries, of which a list reads none. */
export async function readRuns(client: Client, request: PageRequest): Promise<RunPage> {
  const { query, token: nextPageToken, pageSize, withPages } = request;
  const { namespace, loadedDataConverter } = client.options;
  const isRead = (key: string): boolean => key === memoKeys.row || (withPages && /^p\d+$/.test(key));
  try {
    const answer = await client.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken, pageSize });
    const executions = await Promise.all(
      answer.executions.map((raw) => {
        const fields = raw.memo?.fields ?? {};
        for (const key of Object.keys(fields)) if (!isRead(key)) delete fields[key];
        return executionInfoFromRaw(raw, loadedDataConverter, raw, namespace);
      }),
    );
    return { executions, token: answer.nextPageToken };
  } catch (error) {
    if (nextPageToken.length > 0 && grpcCodeOf(error) === grpcCodes.invalidArgument)
      throw new Error(badCursor, { cause: error });
    throw error;
  }
}

/** Whom a run that was read with its pages has paged. */
export const pagedBy = ({ memo }: Pick<Run, 'memo'>): string[] => pagesIn(memo ?? {}).map(({ contact }) => contact);
