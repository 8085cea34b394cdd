/** Temporal's time-skipping test server and the workers of the product, shared by the tests of a process: each of these takes seconds to start. */
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import type { Activities } from '../../src/activities/index.js';
import { temporalLogger } from '../../src/service/temporal-logger.js';
import { loadWorkflowBundle } from '../../src/service/workflow-bundle.js';
import { createWorkers, runWorkers, type RunningWorkers } from '../../src/service/workers.js';
import { findBinary } from '../../src/temporal/binaries.js';
import { closeAtEnd } from './close-later.js';
import { installTestRuntime } from './test-runtime.js';
import { startTestServer } from './test-server.js';

const logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

export interface TimeSkippingTemporal {
  environment: TestWorkflowEnvironment;
  client: Client;
  /** From now on the workers run these activities. The first call starts the workers. */
  use: (activities: Activities) => Promise<void>;
  /** Terminates these workflows, so that the next test begins without them. */
  terminate: (workflowIds: string[]) => Promise<void>;
  close: () => Promise<void>;
}

let shared: TimeSkippingTemporal | undefined;

/** For one test at a time. */
export async function sharedTemporal(): Promise<TimeSkippingTemporal> {
  shared ??= await startTemporal();
  return shared;
}

/** The next test gets a new one. */
export async function discardTemporal(): Promise<void> {
  const former = shared;
  shared = undefined;
  await former?.close();
}

closeAtEnd(discardTemporal);

async function startTemporal(): Promise<TimeSkippingTemporal> {
  const path = await findBinary('temporal-test-server', process.env);
  installTestRuntime();
  const environment = await startTestServer(() =>
    TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } }),
  );
  // As the product connects, without the retries of the SDK: one that waits while its connection closes would fail the test.
  const connection = await Connection.connect({ address: environment.address, interceptors: [] });
  const client = new Client({ connection });
  let present: Activities | undefined;
  let running: RunningWorkers | undefined;
  return {
    environment,
    client,
    async use(activities) {
      present = activities;
      running ??= runWorkers(
        await createWorkers({
          connection: environment.nativeConnection,
          namespace: environment.namespace ?? 'default',
          activities: forwarded(activities, () => present),
          workflowBundle: await loadWorkflowBundle(temporalLogger(logger)),
          shutdownGraceMs: 1_000,
        }),
      );
    },
    async terminate(workflowIds) {
      for (const workflowId of workflowIds)
        await client.workflow
          .getHandle(workflowId)
          .terminate('the test is over')
          .catch((error: unknown) => {
            if (!(error instanceof WorkflowNotFoundError)) throw error;
          });
    },
    async close() {
      await running?.stop();
      await connection.close();
      await environment.teardown();
    },
  };
}

type Group = Record<string, (input: unknown) => unknown>;

/** Activities with the names of these, which call the present ones. */
function forwarded(activities: Activities, present: () => Activities | undefined): Activities {
  const forward = (group: string, name: string) => (input: unknown) =>
    (present() as unknown as Record<string, Group>)[group]?.[name]?.(input);
  const groups = Object.entries(activities).map(([group, members]) => [
    group,
    Object.fromEntries(Object.keys(members).map((name) => [name, forward(group, name)])),
  ]);
  return Object.fromEntries(groups) as Activities;
}
