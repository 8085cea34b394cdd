import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';

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
