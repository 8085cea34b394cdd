/** What Temporal's errors say. Codes: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
import { isGrpcServiceError } from '@temporalio/client';

export const grpcCodes = { invalidArgument: 3, permissionDenied: 7, unimplemented: 12 } as const;

/** The gRPC status of an error of the client or of one of its services; undefined for any other error. */
export function grpcCodeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? grpcCodeOf(error.cause) : undefined;
}

/** The words of the Temporal server where it gave some: they name a limit, never a person. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause === undefined ? error.message.slice(0, 200) : reasonOf(error.cause);
}
