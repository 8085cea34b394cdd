/** Where everything is measured: the product as it is run, and the floor beside it on the same server. */
import { request as httpRequest, Agent } from 'node:http';
import { startService, secrets, type Service } from '../e2e/service.js';
import { scriptOf } from '../e2e/script.js';
import { slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { searchAttributes } from '../../src/workflows/contract.js';
import { openFloor, type Floor } from './floor/floor.js';

export interface Site {
  service: Service;
  floor: Floor;
  /** One webhook on one of 50 connections that stay open; gives our answer. */
  webhook: (event: string, luid: string) => Promise<Answer>;
  close: () => Promise<void>;
}

export interface Answer {
  status: number;
  /** The incident that it says it belongs to; empty where it says none. */
  incident: string;
}

export interface SiteOptions {
  /** Until a bundle may follow a message. */
  window?: string;
  /** Waits of the ladder that is climbed, and of the one whose timers are looked at. */
  rung?: string;
  /** How often the latter is climbed; each time has two steps. */
  climbs?: number;
}

export const connections = 50;
/** Workbooks page `ana` once, and then wait. */
export const ana = '+15550100001';
/** Data sources climb the whole ladder to `lead`. */
export const lead = '+15550100002';

/** Each pages a contact of its own, over and over, so that each of their pages is a message of its own. */
export const lateEvents = [
  'LabelCreated',
  'LabelUpdated',
  'LabelDeleted',
  'SiteCreated',
  'SiteUpdated',
  'SiteDeleted',
  'UserDeleted',
  'ViewDeleted',
  'AdminPromoted',
  'AdminDemoted',
] as const;
export const lateNumber = (n: number): string => `+155502000${String(n).padStart(2, '0')}`;
const late = (n: number): string => `late-${n}`;

export async function openSite({ window = '60s', rung = '3s', climbs = 5 }: SiteOptions = {}): Promise<Site> {
  const service = await startService({ escalation: escalationOf(window, rung, climbs) });
  try {
    // The api makes its search attributes when it is first asked.
    await until(
      'the search attributes',
      async () => (await scriptOf(service).list('?limit=1')) && indexed(service),
      slowMachineTimeoutMs,
    );
    const floor = await openFloor(service.address);
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    return {
      service,
      floor,
      webhook: (event, luid) => post(agent, service, event, luid),
      async close() {
        agent.destroy();
        await floor.close();
        await service.close();
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
}

const indexed = ({ client }: Service): Promise<boolean> =>
  client.workflow.count(`${searchAttributes.state} = "triggered"`).then(
    () => true,
    () => false,
  );

/** The caps are as high as they go, so that one contact may be paged more often in a run than in an hour. */
function escalationOf(window: string, rung: string, climbs: number) {
  const numbers = lateEvents.map((_, n) => [late(n), { whatsapp: lateNumber(n), phone: lateNumber(n) }] as const);
  const laddersOfLate = lateEvents.map((_, n) => {
    const steps = (['whatsapp', 'sms'] as const).map((by) => ({ page: [late(n)], by, wait: rung }));
    return [late(n), { steps, repeat: climbs - 1 }] as const;
  });
  return {
    contacts: {
      ana: { whatsapp: ana, phone: ana },
      lead: { whatsapp: lead, phone: lead },
      ...Object.fromEntries(numbers),
    },
    policies: {
      once: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '30m' }], repeat: 0 },
      whole: {
        steps: [
          { page: ['lead'], by: 'whatsapp', wait: rung },
          { page: ['lead'], by: 'sms', wait: rung },
          { page: ['lead'], by: 'call', wait: '30m' },
        ],
      },
      ...Object.fromEntries(laddersOfLate),
    },
    routes: [
      { events: ['WorkbookRefreshFailed'], policy: 'once' },
      { events: ['DatasourceRefreshFailed'], policy: 'whole' },
      ...lateEvents.map((event, n) => ({ events: [event], policy: late(n) })),
    ],
    settings: { window, linger: '2s', messagesPerHour: 1000, callsPerHour: 1000 },
  };
}

function post(agent: Agent, { url, sandbox }: Service, event: string, luid: string): Promise<Answer> {
  const body = JSON.stringify({
    resource: 'EXTRACTS',
    event_type: event,
    resource_name: `Item ${luid}`,
    site_luid: sandbox.siteLuid,
    resource_luid: luid,
    created_at: new Date().toISOString(),
  });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { method: 'POST', agent, headers, timeout: 60_000 };
    httpRequest(`${url}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        const incident = /"incident":"([^"]+)"/.exec(text)?.[1] ?? '';
        resolve({ status: response.statusCode ?? 0, incident });
      });
    })
      .on('timeout', () => reject(new Error('no answer within 60 s')))
      .on('error', reject)
      .end(body);
  });
}
