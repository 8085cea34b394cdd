/**
 * A query reaches a worker together with a workflow task that another worker has begun; that worker is frozen, and its task times out.
 * What the workflow decides then must be what every replay decides.
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
const { TASK_QUEUE_TYPE_WORKFLOW: workflowTasks } = proto.temporal.api.enums.v1.TaskQueueType;
const taskQueue = 'both-workers';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test('a query between the start and the time-out of a workflow task of another worker leaves a history that replays', async (t) => {
  const environment = await startTemporal();
  const { client } = environment;
  const { namespace } = client.options;
  const { workflowService } = client;
  // Bundling takes seconds on a loaded machine, and the frozen worker's task times out after four.
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: here('../helpers/listening-workflow.ts'),
    workflowInterceptorModules: [here('../../src/workflows/reject-early-events.ts')],
    logger: new DefaultLogger('ERROR'),
  });
  const workflow = await client.workflow.start(listening, { workflowId: 'w', taskQueue, workflowTaskTimeout: '4s' });
  /** Polls as the worker that is going to freeze. */
  const poll = (queue: object) =>
    client.connection.withDeadline(Date.now() + 60_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: queue, identity: 'frozen' }),
    );

  const { taskToken } = await poll({ name: taskQueue });
  const stickyOfFrozen = { name: 'sticky-of-frozen', kind: 'TASK_QUEUE_KIND_STICKY', normalName: taskQueue };
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
      workerTaskQueue: stickyOfFrozen,
      scheduleToStartTimeout: { seconds: 2 },
    }),
  });
  const sticky = proto.temporal.api.taskqueue.v1.TaskQueue.fromObject(stickyOfFrozen);
  const queryTask = poll(sticky);
  const polls = () => workflowService.describeTaskQueue({ namespace, taskQueue: sticky, taskQueueType: workflowTasks });
  // Without a poller on its sticky task queue, the server sends the query elsewhere at once.
  await until('the poll to reach the server', async () => (await polls()).pollers.length > 0);
  const answer = workflow.query(isAnswered);
  assert.ok((await queryTask).query, 'the query comes first');
  assert.ok(!(await poll(sticky)).query, 'then the timer fires, and neither is answered');

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
  assert.equal(await answer, false, 'the query was moved to this worker');
  await workflow.signal(answered);
  const isDone = async () =>
    (await workflow.fetchHistory()).events?.some(({ workflowPropertiesModifiedEventAttributes: memo }) => memo);
  await until('the workflow to decide', isDone, 15_000);
  // The workflow tasks that follow are its own, also with queries between them.
  for (let turn = 0; turn < 3; turn += 1) {
    assert.equal(await workflow.query(isAnswered), true);
    await workflow.signal(answered);
  }
  assert.equal(await workflow.query(isAnswered), true);

  const history = await workflow.fetchHistory();
  const failed = (history.events ?? []).flatMap(
    ({ workflowTaskFailedEventAttributes: why }) => why?.failure?.message ?? [],
  );
  assert.match(
    failed.join('; '),
    /^A query had brought the workflow task of another worker, up to event \d+: this task begins again$/,
  );
  await Worker.runReplayHistory({ workflowBundle }, history);
});
