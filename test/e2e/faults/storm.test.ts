/**
 * Many refreshes fail at once. For measurements: `STORM=500` sets their number, `SPREAD=60` the seconds within which they fail
 * (default: at once), `WINDOW=60s` the window (the fourth message waits for the end of the step, so two windows must be enough for all), `KILL=worker` what is killed,
 * one after the other (default: worker,api,temporal; empty: nothing).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../helpers/until.js';
import { startService, type Service } from '../service.js';
import { scriptOf } from '../script.js';

const count = Number(process.env['STORM'] ?? 60);
const spreadMs = Number(process.env['SPREAD'] ?? 0) * 1_000;
const number = '+15550100001';
/** Thousands of incidents take minutes on two cores. */
const stormTimeoutMs = Math.max(240_000, count * 240);
let service: Service;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { whatsapp: number, phone: number } },
      policies: { default: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '30m' }], repeat: 0 } },
      settings: { window: process.env['WINDOW'] ?? '30s' },
    },
  });
});
after(() => service?.close());

const texts = () =>
  service.sandbox.phones
    .get(number)
    .messages.filter(({ direction }) => direction !== 'inbound')
    .map(({ body }) => body);
const counted = (text: string): number =>
  Number(/^\d+ .*open, (\d+) new/m.exec(text)?.[1] ?? (text.startsWith('[') ? 1 : 0));

async function inState(state: string): Promise<Set<string>> {
  const found = new Set<string>();
  let cursor = '';
  do {
    const page = await scriptOf(service).list(`?state=${state}&limit=1000${cursor}`);
    for (const { id } of page.incidents) found.add(id);
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
  } while (cursor !== '');
  return found;
}

/** Kills one program after the other while failures arrive; each is back before the next is killed. */
async function killInTurn(): Promise<void> {
  for (const name of (process.env['KILL'] ?? 'worker,api,temporal').split(',').filter(Boolean)) {
    const program = { worker: service.worker, api: service.api, temporal: service.temporal }[name];
    if (program === undefined) throw new Error(`There is no program ${name}.`);
    await pause(300);
    await program.kill();
    await program.start();
  }
}

test(`${count} refreshes fail while worker, api and server are killed in turn, and one ALL acknowledges those that were accepted`, async (t) => {
  const items = Array.from({ length: count }, (_, n) => service.item('workbook', `Item ${n}`));
  const began = Date.now();
  const first = until('the first message', () => texts().length > 0, 60_000).then(() => Date.now() - began);
  const killed = killInTurn();
  const answers: { id: string; status: number | null }[] = [];
  for (let n = 0; n < count; n += 50) {
    const answered = items.slice(n, n + 50).map(async (item) => {
      const [last] = await service.fails(item);
      return { id: item.id, status: last?.status ?? null };
    });
    answers.push(...(await Promise.all(answered)));
    await pause(Math.max(0, began + (spreadMs * (n + 50)) / count - Date.now()));
  }
  const accepted = answers.filter(({ status }) => status === 200);
  t.diagnostic(
    `${accepted.length} of ${count} webhooks were accepted in ${Date.now() - began} ms, the first message came after ${await first} ms`,
  );
  await killed;
  assert.ok(accepted.length > count / 2, `${accepted.length} accepted`);

  const notified = (): number => texts().reduce((sum, text) => sum + counted(text), 0);
  await until(
    () => `all to be notified; ${notified()} of ${accepted.length} are, in ${texts().length} messages`,
    () => notified() >= accepted.length,
    stormTimeoutMs,
  );
  t.diagnostic(`all were notified in ${texts().length} messages after ${Date.now() - began} ms`);
  // A webhook that was answered 503, or not at all, may have been accepted later.
  assert.ok(notified() <= count, texts().join('\n---\n'));
  // More than a few hundred are not processed within one step on this machine.
  if (count <= 500) assert.ok(texts().length <= 3, `${texts().length} messages`);

  const repliedAt = Date.now();
  await service.sandbox.phones.reply(number, { channel: 'whatsapp', body: 'ALL' });
  await until('the confirmation', () => texts().find((text) => /^\d+ taken/.test(text)), stormTimeoutMs);
  const confirmed = Date.now() - repliedAt;
  const missing = async (): Promise<string[]> => {
    const ids = await inState('acknowledged');
    return accepted.flatMap(({ id }) => (ids.has(id) ? [] : [id]));
  };
  await until('every incident to be acknowledged', async () => (await missing()).length === 0, stormTimeoutMs);
  t.diagnostic(`ALL was confirmed after ${confirmed} ms`);
  assert.equal((await inState('triggered')).size, 0);
  t.diagnostic(await pagerSize());
});

/** The size of the pager's runs, and the duration of its longest workflow task. */
async function pagerSize(): Promise<string> {
  const sizes: { events: number; bytes: number; freeze: number; payload: number }[] = [];
  for await (const run of service.client.workflow.list({ query: 'WorkflowId = "pager:ana"' })) {
    const handle = service.client.workflow.getHandle('pager:ana', run.runId);
    const events = (await handle.fetchHistory()).events ?? [];
    const { historySize = 0 } = await handle.describe();
    const at = (event: (typeof events)[number] | undefined): number =>
      Number(event?.eventTime?.seconds ?? 0) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
    const freezes = events.flatMap((event) => {
      const begun = event.workflowTaskCompletedEventAttributes?.scheduledEventId;
      return begun ? [at(event) - at(events[Number(begun) - 1])] : [];
    });
    const input = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data?.length ?? 0;
    sizes.push({
      events: events.length,
      bytes: historySize,
      freeze: Math.round(Math.max(0, ...freezes)),
      payload: input,
    });
  }
  const most = (key: keyof (typeof sizes)[number]): number => Math.max(...sizes.map((size) => size[key]));
  return (
    `the pager had ${sizes.length} runs; the largest had ${most('events')} events and ${most('bytes')} bytes, ` +
    `the largest payload ${most('payload')} bytes, the longest task took ${most('freeze')} ms`
  );
}
