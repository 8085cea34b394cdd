import { ConfigError } from '../config/config-error.js';

/** The message of an error that ended a command, for the person at the terminal. */
export function explainError(error: unknown): string {
  if (error instanceof ConfigError) return `${error.message}\n.env.example explains every variable.`;
  if (!(error instanceof Error)) return String(error);
  // A defect of this program: the stack is needed.
  if (['TypeError', 'ReferenceError', 'RangeError'].includes(error.name) && !('code' in error))
    return String(error.stack);
  if ('code' in error && error.code === 'EADDRINUSE') return `${error.message}: set PORT to a free port.`;
  return error.cause instanceof Error ? `${error.message}\n  ${error.cause.message}` : error.message;
}
