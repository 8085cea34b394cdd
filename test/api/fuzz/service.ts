/** The api on a real port with a real Temporal, and a record of every request that its client sends to Temporal. */
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import type { AppDependencies } from '../../../src/api/app.js';
import { pagerType } from '../../../src/workflows/pager-contract.js';
import { config, failure, buildTestApp, startTemporal } from '../service.js';
import { caseCount } from '../../helpers/case-count.js';

/** FUZZ_RUNS=10000 runs more cases. A failure prints its seed, for FUZZ_SEED. */
export const runs = (inCi: number) => ({
  numRuns: caseCount(inCi, 'FUZZ_RUNS'),
  includeErrorInReport: true,
  ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }),
});

/** Part of every forged request. It may appear in no response and in no line of the log. */
export const marker = 'zq7marker';
export const secret = config.webhookSecrets[0] ?? '';

export async function startFuzzedApp(more: Partial<AppDependencies> = {}) {
  const { client: plain } = await startTemporal();
  const requests: string[] = [];
  const recording: WorkflowClientInterceptor = {
    start: (input, next) => (requests.push(`start ${input.options.workflowId}`), next(input)),
    signal: (input, next) => (requests.push(`signal ${input.workflowExecution.workflowId}`), next(input)),
    signalWithStart: (input, next) => (requests.push(`signal ${input.options.workflowId}`), next(input)),
    terminate: (input, next) => (requests.push(`terminate ${input.workflowExecution.workflowId}`), next(input)),
    cancel: (input, next) => (requests.push(`cancel ${input.workflowExecution.workflowId}`), next(input)),
  };
  const client = new Client({
    connection: plain.connection,
    namespace: plain.options.namespace,
    interceptors: { workflow: [recording] },
  });
  const { app, log } = await buildTestApp(client, {
    // No rate limit: a request must be refused for what is wrong with it.
    rates: { refused: 1e9, home: 1e9, reads: 1e9 },
    ...more,
  });
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  const url = `http://127.0.0.1:${port}`;

  /** Asserts that /healthz answers within a second, and that an event is signalled to its incident. */
  async function assertHealthy(): Promise<void> {
    const began = performance.now();
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const took = performance.now() - began;
    assert.ok(took < 1_000, `/healthz took ${Math.round(took)} ms`);
    const event = failure();
    const answer = await fetch(`${url}/notifier/${secret}`, { method: 'POST', body: JSON.stringify(event) });
    assert.equal(answer.status, 200);
    const [last] = requests.splice(-1);
    assert.equal(last, `signal incident:refresh:${event.site_luid}:${event.resource_luid}`);
    known.add(last.slice('signal '.length));
  }
  const known = new Set<string>();

  /** The ids of all workflows in Temporal. */
  async function workflows(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { workflowId } of plain.workflow.list()) ids.push(workflowId);
    return ids;
  }

  return { app, client, log, requests, port, url, assertHealthy, known, workflows };
}

export const pagerOf = (contact: string): string => `${pagerType}:${contact}`;

/** Bytes on the heap after a full collection. */
export function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
