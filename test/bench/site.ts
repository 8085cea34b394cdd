/** The product as it runs in production, and the floor beside it on the same Temporal server. */
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
  /** Sends one webhook on one of 50 keep-alive connections; gives our answer. */
  webhook: (event: string, luid: string) => Promise<Answer>;
  close: () => Promise<void>;
}

export interface Answer {
  status: number;
  /** The incident named in the answer; empty if none. */
  incident: string;
}

export interface SiteOptions {
  /** One process is both api and worker, as with `npm start`. */
  together?: boolean;
  /** The setting `window`. */
  window?: string;
  /** The wait of each step in the policies `whole` and `timer-<n>`. */
  stepWait?: string;
  /** How often the steps of `timer-<n>` run; each round has two. */
  rounds?: number;
}

export const connections = 50;
/** Workbooks page `ana` once and then wait. */
export const ana = '+15550100001';
/** Data sources run the whole escalation for `lead`. */
export const lead = '+15550100002';

/** Each pages a contact of its own repeatedly, so that every page is a message of its own. */
export const timerEvents = [
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
export const timerNumber = (n: number): string => `+155502000${String(n).padStart(2, '0')}`;
const timerContact = (n: number): string => `timer-${n}`;

export async function openSite({
  window = '60s',
  stepWait = '3s',
  rounds = 5,
  together = false,
}: SiteOptions = {}): Promise<Site> {
  const service = await startService({ escalation: escalationOf(window, stepWait, rounds), together });
  try {
    // The api creates its search attributes at the first request.
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

/** The hourly limits are at their maximum, as a run pages one contact more often than an hour allows. */
function escalationOf(window: string, stepWait: string, rounds: number) {
  const numbers = timerEvents.map(
    (_, n) => [timerContact(n), { whatsapp: timerNumber(n), phone: timerNumber(n) }] as const,
  );
  const timerPolicies = timerEvents.map((_, n) => {
    const steps = (['whatsapp', 'sms'] as const).map((by) => ({ page: [timerContact(n)], by, wait: stepWait }));
    return [timerContact(n), { steps, repeat: rounds - 1 }] as const;
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
          { page: ['lead'], by: 'whatsapp', wait: stepWait },
          { page: ['lead'], by: 'sms', wait: stepWait },
          { page: ['lead'], by: 'call', wait: '30m' },
        ],
      },
      ...Object.fromEntries(timerPolicies),
    },
    routes: [
      { events: ['WorkbookRefreshFailed'], policy: 'once' },
      { events: ['DatasourceRefreshFailed'], policy: 'whole' },
      ...timerEvents.map((event, n) => ({ events: [event], policy: timerContact(n) })),
    ],
    settings: { window, linger: '2s', messagesPerHour: 1000, callsPerHour: 1000, answersPerHour: 1000 },
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
