import { isatty } from 'node:tty';
import { isMainThread } from 'node:worker_threads';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { redact } from './redact.js';

export interface LogOptions {
  level: string;
  /** For people at a terminal; otherwise one JSON object per line. */
  pretty: boolean;
  /** For the demo: no ids, and no line for each request. */
  brief?: boolean;
  /** Values that are replaced wherever they occur. */
  secrets?: readonly string[];
  /** Where lines go, the standard output if absent. */
  destination?: DestinationStream;
}

/** An error of axios or Twilio carries the whole request, credentials included: only what is named here is logged. */
function plainError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  return {
    type: error.name,
    message: error.message,
    stack: error.stack ?? '',
    ...('code' in error && { code: error.code }),
    ...(error.cause instanceof Error && depth < 5 && { cause: plainError(error.cause, depth + 1) }),
  };
}

/** The one logger of a process, for Fastify, Temporal and our code. Every line passes `redact` before it is written. */
export function createLogger({
  level,
  pretty: forPeople,
  brief = false,
  secrets = [],
  destination,
}: LogOptions): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error: unknown) => plainError(error), error: (error: unknown) => plainError(error) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    hooks: { streamWrite: (line) => redact(line, secrets) },
  };
  if (forPeople) return pino(options, forTerminal(brief, destination));
  const out = destination ?? (isMainThread ? undefined : threadOutput());
  return out ? pino(options, out) : pino(options);
}

/** A thread writes itself, and each line at once: its `process.stdout` goes through the main thread, and what waits is lost when it ends. */
const threadOutput = (): DestinationStream => pino.destination({ fd: 1, sync: true });

function forTerminal(brief: boolean, destination?: DestinationStream): DestinationStream {
  const out = destination ?? (isMainThread ? process.stdout : threadOutput());
  const format = prettyFactory({
    colorize: destination === undefined && isatty(1),
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    ...(brief && { ignore: 'reqId,attempt,sid,found' }),
  });
  return { write: (line) => void ((brief && line.includes('"msg":"request"')) || out.write(format(line))) };
}
