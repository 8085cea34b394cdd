import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { grpcCodeOf } from '../temporal/errors.js';
import { problem, type Problem } from './problem.js';

export const temporalUnavailable = (cause?: unknown): Problem =>
  problem(503, 'TEMPORAL_UNAVAILABLE', 'Temporal does not answer. Try again soon.', {
    headers: { 'retry-after': '5' },
    cause,
  });

/** Whether this is a `temporalUnavailable`. */
export const isTemporalUnavailable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'TEMPORAL_UNAVAILABLE';

/** Whether the error comes from the Temporal service, not from our code and not from a missing workflow. */
export const isServiceFailure = (error: unknown): boolean =>
  error instanceof ServiceError ||
  error instanceof NamespaceNotFoundError ||
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
  isGrpcServiceError(error);

/**
 * UNKNOWN, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS:
 * https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
const transientCodes = new Set([2, 8, 10, 13, 14, 15]);

/**
 * Whether a retry may succeed. `QueryNotRegisteredError` counts: a worker of the previous version rejects the query during a rolling
 * update, and so does a workflow that has not run its first task.
 */
export function isTransient(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return error instanceof QueryNotRegisteredError || (code !== undefined && transientCodes.has(code));
}
