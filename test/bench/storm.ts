/** Many refreshes fail at once, one person is told of all, and takes them with one word. */
import { pagerId } from '../../src/workflows/contract.js';
import { scriptOf } from '../e2e/script.js';
import { until } from '../helpers/until.js';
import { spreadOf, type PartResult, type Row } from './figures.js';
import { runsOf, timeOf } from './history.js';
import { inLanes } from './lanes.js';
import { ana, connections, type Site } from './site.js';
import { textsSince, told } from './notified.js';
import { forgetPeak, usageOf } from './usage.js';

export interface StormSize {
  count: number;
  /** From ALL to all acknowledged, seconds, where there is an aim. */
  aim?: number;
}

export async function storm(site: Site, { count, aim }: StormSize): Promise<PartResult> {
  const { service } = site;
  const others = await acknowledged(site);
  // The floor before and after, for the database grows and the machine is not always as busy.
  const drains = [await drain(site, count)];
  const items = Array.from({ length: count }, (_, n) => service.item('workbook', `Item ${n}`));
  const patience = Math.max(240_000, count * 240);
  await forgetPeak(service.worker);
  const began = Date.now();
  const took: number[] = [];
  const answers = await inLanes(count, connections, async (n) => {
    const start = performance.now();
    const item = items[n];
    const answered = item ? await service.fails(item) : [];
    took.push(performance.now() - start);
    return answered;
  });
  const accepted = Date.now() - began;
  // What does not come in all that time is lost, and is shown as that.
  await until('all to be told of', () => told(site, began) >= count, patience).catch(() => undefined);
  const texts = textsSince(site, began);
  const allTold = Math.max(...texts.map(({ at }) => at)) - began;
  const first = Math.min(...texts.map(({ at }) => at)) - began;

  const asked = Date.now();
  await service.sandbox.phones.reply(ana, { channel: 'whatsapp', body: 'ALL' });
  const confirmation = await until(
    'the confirmation',
    () => textsSince(site, asked).find(({ body }) => /^\d+ taken/.test(body)),
    patience,
  );
  const taken = async () => (await acknowledged(site)) >= others + count;
  await until('every incident to be acknowledged', taken, patience).catch(() => undefined);
  const ids = new Set(await idsInState(site, 'acknowledged'));
  const listed = items.filter(({ id }) => ids.has(id)).length;
  const allAcknowledged = Date.now() - asked;
  const usage = {
    worker: await usageOf(service.worker),
    api: await usageOf(service.api),
    temporal: await usageOf(service.temporal),
  };
  const handed = await handedOver(site, began);
  drains.push(await drain(site, count));

  const floor = drains.reduce((sum, each) => sum + each, 0) / drains.length;
  const lost = Math.max(count - told(site, began, asked), count - listed);
  // Who waits for the deliveries hears nothing of those that took more than 10 s, Tableau's repetitions included.
  const slow = answers.filter((tries) => tries.length === 0).length;
  const again = answers.flat().filter(({ tries }) => tries > 1).length;
  const row = (measure: string, value: number | null, unit: string, rest: Partial<Row> = {}): Row => ({
    measure: `${count} at once: ${measure}`,
    value,
    unit,
    ...rest,
  });
  return {
    rows: [
      row('lost (not told of, or not listed as acknowledged)', lost, '', { aim: { what: 'value', most: 0 } }),
      row('first message', first / 1_000, 's', { aim: { what: 'value', most: 3 } }),
      row('all handed to the pager', handed / 1_000, 's', { floor: floor / 1_000, aim: { what: 'ratio', most: 3 } }),
      row('all told of (the window between two messages is in it)', allTold / 1_000, 's', { floor: floor / 1_000 }),
      row('messages', texts.length, ''),
      row('all accepted', accepted / 1_000, 's'),
      row('a webhook answered, p99', spreadOf(took).p99, 'ms'),
      row('webhooks that Tableau had to send again', again + slow, ''),
      row('ALL → confirmation', (confirmation.at - asked) / 1_000, 's'),
      row(
        'ALL → all acknowledged',
        allAcknowledged / 1_000,
        's',
        aim === undefined ? {} : { aim: { what: 'value', most: aim } },
      ),
      row('memory of the worker, at most', usage.worker?.peak ?? null, 'MiB'),
    ],
    raw: {
      drains,
      again,
      slow,
      took: spreadOf(took),
      usage,
      messages: texts.map(({ at, body }) => ({ at: at - began, body })),
    },
  };
}

/** How long the floor needs from the first start until the last request has arrived. */
async function drain({ floor }: Site, count: number): Promise<number> {
  const began = Date.now();
  // All are started as fast as the server takes them; nothing waits for an arrival before all are.
  const begun = await inLanes(count, connections, () => floor.begin());
  return Math.max(...(await Promise.all(begun.map(({ arrived }) => arrived)))) - began;
}

/** When the pager had the last of the pages, by its own history: from then on nothing of the storm waits for anything but people. */
async function handedOver({ service }: Site, began: number): Promise<number> {
  const events = (await runsOf(service.client, pagerId('ana'))).flatMap((run) => run.events);
  const pages = events.filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'page');
  return Math.max(...pages.map((event) => timeOf(event))) - began;
}

/** Cheap enough to be asked all the time; what counts in the end is the api's list. */
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
