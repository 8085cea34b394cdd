import { DefaultLogger, Runtime } from '@temporalio/worker';

let isInstalled = false;

/** Installs Temporal's runtime for tests: one for each process, however many test files run in it. */
export function installTestRuntime(): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  });
}
