/** One run, from starting the environment to the verdict. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEnvironment, type Environment } from './environment.js';
import { execute } from './execute.js';
import { judgeLabels } from './labels.js';
import { lanesOf, slowLaneOf } from './lanes.js';
import { createLedger, type Case, type Ledger } from './ledger.js';
import type { RunOptions } from './options.js';
import { randomOf } from './random.js';
import { createRecorder } from './recorder.js';
import type { Result } from './report.js';
import { createStageEvents } from './stages.js';
import { judge, type Verdict } from './verdict.js';

export async function runChaos(options: RunOptions): Promise<Result> {
  const began = Date.now();
  const ledger = createLedger();
  const stageEvents = createStageEvents();
  // One generator for each use, so that draws in one place do not shift those in another.
  const random = (n: number) => randomOf(options.seed * 10 + n);
  let environment: Environment | null = null;
  const sandbox = () => environment?.service.sandbox ?? null;
  const recorder = createRecorder({ ledger, stageEvents, random: random(1), sandbox });
  const lanes = lanesOf(options.lanes, options.waitMs);
  const slowLane = slowLaneOf(Math.max(15_000, 4 * options.waitMs));
  const started = await startEnvironment([...lanes, slowLane], recorder);
  environment = started;
  const draining = setInterval(recorder.drain, 5_000);
  try {
    const injected = await execute({
      options,
      environment: started,
      ledger,
      stageEvents,
      random,
      lanes,
      slowLane,
      began,
    });
    // The ledger is complete enough for a verdict, even when the workflows do not come to rest.
    await started.service.quiet().catch((error: unknown) => options.print(String(error)));
    recorder.drain();
    const labels = await judgeLabels(started.service.sandbox.labels, [...ledger.cases.values()]);
    const judged = judge(ledger, injected.processFaults);
    const verdict = { ...judged, findings: [...judged.findings, ...labels.findings] };
    if (options.logs !== null) await keepLogs(options.logs, started);
    const seconds = (Date.now() - began) / 1_000;
    const [broken, slowest] = [brokenIn(ledger, verdict), slowestIn(ledger)];
    return { seed: options.seed, seconds, verdict, labelled: labels.labelled, ...injected, slowest, broken };
  } finally {
    clearInterval(draining);
    await started.close();
  }
}

const shown = ({ name, id, plan, state, log, timeline, pages }: Case): Result['broken'][number] => ({
  name,
  id,
  plan,
  state,
  log,
  timeline,
  pages,
});

function brokenIn({ cases }: Ledger, { findings }: Verdict): Result['broken'] {
  const names = new Set(findings.flatMap(({ name }) => name.split(', ')));
  return [...cases.values()].filter(({ name }) => names.has(name)).map(shown);
}

function slowestIn({ cases }: Ledger): Result['broken'] {
  const delayMs = ({ acceptedAt, pages }: Case): number => (pages[0]?.at ?? 0) - (acceptedAt ?? 0);
  return [...cases.values()]
    .toSorted((a, b) => delayMs(b) - delayMs(a))
    .slice(0, 5)
    .map(shown);
}

async function keepLogs(directory: string, { service, front }: Environment): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, output } of [service.api, ...service.workers, service.temporal, front]) {
    await writeFile(join(directory, `${name.replaceAll(' ', '-')}.log`), output());
  }
}
