/** Thousands of incidents wait for people: what waiting costs, and how late what comes next is. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import type { Program } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { spreadOf, type PartResult, type Row } from './figures.js';
import { timersOf } from './history.js';
import { inLanes } from './lanes.js';
import { lateEvents, lateNumber, type Site } from './site.js';
import { told } from './notified.js';
import { shareOf, usageOf } from './usage.js';

export interface OpenSize {
  incidents: number;
  /** How long nothing happens, seconds. */
  idle: number;
  /** Of the ladder whose timers are looked at, milliseconds; as in the site. */
  rung: number;
  climbs: number;
}

const perSecond = 100;

export async function open(site: Site, { incidents, idle, rung, climbs }: OpenSize): Promise<PartResult> {
  const { service } = site;
  const items = Array.from({ length: incidents }, (_, n) => service.item('workbook', `Item ${n}`));
  const began = Date.now();
  const answers = await inLanes(incidents, 20, async (n) => (items[n] ? service.fails(items[n]) : []), perSecond);
  const accepted = answers.filter((tries) => tries.at(-1)?.status === 200).length;
  const opened = (Date.now() - began) / 1_000;
  const settled = await settle(site, incidents, began);

  const programs = { worker: service.worker, api: service.api, temporal: service.temporal };
  const before = await look(programs);
  await pause(idle * 1_000);
  const after = await look(programs);
  const late = await lateness(site, rung, climbs);

  const row = (measure: string, value: number | null, unit: string, rest: Partial<Row> = {}): Row => ({
    measure: `${incidents} open: ${measure}`,
    value,
    unit,
    ...rest,
  });
  return {
    rows: [
      row('accepted', accepted, ''),
      ...Object.entries(after).map(([name, usage]) =>
        row(`idle CPU of ${name}, of one core`, shareOf(before[name] ?? null, usage), '%'),
      ),
      ...Object.entries(after).map(([name, usage]) => row(`memory of ${name}`, usage?.rss ?? null, 'MiB')),
      row('a timer fires late by, p50', late.timers.p50, 'ms'),
      row('a timer fires late by, p95', late.timers.p95, 'ms'),
      row('a timer fires late by, at most', late.timers.max, 'ms'),
      row('its page is at Twilio after it was due, p50', late.arrivals.p50, 'ms'),
      row('its page is at Twilio after it was due, p95', late.arrivals.p95, 'ms'),
      row('its page is at Twilio after it was due, at most', late.arrivals.max, 'ms'),
    ],
    raw: { opened, settled, before, after, ...late },
  };
}

/** Until the person was told of all and the worker has little to do; gives how many seconds it took. */
async function settle(site: Site, incidents: number, began: number): Promise<number> {
  await until(
    () => `all to be told of; ${told(site, began)} of ${incidents} are`,
    () => told(site, began) >= incidents,
    900_000,
  );
  await until(
    'the worker to have nothing to do',
    async () => {
      const before = await usageOf(site.service.worker);
      await pause(2_000);
      return (shareOf(before, await usageOf(site.service.worker)) ?? 0) < 5;
    },
    120_000,
  );
  return (Date.now() - began) / 1_000;
}

/** Ten incidents climb and climb: every step is a timer, and its page a message of its own. */
async function lateness(site: Site, rung: number, climbs: number) {
  const { service } = site;
  const latePages = 2 * climbs;
  const luids = lateEvents.map(() => randomUUID());
  // Spread over one rung, so that they do not wait for one another.
  const begun = await inLanes(
    luids.length,
    luids.length,
    (n) => site.webhook(lateEvents[n] ?? '', luids[n] ?? ''),
    (luids.length * 1_000) / rung,
  );
  const messages = (n: number) => service.sandbox.phones.get(lateNumber(n)).messages;
  await until(
    () => `the late pages; there are ${lateEvents.map((_, n) => messages(n).length).join(' ')}`,
    () => lateEvents.every((_, n) => messages(n).length >= latePages),
    latePages * rung * 3 + 60_000,
  );
  const timers: number[] = [];
  const arrivals: number[] = [];
  for (const [n, { incident }] of begun.entries()) {
    const { events } = await service.client.workflow.getHandle(incidentWorkflowId(incident)).fetchHistory();
    const steps = timersOf(events ?? []).filter(({ wait }) => wait > rung / 2);
    for (const { due, fired } of steps) {
      timers.push(fired - due);
      const message = messages(n).find(({ at }) => at >= Math.floor(fired));
      if (message) arrivals.push(message.at - due);
    }
  }
  return { timers: spreadOf(timers), arrivals: spreadOf(arrivals) };
}

async function look(programs: Record<string, Program>) {
  const entries = Object.entries(programs).map(async ([name, program]) => [name, await usageOf(program)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
