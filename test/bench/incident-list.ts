/**
 * How long the pages take with 2,000 open incidents, as `node --import ./scripts/load-typescript.mjs test/bench/incident-list.ts [count]`: the api in a process
 * of its own beside Temporal's development server, and incidents of which only the memo is there, for no worker is needed to read it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { incidentType, incidentWorkflowId, searchAttributes } from '../../src/workflows/contract.js';
import { memoKeys } from '../../src/workflows/view-contract.js';
import { beginningRow } from '../../src/temporal/incident-row.js';
import { buildTestApi, config, startTemporal } from '../api/service.js';

const count = Number(process.argv[2] ?? 2_000);
const rounds = 200;
const stateKey = defineSearchAttributeKey(searchAttributes.state, SearchAttributeType.KEYWORD);

/** As large a memo as an incident has after its first steps. */
function memoOf(n: number) {
  const luid = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const at = Date.now() - n * 60_000;
  const item = { kind: 'workbook', luid, name: `Regional sales of the week ${n}`, site: 's' } as const;
  const row = {
    ...beginningRow({ id: `refresh:s:${luid}`, item, event: 'WorkbookRefreshFailed', at, policy: 'default' }),
    cause: 'The database refused the password of the connection.',
    project: 'Finance/Daily',
    step: 2,
    round: 1,
    pages: 2,
    next: { at: new Date(at + 600_000).toISOString(), code: 'step', what: 'Call to ana, lead' },
  };
  const entries = Array.from({ length: 12 }, (_, index) => [
    memoKeys.entry(index + 1),
    { at: row.firstFailedAt, type: 'sent', text: `WhatsApp to ana was sent, as entry ${index} of the timeline.` },
  ]);
  return { row, memo: { [memoKeys.row]: row, ...Object.fromEntries(entries) } };
}

async function begin(client: Client, n: number): Promise<void> {
  const { row, memo } = memoOf(n);
  await client.workflow.start(incidentType, {
    workflowId: incidentWorkflowId(row.id),
    taskQueue: 'without-workers',
    args: [],
    memo,
    typedSearchAttributes: [{ key: stateKey, value: row.state }],
  });
}

const { client } = await startTemporal();
const startedAt = Date.now();
for (let n = 0; n < count; n += 50)
  await Promise.all(Array.from({ length: Math.min(50, count - n) }, (_, index) => begin(client, n + index)));
process.stdout.write(`${count} incidents begun in ${Math.round((Date.now() - startedAt) / 1_000)} s\n`);
await pause(3_000);

const app = await buildTestApi(client);
const address = await app.listen({ host: '127.0.0.1', port: 0 });
const headers = { authorization: `Bearer ${config.apiToken}`, accept: 'text/html' };

async function measure(what: string, path: string): Promise<void> {
  const firstBytes: number[] = [];
  const whole: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const response = await fetch(address + path, { headers });
    let isFirst = true;
    bytes = 0;
    for await (const chunk of response.body ?? []) {
      if (isFirst) firstBytes.push(performance.now() - began);
      isFirst = false;
      bytes += chunk.length;
    }
    whole.push(performance.now() - began);
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    await pause(40);
  }
  const at = (times: number[], part: number) => times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? NaN;
  const ms = (time: number) => `${time.toFixed(1)} ms`;
  process.stdout.write(
    `${what}: first byte p50 ${ms(at(firstBytes, 0.5))}, p95 ${ms(at(firstBytes, 0.95))}; whole p50 ${ms(at(whole, 0.5))}, p95 ${ms(at(whole, 0.95))}; the first of all ${ms(whole[0] ?? NaN)}; ${bytes} bytes\n`,
  );
}

await measure('/incidents', '/incidents');
await measure('/incidents?q=', '/incidents?q=sales+1999');
await measure('/incidents?contact=', '/incidents?contact=ana');
await measure('/incidents/<id>', `/incidents/${memoOf(7).row.id}`);
process.exit(0);
