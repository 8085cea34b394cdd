/** Errors as callers see them: one shape, with stable codes. */
import { STATUS_CODES } from 'node:http';

/** An error that the caller may see as it is. */
export interface Problem extends Error {
  statusCode: number;
  code: string;
  headers: Record<string, string>;
}

export function problem(
  statusCode: number,
  code: string,
  message: string,
  { headers = {}, cause }: { headers?: Record<string, string>; cause?: unknown } = {},
): Problem {
  return Object.assign(new Error(message, { cause }), { statusCode, code, headers });
}

/** The reason phrase of a status. */
export const reasonOf = (statusCode: number): string => STATUS_CODES[statusCode] ?? 'Error';

/** The one shape of every error: `{ statusCode, code, error, message }`. */
export const errorBody = (statusCode: number, code: string, message: string) => ({
  statusCode,
  code,
  error: reasonOf(statusCode),
  message,
});

/** `PAYLOAD_TOO_LARGE` for 413: Fastify's own codes are no promise to scripts. */
export const codeOf = (statusCode: number): string => reasonOf(statusCode).toUpperCase().replaceAll(/\W+/g, '_');

export function shown(error: unknown): Pick<Problem, 'statusCode' | 'code' | 'message' | 'headers'> {
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    const { statusCode } = error;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (code.startsWith('FST_CSRF_')) return badForm();
    if ('headers' in error)
      return { statusCode, code, message: error.message, headers: { ...asHeaders(error.headers) } };
    if (statusCode >= 400 && statusCode < 500)
      return { statusCode, code: codeOf(statusCode), message: error.message, headers: {} };
  }
  return { statusCode: 500, code: 'INTERNAL', message: 'Something went wrong here. See the log.', headers: {} };
}

function asHeaders(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** `BAD_FROM`: the code for a field that is wrong. */
export const badField = (field: string): string => `BAD_${field.toUpperCase()}`;

export const forbidden = (): Problem =>
  problem(403, 'BAD_SIGNATURE', 'The request is not signed by Twilio for this address.');

const badForm = (): Problem =>
  problem(403, 'BAD_FORM', 'This form is of another browser, or too old. Load its page again, and repeat.');

export const unauthorized = (): Problem =>
  problem(401, 'BAD_SECRET', 'The address does not hold a current webhook secret.');
