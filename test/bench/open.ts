/** The cost of thousands of open incidents, and how late their timers fire. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import type { Program } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { spreadOf, type PartResult, type Row } from './figures.js';
import { timersOf } from './history.js';
import { inLanes } from './lanes.js';
import { timerEvents, timerNumber, type Site } from './site.js';
import { notified } from './notified.js';
import { shareOf, usageOf } from './usage.js';

export interface OpenSize {
  incidents: number;
  /** How long to measure without activity. */
  idleSeconds: number;
  /** The wait of each step of the measured escalations; as in the site. */
  stepWaitMs: number;
  rounds: number;
}

const perSecond = 100;

export async function open(site: Site, { incidents, idleSeconds, stepWaitMs, rounds }: OpenSize): Promise<PartResult> {
  const { service } = site;
  const items = Array.from({ length: incidents }, (_, n) => service.item('workbook', `Item ${n}`));
  const began = Date.now();
  const answers = await inLanes(incidents, 20, async (n) => (items[n] ? service.fails(items[n]) : []), perSecond);
  const accepted = answers.filter((tries) => tries.at(-1)?.status === 200).length;
  const opened = (Date.now() - began) / 1_000;
  const settled = await settle(site, incidents, began);

  const programs = { worker: service.worker, api: service.api, temporal: service.temporal };
  const before = await usageOfAll(programs);
  await pause(idleSeconds * 1_000);
  const after = await usageOfAll(programs);
  const delays = await timerDelays(site, stepWaitMs, rounds);

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
      ...Object.entries(after).map(([name, usage]) => row(`memory of ${name}`, usage?.rssMiB ?? null, 'MiB')),
      row('a timer fires late by, p50', delays.timers.p50, 'ms'),
      row('a timer fires late by, p95', delays.timers.p95, 'ms'),
      row('a timer fires late by, at most', delays.timers.max, 'ms'),
      row('its page is at Twilio after it was due, p50', delays.arrivals.p50, 'ms'),
      row('its page is at Twilio after it was due, p95', delays.arrivals.p95, 'ms'),
      row('its page is at Twilio after it was due, at most', delays.arrivals.max, 'ms'),
    ],
    raw: { opened, settled, before, after, ...delays },
  };
}

/** Waits until the contact was notified of all and the worker is nearly idle; gives the seconds. */
async function settle(site: Site, incidents: number, began: number): Promise<number> {
  await until(
    () => `all to be notified; ${notified(site, began)} of ${incidents} are`,
    () => notified(site, began) >= incidents,
    900_000,
  );
  await until(
    'the worker to be idle',
    async () => {
      const before = await usageOf(site.service.worker);
      await pause(2_000);
      return (shareOf(before, await usageOf(site.service.worker)) ?? 0) < 5;
    },
    120_000,
  );
  return (Date.now() - began) / 1_000;
}

/** Ten incidents escalate over and over: every step is a timer, and its page a message of its own. */
async function timerDelays(site: Site, stepWaitMs: number, rounds: number) {
  const { service } = site;
  const pagesEach = 2 * rounds;
  const luids = timerEvents.map(() => randomUUID());
  // Spread over one step, so that they do not delay one another.
  const started = await inLanes(
    luids.length,
    luids.length,
    (n) => site.webhook(timerEvents[n] ?? '', luids[n] ?? ''),
    (luids.length * 1_000) / stepWaitMs,
  );
  const messages = (n: number) => service.sandbox.phones.get(timerNumber(n)).messages;
  await until(
    () => `the pages of all rounds; there are ${timerEvents.map((_, n) => messages(n).length).join(' ')}`,
    () => timerEvents.every((_, n) => messages(n).length >= pagesEach),
    pagesEach * stepWaitMs * 3 + 60_000,
  );
  const timers: number[] = [];
  const arrivals: number[] = [];
  for (const [n, { incident }] of started.entries()) {
    const { events } = await service.client.workflow.getHandle(incidentWorkflowId(incident)).fetchHistory();
    const steps = timersOf(events ?? []).filter(({ waitMs }) => waitMs > stepWaitMs / 2);
    for (const { dueAt, firedAt } of steps) timers.push(firedAt - dueAt);
    // A step waits from the time at which its page was sent, and ends up to a tenth later.
    const sent = messages(n)
      .map(({ at }) => at)
      .slice(0, pagesEach);
    for (const [index, at] of sent.slice(1).entries()) arrivals.push(at - ((sent[index] ?? at) + stepWaitMs));
  }
  return { timers: spreadOf(timers), arrivals: spreadOf(arrivals) };
}

async function usageOfAll(programs: Record<string, Program>) {
  const entries = Object.entries(programs).map(async ([name, program]) => [name, await usageOf(program)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
