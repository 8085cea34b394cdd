/** How a process ends: by a signal, with an error, or by an exception that nothing caught. */
import { isatty } from 'node:tty';
import { ConfigError } from '../config/config-error.js';

/**
 * Settles at the first SIGINT, SIGTERM or SIGHUP. A second one exits at once, but not within a second of the first: one
 * Ctrl-C can arrive twice, from the terminal and from npm.
 *
 * @param reload what SIGHUP does in place of that, as daemons do; not where it says that the terminal was closed
 */
export function shutdownRequested(reload?: () => void): Promise<NodeJS.Signals> {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  // Windows sends SIGHUP when the console is closed, and then ends the process.
  const canReload = () => process.platform !== 'win32' && terminals.every((descriptor) => isatty(descriptor));
  return new Promise((settle) => {
    let firstAtMs: number | null = null;
    const onSignal = (signal: NodeJS.Signals) => {
      if (signal === 'SIGHUP' && reload && canReload()) {
        reload();
        return;
      }
      if (firstAtMs !== null && Date.now() - firstAtMs > 1_000) process.exit(130);
      firstAtMs ??= Date.now();
      settle(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

/**
 * Ends the process with 1 at an exception or a rejection that nothing caught: after it nothing is known about the state, and
 * Node would print it with every secret that is in its message. The last call counts.
 */
export function exitOnUncaught(report: (error: unknown) => void): void {
  process.removeAllListeners('uncaughtException');
  // Rejections arrive here too: https://nodejs.org/api/process.html#event-uncaughtexception
  process.on('uncaughtException', (error) => {
    try {
      report(error);
    } finally {
      process.exit(1);
    }
  });
}

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
