/** The api on a real port before a real Temporal, and everything that Temporal is told through it. */
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import type { AppDependencies } from '../../../src/api/app.js';
import { pagerType } from '../../../src/workflows/contract.js';
import { config, failure, buildTestApp, startTemporal } from '../service.js';

/** More of them: FUZZ_RUNS=10000. A failure prints its seed: FUZZ_SEED. */
export const runs = (usual: number) => ({
  numRuns: Number(process.env['FUZZ_RUNS'] || usual),
  ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }),
});

/** In every forged request; it may be in no answer and in no line of the log. */
export const marker = 'zq7marker';
export const secret = config.webhookSecrets[0] ?? '';

export async function startFuzzedApp(more: Partial<AppDependencies> = {}) {
  const { client: plain } = await startTemporal();
  const told: string[] = [];
  const listening: WorkflowClientInterceptor = {
    start: (input, next) => (told.push(`start ${input.options.workflowId}`), next(input)),
    signal: (input, next) => (told.push(`signal ${input.workflowExecution.workflowId}`), next(input)),
    signalWithStart: (input, next) => (told.push(`signal ${input.options.workflowId}`), next(input)),
    terminate: (input, next) => (told.push(`terminate ${input.workflowExecution.workflowId}`), next(input)),
    cancel: (input, next) => (told.push(`cancel ${input.workflowExecution.workflowId}`), next(input)),
  };
  const client = new Client({ connection: plain.connection, interceptors: { workflow: [listening] } });
  const { app, log } = await buildTestApp(client, {
    // Whatever is refused is to be refused by what is wrong with it.
    rates: { refused: 1e9, home: 1e9, reads: 1e9 },
    ...more,
  });
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  const url = `http://127.0.0.1:${port}`;

  /** Alive, quick, and right: health at once, an event durable, a script answered. */
  async function isWell(): Promise<void> {
    const began = performance.now();
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const took = performance.now() - began;
    assert.ok(took < 1_000, `/healthz took ${Math.round(took)} ms`);
    const event = failure();
    const answer = await fetch(`${url}/notifier/${secret}`, { method: 'POST', body: JSON.stringify(event) });
    assert.equal(answer.status, 200);
    const [last] = told.splice(-1);
    assert.equal(last, `signal incident:refresh:${event.site_luid}:${event.resource_luid}`);
    known.add(last.slice('signal '.length));
  }
  const known = new Set<string>();

  /** Every workflow that Temporal itself has, whatever we were told of it. */
  async function workflows(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { workflowId } of plain.workflow.list()) ids.push(workflowId);
    return ids;
  }

  return { app, client, log, told, port, url, isWell, known, workflows };
}

export const pagerOf = (contact: string): string => `${pagerType}:${contact}`;

/** Bytes on the heap after a full collection. */
export function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
