/** What one incident costs: Temporal's actions and bytes, and requests to Twilio and Tableau. */
import { setTimeout as pause } from 'node:timers/promises';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import { pagerId } from '../../src/workflows/pager-contract.js';
import { readIncident } from '../../src/temporal/read-incident.js';
import { slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import type { PartResult, Row } from './figures.js';
import { count, queriesAt, runsOf, timeOf, type Event } from './history.js';
import { ana, lead, type Site } from './site.js';

/** Actions with one acknowledgement and receipts: of the whole escalation, and of its first step. */
const most = { whole: 25, short: 14 };
/** The receipts of a text without a Messaging Service. */
const textReceipts = ['queued', 'sent', 'delivered'] as const;
const quietMs = 1_500;

export async function escalation(site: Site): Promise<PartResult> {
  const { service } = site;
  const before = service.sandbox.settings.receipts;
  service.sandbox.settings.receipts = 'on-command';
  try {
    const whole = await measured(site, 'lead', () => wholeEscalation(site));
    const short = await measured(site, 'ana', () => firstStep(site));
    return {
      rows: [
        ...rowsOf('WhatsApp → SMS → call → key', whole, most.whole),
        ...rowsOf('WhatsApp → ACK', short, most.short),
      ],
      raw: { whole, short },
    };
  } finally {
    service.sandbox.settings.receipts = before;
  }
}

/** Nobody answers until the call; there the contact presses 1. */
async function wholeEscalation({ service }: Site): Promise<{ id: string }> {
  const { phones } = service.sandbox;
  const item = service.item('datasource', 'Orders');
  await service.fails(item);
  for (const channel of ['whatsapp', 'sms'] as const) await delivered(service, lead, channel, 0);
  const call = await until(
    'a call that rings',
    () => phones.get(lead).calls.find(({ status }) => status === 'ringing'),
    slowMachineTimeoutMs,
  );
  await phones.call(call.sid, 'answer');
  await phones.call(call.sid, 'press', '1');
  await phones.call(call.sid, 'hangup');
  return item;
}

/** The first message is answered. */
async function firstStep({ service }: Site): Promise<{ id: string }> {
  const item = service.item('workbook', 'Sales');
  const before = countOf(service, ana, 'whatsapp');
  await service.fails(item);
  await delivered(service, ana, 'whatsapp', before);
  await service.sandbox.phones.reply(ana, { channel: 'whatsapp', body: 'ACK' });
  await delivered(service, ana, 'whatsapp', before + 1);
  return item;
}

const outbound = (service: Site['service'], number: string, channel: string) =>
  service.sandbox.phones
    .get(number)
    .messages.filter((message) => message.direction === 'outbound-api' && message.channel === channel);
const countOf = (service: Site['service'], number: string, channel: string): number =>
  outbound(service, number, channel).length;

/** Waits for the n-th message and sends its receipts. */
async function delivered(service: Site['service'], number: string, channel: string, index: number): Promise<void> {
  const message = await until(
    `a message by ${channel}`,
    () => outbound(service, number, channel)[index],
    slowMachineTimeoutMs,
  );
  for (const status of textReceipts) {
    await pause(100);
    await service.sandbox.phones.receipt(message.sid, status);
  }
}

type Measured = Awaited<ReturnType<typeof measured>>;

async function measured({ service }: Site, contact: string, run: () => Promise<{ id: string }>) {
  const { client, sandbox, metrics } = service;
  const began = Date.now();
  const pager = pagerId(contact);
  const bytesBefore = await bytesOf(client, pager);
  const queriesBefore = await queriesAt(metrics);
  const { id } = await run();
  const incident = incidentWorkflowId(id);
  await quiet([incident, pager]);
  const queries = (await queriesAt(metrics)) - queriesBefore;
  const acknowledged = await sum(id);
  const state = (await readIncident(client, id))?.state;
  if (state !== 'acknowledged') throw new Error(`the incident is ${state}, not acknowledged`);
  // Until it closes: the refresh recovers and whoever was paged gets a notice.
  await service.recovers({ luid: id.split(':').at(-1) ?? '' });
  await until(
    'the incident to end',
    async () => (await client.workflow.getHandle(incident).describe()).status.name === 'COMPLETED',
    slowMachineTimeoutMs,
  );
  await quiet([pager]);
  return { acknowledged: { ...acknowledged, queries }, ended: await sum(id) };

  async function sum(ofIncident: string) {
    const incidentRuns = await runsOf(client, incidentWorkflowId(ofIncident));
    const pagerRuns = await runsOf(client, pager);
    const since = (events: Event[]): Event[] => events.filter((event) => timeOf(event) >= began);
    const requests = sandbox.requests({ since: began }).map(({ target }) => target);
    const of = (vendor: string) => requests.filter((target) => target.startsWith(`${vendor}.`));
    return {
      incident: count(incidentRuns.map(({ events }) => events)),
      pager: count(pagerRuns.map(({ events }) => since(events))),
      incidentBytes: incidentRuns.reduce((total, { bytes }) => total + bytes, 0),
      pagerBytes: pagerRuns.reduce((total, { bytes }) => total + bytes, 0) - bytesBefore,
      twilio: of('twilio'),
      tableau: of('tableau'),
    };
  }

  async function quiet(workflows: readonly string[]): Promise<void> {
    let [last, since] = ['', Date.now()];
    await until(
      'nothing to happen',
      async () => {
        const lengths = await Promise.all(
          workflows.map(async (each) => (await client.workflow.getHandle(each).describe()).historyLength),
        );
        if (lengths.join() !== last) [last, since] = [lengths.join(), Date.now()];
        return Date.now() - since > quietMs;
      },
      slowMachineTimeoutMs,
    );
  }
}

async function bytesOf(client: Site['service']['client'], workflowId: string): Promise<number> {
  const runs = await runsOf(client, workflowId).catch(() => []);
  return runs.reduce((total, { bytes }) => total + bytes, 0);
}

function rowsOf(name: string, { acknowledged, ended }: Measured, mostActions: number): Row[] {
  const total = ({ incident, pager }: Measured['ended']): number => incident.actions + pager.actions;
  const { incident, pager, incidentBytes, pagerBytes, twilio, tableau, queries } = acknowledged;
  const row = (measure: string, value: number, unit: string): Row => ({ measure: `${name}: ${measure}`, value, unit });
  return [
    {
      ...row('Temporal actions until acknowledged', total(acknowledged) + queries, 'actions'),
      aim: { what: 'value', most: mostActions },
    },
    row('of them the incident', incident.actions, 'actions'),
    row('of them the pager', pager.actions, 'actions'),
    row('of them queries', queries, 'actions'),
    row('with starts beside their signals', incident.withStarts + pager.withStarts + queries, 'actions'),
    row('until it has recovered and ended', total(ended) + queries, 'actions'),
    row('history of the incident', incidentBytes, 'bytes'),
    row('history of the pager', pagerBytes, 'bytes'),
    row('events', incident.events + pager.events, 'events'),
    row('workflow tasks', incident.workflowTasks + pager.workflowTasks, 'tasks'),
    row('requests to Twilio', twilio.length, 'requests'),
    row('requests to Tableau', tableau.length, 'requests'),
  ];
}
