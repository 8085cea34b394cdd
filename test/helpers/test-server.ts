import type { TestWorkflowEnvironment } from '@temporalio/testing';

/** Starts a server by the SDK, which gives it 5 s: a busy machine can exceed that, and it is started again. */
export async function startTestServer(
  start: () => Promise<TestWorkflowEnvironment>,
  tries = 5,
): Promise<TestWorkflowEnvironment> {
  try {
    return await start();
  } catch (error) {
    if (!String(error).includes('did not start within') || tries === 1) throw error;
    process.stderr.write(`${String(error)} It is started again.\n`);
    return startTestServer(start, tries - 1);
  }
}
