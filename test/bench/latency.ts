/** Latency without other load: from the webhook to Twilio, and from the reply to its effect. */
import { setTimeout as pause } from 'node:timers/promises';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import { readIncident } from '../../src/temporal/read-incident.js';
import { slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { percentileRows, spreadOf, type PartResult } from './figures.js';
import { kindOf, timeOf, type Event } from './history.js';
import { ana, type Site } from './site.js';

/**
 * Two operations within about 100 ms on one connection cost 40 ms each on the development server, for the floor too. So each
 * measurement waits until the one before is over, with its receipts.
 */
const receiptsMs = 1_000;
const gapMs = 400;

export interface Paged {
  id: string;
  /** When the webhook left, and when the first request arrived at Twilio. */
  at: number;
  arrived: number;
}

/** One workbook fails and `ana` is paged. */
export async function pageOnce({ service }: Site, name: string): Promise<Paged> {
  const { sandbox } = service;
  const item = service.item('workbook', name);
  const at = Date.now();
  const answered = service.fails(item);
  const request = await until(
    'the first request at Twilio',
    () => sandbox.requests({ target: 'twilio.messages', since: at }).at(0),
    slowMachineTimeoutMs,
  );
  await answered;
  return { id: item.id, at, arrived: request.at };
}

/** Replies ACK; gives when the incident showed itself acknowledged, and when the confirmation arrived at Twilio. */
export async function acknowledge({ service }: Site, id: string) {
  const { sandbox, client } = service;
  const at = Date.now();
  const reply = sandbox.phones.reply(ana, { channel: 'whatsapp', body: 'ACK' });
  const acknowledged = until(
    'the incident to be acknowledged',
    async () => (await readIncident(client, id))?.state === 'acknowledged' && Date.now(),
    slowMachineTimeoutMs,
  );
  const confirmed = until(
    'the confirmation',
    () => sandbox.requests({ target: 'twilio.messages', since: at }).at(0)?.at,
    slowMachineTimeoutMs,
  );
  await reply;
  return { at, acknowledged: await acknowledged, confirmed: await confirmed };
}

export interface LatencySize {
  pairs: number;
  /** Pairs before them that are not counted. */
  warmUp: number;
}

export async function latency(site: Site, { pairs, warmUp }: LatencySize): Promise<PartResult> {
  const { service, floor } = site;
  const ours = { first: [] as number[], seen: [] as number[], written: [] as number[], confirmed: [] as number[] };
  const bare = { first: [] as number[], acknowledged: [] as number[], seen: [] as number[], written: [] as number[] };
  for (let n = 0; n < pairs + warmUp; n += 1) {
    const page = await pageOnce(site, `Item ${n}`);
    await pause(receiptsMs);
    const reply = await acknowledge(site, page.id);
    await pause(receiptsMs);
    const started = await floor.start();
    const arrived = await started.arrived;
    await pause(gapMs);
    const bareReply = await floor.acknowledge(started.handle);
    await pause(gapMs);
    const end = await floor.end(started.handle);
    await pause(gapMs);
    if (n < warmUp) continue;
    const incident = service.client.workflow.getHandle(incidentWorkflowId(page.id));
    const [events, floorEvents] = [await incident.fetchHistory(), await started.handle.fetchHistory()];
    ours.first.push(page.arrived - page.at);
    ours.seen.push(reply.acknowledged - reply.at);
    ours.confirmed.push(reply.confirmed - reply.at);
    ours.written.push(updateTaken(events.events ?? [], 'answer') - reply.at);
    bare.first.push(arrived - started.at);
    bare.acknowledged.push(bareReply.acknowledged - bareReply.at);
    bare.seen.push(end.ended - end.at);
    bare.written.push(taskAfter(floorEvents.events ?? [], 'end') - end.at);
    await pause(gapMs);
  }
  const [first, seen, written, confirmed] = [ours.first, ours.seen, ours.written, ours.confirmed].map(spreadOf);
  const [floorFirst, floorSeen, floorWritten, twoWorkflows] = [
    bare.first,
    bare.seen,
    bare.written,
    bare.acknowledged,
  ].map(spreadOf);
  if (!first || !seen || !written || !confirmed || !floorFirst || !floorSeen || !floorWritten || !twoWorkflows)
    throw new Error('nothing was measured');
  return {
    rows: [
      ...percentileRows('webhook → first request at Twilio, idle', 'ms', first, floorFirst, { p50: 1.8, p95: 2 }),
      ...percentileRows('reply → acknowledged, as a query sees it', 'ms', seen, floorSeen, { p50: 2.5 }),
      // What is left when the contact and the incident do nothing else.
      ...percentileRows('the same beside two bare workflows', 'ms', seen, twoWorkflows),
      {
        measure: 'reply → acknowledged, as the history has it, p50',
        value: written.p50,
        unit: 'ms',
        floor: floorWritten.p50,
      },
      {
        measure: 'reply → confirmation at Twilio, p50',
        value: confirmed.p50,
        unit: 'ms',
        floor: floorSeen.p50,
      },
    ],
    raw: {
      ours: { first, seen, written, confirmed },
      floor: { first: floorFirst, seen: floorSeen, written: floorWritten, acknowledged: twoWorkflows },
    },
  };
}

/** When the workflow task that took an update was completed. */
function updateTaken(events: readonly Event[], update: string): number {
  const taken = events.find(
    ({ workflowExecutionUpdateAcceptedEventAttributes: about }) => about?.acceptedRequest?.input?.name === update,
  );
  if (!taken) throw new Error(`no workflow task took ${update}`);
  return timeOf(taken);
}

/** When the workflow task that processed a signal was completed. */
function taskAfter(events: readonly Event[], signal: string): number {
  const at = events.findIndex((event) => event.workflowExecutionSignaledEventAttributes?.signalName === signal);
  const task = events.slice(at).find((event) => kindOf(event) === 'workflowTaskCompleted');
  if (at < 0 || !task) throw new Error(`no workflow task processed ${signal}`);
  return timeOf(task);
}
