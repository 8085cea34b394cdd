/** The api in a thread of its own. `api-in-thread.ts` starts it and says when it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkersState } from '../api/health/workers-state.js';
import type { EscalationSource } from '../policy/escalation-source.js';
import { connectTemporal } from '../temporal/connection.js';
import { createSearchAttributes } from '../temporal/search-attributes.js';
import type { FromApiThread, ThreadData, ToApiThread } from './api-in-thread.js';
import { createLogger } from './logger.js';
import { startApi } from './start-api.js';

const { connect, log, escalation: atStart, ...options }: ThreadData = workerData;
const logger = createLogger(log);
const temporal = connectTemporal(connect);
let told = atStart;
const escalation: EscalationSource = { current: () => told.current, alarms: () => told.alarms };
let workers: WorkersState = { begun: false, workers: {} };
/** The main thread tells its state four times a second. */
const silenceLimitMs = 30_000;
let heardAt = performance.now();
const stateOfWorkers = (): WorkersState => ({ ...workers, areStuck: performance.now() - heardAt > silenceLimitMs });
const api = await startApi(
  { ...options, escalation },
  temporal,
  createSearchAttributes(temporal, logger),
  logger,
  stateOfWorkers,
);

async function close(): Promise<void> {
  await api.close().catch((err: unknown) => logger.error({ err }, 'the api could not be closed'));
  await temporal.close();
  parentPort?.postMessage({ type: 'closed' } satisfies FromApiThread);
}
parentPort?.on('message', (message: ToApiThread) => {
  heardAt = performance.now();
  if (message.type === 'close') void close();
  else if (message.type === 'escalation') told = message.escalation;
  else workers = message.workers;
});
parentPort?.postMessage({ type: 'listening', address: api.address } satisfies FromApiThread);
