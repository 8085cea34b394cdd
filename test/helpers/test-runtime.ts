import { IllegalStateError } from '@temporalio/common';
import { DefaultLogger, Runtime } from '@temporalio/worker';

/**
 * Installs Temporal's runtime for tests, unless another file of the process has. It ends with the last connection that uses it, and a
 * process whose runtime nothing uses does not exit: call this just before a test environment is created.
 */
export function installTestRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
    });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}
