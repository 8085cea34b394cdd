/** Many refreshes fail at once, one contact is notified of all and acknowledges them with one ALL. */
import { pagerId } from '../../src/workflows/pager-contract.js';
import { scriptOf } from '../e2e/script.js';
import { until } from '../helpers/until.js';
import { spreadOf, type PartResult, type Row } from './figures.js';
import { runsOf, timeOf } from './history.js';
import { inLanes } from './lanes.js';
import { ana, connections, type Site } from './site.js';
import { textsSince, notified } from './notified.js';
import { resetPeak, usageOf } from './usage.js';

export interface StormSize {
  count: number;
}

export async function storm(site: Site, size: StormSize): Promise<PartResult> {
  const { count } = size;
  const others = await acknowledged(site);
  // The floor before and after, as the database grows and the load of the machine varies.
  const drains = [await drain(site, count)];
  const timeoutMs = Math.max(240_000, count * 240);
  await resetPeak(site.service.worker);
  const began = Date.now();
  const failures = await failAll(site, count);
  // Whatever does not arrive before the timeout counts as lost.
  await until('all to be notified', () => notified(site, began) >= count, timeoutMs).catch(() => undefined);
  const texts = textsSince(site, began);
  const reply = await acknowledgeAll(site, others + count, timeoutMs);
  const usage = await usageOf(site.service.worker);
  const receivedAt = await lastPageAt(site);
  drains.push(await drain(site, count));

  const listed = failures.items.filter(({ id }) => reply.ids.has(id)).length;
  const lost = Math.max(count - notified(site, began, reply.at), count - listed);
  return {
    rows: rowsOf(size, {
      ...failures,
      lost,
      floorMs: drains.reduce((sum, each) => sum + each, 0) / drains.length,
      firstMs: Math.min(...texts.map(({ at }) => at)) - began,
      notifiedMs: Math.max(...texts.map(({ at }) => at)) - began,
      receivedMs: receivedAt - began,
      messages: texts.length,
      confirmedMs: reply.confirmedAt - reply.at,
      acknowledgedMs: reply.acknowledgedAt - reply.at,
      peakMiB: usage?.peakMiB ?? null,
    }),
    raw: {
      drains,
      repeated: failures.repeated,
      requestMs: spreadOf(failures.requestMs),
      usage,
      messages: texts.map(({ at, body }) => ({ at: at - began, body })),
    },
  };
}

async function failAll({ service }: Site, count: number) {
  const items = Array.from({ length: count }, (_, n) => service.item('workbook', `Item ${n}`));
  const began = Date.now();
  const requestMs: number[] = [];
  const answers = await inLanes(count, connections, async (n) => {
    const start = performance.now();
    const item = items[n];
    const answered = item ? await service.fails(item) : [];
    requestMs.push(performance.now() - start);
    return answered;
  });
  // The sandbox reports no deliveries that took more than 10 s, repetitions included.
  const slow = answers.filter((tries) => tries.length === 0).length;
  const repeated = slow + answers.flat().filter(({ tries }) => tries > 1).length;
  return { items, acceptedMs: Date.now() - began, requestMs, repeated };
}

async function acknowledgeAll(site: Site, expected: number, timeoutMs: number) {
  const at = Date.now();
  await site.service.sandbox.phones.reply(ana, { channel: 'whatsapp', body: 'ALL' });
  const confirmation = await until(
    'the confirmation',
    () => textsSince(site, at).find(({ body }) => /^\d+ taken/.test(body)),
    timeoutMs,
  );
  const isDone = async () => (await acknowledged(site)) >= expected;
  await until('every incident to be acknowledged', isDone, timeoutMs).catch(() => undefined);
  const ids = new Set(await idsInState(site, 'acknowledged'));
  return { at, confirmedAt: confirmation.at, acknowledgedAt: Date.now(), ids };
}

interface Measured {
  lost: number;
  floorMs: number;
  acceptedMs: number;
  requestMs: number[];
  repeated: number;
  firstMs: number;
  notifiedMs: number;
  receivedMs: number;
  messages: number;
  confirmedMs: number;
  acknowledgedMs: number;
  peakMiB: number | null;
}

function rowsOf({ count }: StormSize, measured: Measured): Row[] {
  const row = (measure: string, value: number | null, unit: string, rest: Partial<Row> = {}): Row => ({
    measure: `${count} at once: ${measure}`,
    value,
    unit,
    ...rest,
  });
  const seconds = (measure: string, ms: number, rest: Partial<Row> = {}): Row => row(measure, ms / 1_000, 's', rest);
  const floor = measured.floorMs / 1_000;
  // With more incidents the floor alone takes longer than that.
  const aimUpTo1000 = (aim: NonNullable<Row['aim']>): Partial<Row> => (count > 1_000 ? {} : { aim });
  return [
    row('lost (not notified, or not listed as acknowledged)', measured.lost, '', { aim: { what: 'value', most: 0 } }),
    seconds('first message', measured.firstMs, { aim: { what: 'value', most: count > 1_000 ? 5 : 3 } }),
    seconds('all pages received by the pager', measured.receivedMs, { floor }),
    seconds('all notified (includes the window between two messages)', measured.notifiedMs, {
      floor,
      ...aimUpTo1000({ what: 'value', most: 70 }),
    }),
    row('messages', measured.messages, ''),
    seconds('all accepted', measured.acceptedMs),
    row('a webhook answered, at most', Math.max(...measured.requestMs), 'ms', {
      aim: { what: 'value', most: count > 1_000 ? 3_000 : 2_000 },
    }),
    row('webhooks that Tableau had to repeat', measured.repeated, ''),
    seconds('ALL → confirmation', measured.confirmedMs),
    seconds('ALL → all acknowledged', measured.acknowledgedMs, {
      floor,
      ...aimUpTo1000({ what: 'ratio', most: 1.3 }),
    }),
    row('memory of the worker, at most', measured.peakMiB, 'MiB', {
      aim: { what: 'value', most: count > 1_000 ? 1_024 : 600 },
    }),
  ];
}

/** The time of the floor from the first start until the last request has arrived. */
async function drain({ floor }: Site, count: number): Promise<number> {
  const began = Date.now();
  // All are started as fast as the server accepts them, without waiting for arrivals.
  const started = await inLanes(count, connections, () => floor.start());
  return Math.max(...(await Promise.all(started.map(({ arrived }) => arrived)))) - began;
}

/** When the pager received the last page, by its own history. From then on the storm waits for people only. */
async function lastPageAt({ service }: Site): Promise<number> {
  const events = (await runsOf(service.client, pagerId('ana'))).flatMap((run) => run.events);
  const pages = events.filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'page');
  return Math.max(...pages.map((event) => timeOf(event)));
}

/** A cheap count for polling; the result uses the list of the api. */
async function acknowledged({ service }: Site): Promise<number> {
  const query = 'WorkflowType = "incident" AND IncidentState = "acknowledged"';
  return (await service.client.workflow.count(query)).count;
}

async function idsInState({ service }: Site, state: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = await scriptOf(service).list(`?state=${state}&limit=1000${cursor}`);
    ids.push(...page.incidents.map(({ id }) => id));
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
  } while (cursor !== '');
  return ids;
}
