// Exits with 0 when the fault shows, 1 when it does not, 2 when the case did not run.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { waits, wake } from './workflow.mjs';

const logger = new DefaultLogger('ERROR');
Runtime.install({ logger });
const address = process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233';
const taskQueue = `query-before-task-${randomUUID()}`;
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const workerA = fork(here('worker.mjs'));
try {
  const connection = await NativeConnection.connect({ address });
  const { workflow } = new Client({ connection });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: here('workflow.mjs'), logger });
  // 1. Worker A completes the first workflow task, and has the workflow in its sticky cache.
  workerA.send({ address, taskQueue, workflowBundle });
  const run = await workflow.start(waits, { taskQueue, workflowId: taskQueue });
  await run.query('__stack_trace');
  const workerB = await Worker.create({ connection, taskQueue, workflowBundle });
  const wasBetween = await workerB.runUntil(async () => {
    // 2. Worker A crashes. A query waits in A's sticky task queue for 2 s, and then goes to worker B.
    workerA.kill('SIGKILL');
    if (workerA.signalCode === null) await once(workerA, 'exit');
    await pause(500);
    // 3. After 1 s a signal comes. Its workflow task waits in A's sticky task queue as well, and reaches worker B after the query.
    const signal = pause(1000).then(() => run.signal(wake));
    const query = run.query('__stack_trace');
    const first = await Promise.race([signal.then(() => 'signal'), query.then(() => 'query')]);
    await query;
    const { events } = await run.fetchHistory();
    // 4. Worker B receives the workflow task. Half a second is over by now: the workflow should end without a timer.
    await run.result();
    return first === 'signal' && events.filter((event) => event.workflowTaskStartedEventAttributes).length === 1;
  });
  await Worker.runReplayHistory({ workflowBundle }, await run.fetchHistory(), run.workflowId);
  if (!wasBetween) throw new Error('the query did not come between the signal and its workflow task: try again');
  process.stdout.write('NO FAULT: the history can be replayed.\n');
  process.exitCode = 1;
} catch (error) {
  const isFault = error instanceof DeterminismViolationError;
  const [verdict, why] = isFault
    ? ['FAULT: the history cannot be replayed.', error.message]
    : ['NOT RUN', inspect(error)];
  process.stdout.write(`${verdict}\n${why}\n`);
  process.exitCode = isFault ? 0 : 2;
} finally {
  workerA.kill('SIGKILL');
}
