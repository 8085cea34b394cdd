import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type Logger as TemporalLogger } from '@temporalio/worker';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { prettyFactory } from 'pino-pretty';

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

const secretKeys = 'authorization|cookie|signature|token|secret|password|api-?_?key|x-tableau-auth';
const personalKeys = 'body|digits|contentvariables|profilename';
const isHidden = new RegExp(`${secretKeys}|^(?:${personalKeys})$`, 'i');
/** A key of JSON with its text. Keys are short: what is longer is none of ours. */
const field = /"([^"\\]{1,200})":"[^"\\]*(?:\\.[^"\\]*)*"/g;

/**
 * A text, or a line of JSON, without phone numbers (`+1******0001`), credentials, the secret in the address given to
 * Tableau, the text of replies, and the given secrets.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 6)
      clean = clean.replaceAll(secret, '***').replaceAll(JSON.stringify(secret).slice(1, -1), '***');
  }
  return clean
    .replace(field, (whole, key: string) => (isHidden.test(key) && !whole.endsWith(':""') ? `"${key}":"***"` : whole))
    .replace(/(\+|%2B)([1-9])\d{2,9}(\d{4})(?!\d)/gi, '$1$2******$3')
    .replace(/\b(Bearer|Basic) [\w.~+/=-]+/gi, '$1 ***')
    .replace(/(\/notifier\/)[^\s?#"'/\\]+/gi, '$1***')
    .replace(/([?&](?:secret|token)=)[^\s&#"'\\]+/gi, '$1***');
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
  return destination ? pino(options, destination) : pino(options);
}

function forTerminal(brief: boolean, destination: DestinationStream = process.stdout): DestinationStream {
  const format = prettyFactory({
    colorize: destination === process.stdout && process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    ...(brief && { ignore: 'reqId,attempt,sid,found' }),
  });
  return { write: (line) => void ((brief && line.includes('"msg":"request"')) || destination.write(format(line))) };
}

const noise = new Set(['sdkComponent', 'namespace', 'taskQueue', 'runId', 'isLocal', 'taskToken', 'workflowType']);

/** Every worker that runs only workflows, or only activities, logs this warning. */
const expected = /^No (activities|workflows) registered/;

/**
 * Temporal's logger over ours, for `Runtime.install`. Lines of workflows and activities keep their level; the SDK's own lines
 * below `warn` become `debug`.
 */
export function temporalLogger(logger: Logger): TemporalLogger {
  return new DefaultLogger(logger.isLevelEnabled('debug') ? 'DEBUG' : 'INFO', ({ level, message, meta = {} }) => {
    const ours = meta.sdkComponent === 'workflow' || meta.sdkComponent === 'activity';
    const fields = Object.fromEntries(
      Object.entries(meta)
        // `attempt` is the count of tries in an activity's metadata and the id of a send in ours.
        .filter(([key, value]) => !noise.has(key) && !(key === 'attempt' && typeof value === 'number'))
        // An activity throws ApplicationFailure on purpose: its stack is of no use.
        .map(([key, value]) => [key, value instanceof ApplicationFailure ? value.message : value]),
    );
    if (level === 'ERROR') logger.error(fields, message);
    else if (level === 'WARN' && !expected.test(message)) logger.warn(fields, message);
    else if (level === 'INFO' && ours) logger.info(fields, message);
    else logger.debug(fields, message);
  });
}
