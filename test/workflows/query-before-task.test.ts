/**
 * A question is taken to a worker with a task that has begun at another, which is frozen and lets it time out. What is decided then is what
 * every replay decides.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { startTemporal } from '../api/service.js';
import { answered, isAnswered, listening } from '../helpers/listening-workflow.js';
import { until } from '../helpers/until.js';

const { Command } = proto.temporal.api.command.v1;
const { StickyExecutionAttributes } = proto.temporal.api.taskqueue.v1;
const namespace = 'default';
const taskQueue = 'of-both';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test('asked between the begin and the time-out of a task of another worker', async (t) => {
  const environment = await startTemporal();
  const { client } = environment;
  const { workflowService } = client;
  const workflow = await client.workflow.start(listening, { workflowId: 'w', taskQueue, workflowTaskTimeout: '4s' });
  /** What comes to the worker that is going to freeze. */
  const comes = (queue: object) =>
    client.connection.withDeadline(Date.now() + 60_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: queue, identity: 'frozen' }),
    );

  const { taskToken } = await comes({ name: taskQueue });
  const ofFrozen = { name: 'of-the-frozen', kind: 'TASK_QUEUE_KIND_STICKY', normalName: taskQueue };
  await workflowService.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    commands: [
      Command.fromObject({
        commandType: 'COMMAND_TYPE_START_TIMER',
        startTimerCommandAttributes: { timerId: '1', startToFireTimeout: { seconds: 1 } },
      }),
    ],
    stickyAttributes: StickyExecutionAttributes.fromObject({
      workerTaskQueue: ofFrozen,
      scheduleToStartTimeout: { seconds: 2 },
    }),
  });
  const sticky = proto.temporal.api.taskqueue.v1.TaskQueue.fromObject(ofFrozen);
  const question = comes(sticky);
  const asked = workflow.query(isAnswered);
  assert.ok((await question).query, 'it is asked first');
  assert.ok(!(await comes(sticky)).query, 'then its timer fires, and neither is answered');

  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: here('../helpers/listening-workflow.ts'),
    workflowInterceptorModules: [here('../../src/workflows/reject-early-events.ts')],
    logger: new DefaultLogger('ERROR'),
  });
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    namespace,
    taskQueue,
    workflowBundle,
  });
  const running = worker.run();
  t.after(async () => {
    worker.shutdown();
    await running;
  });
  assert.equal(await asked, false, 'the question has gone on to this worker');
  await workflow.signal(answered);
  const isDone = async () =>
    (await workflow.fetchHistory()).events?.some(({ workflowPropertiesModifiedEventAttributes: memo }) => memo);
  await until('it to decide', isDone, 15_000);
  // The tasks that follow are its own, whatever is asked between them.
  for (let turn = 0; turn < 3; turn += 1) {
    assert.equal(await workflow.query(isAnswered), true);
    await workflow.signal(answered);
  }
  assert.equal(await workflow.query(isAnswered), true);

  const history = await workflow.fetchHistory();
  const failed = (history.events ?? []).flatMap(
    ({ workflowTaskFailedEventAttributes: why }) => why?.failure?.message ?? [],
  );
  assert.match(failed.join('; '), /^A question had brought the task up to \d+ of another worker: it begins again$/);
  await Worker.runReplayHistory({ workflowBundle }, history);
});
