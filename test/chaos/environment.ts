/** The service with a recording endpoint before the api and a front process before Twilio and Tableau. */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/temporal/ports.js';
import { startService, secrets, type Service } from '../e2e/service.js';
import { scriptOf } from '../e2e/script.js';
import { programOf, type Program } from '../helpers/processes.js';
import { startEndpoint, type Endpoint } from './endpoint.js';
import { escalationOf, type Lane } from './lanes.js';
import type { Recorder } from './recorder.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Environment {
  service: Service;
  /** The process through which the service reaches Twilio and Tableau. */
  front: Program;
  /** The address for Tableau's webhooks. */
  notifier: string;
  /** A client of the incidents endpoints. */
  script: ReturnType<typeof scriptOf>;
  /** `POST /incidents/<id>/acknowledge`; gives whether it was accepted. */
  acknowledge: (id: string) => Promise<boolean>;
  /** Whether `GET /` shows the alarm `incidents-unacknowledged`; null without an answer. */
  showsAlarm: () => Promise<boolean | null>;
  close: () => Promise<void>;
}

export async function startEnvironment(lanes: readonly Lane[], recorder: Recorder): Promise<Environment> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await open(lanes, recorder, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(lanes: readonly Lane[], recorder: Recorder, closers: (() => Promise<unknown>)[]) {
  const frontPort = await freePort(randomInt(12_000, 30_000));
  let front: Program | null = null;
  let endpoint: Endpoint | null = null;
  const service = await startService({
    escalation: escalationOf(lanes),
    settings: {
      webhookRetriesMs: Array.from({ length: 150 }, () => 1_000),
      refreshRunsMs: 3_000,
      ringForMs: 8_000,
      voiceWaitMs: 4_000,
    },
    workers: 2,
    log: recorder.log,
    outsideProxy: async (outside) => {
      front = frontOf(frontPort, new URL(outside).port);
      closers.push(front.stop);
      await front.start();
      return `http://127.0.0.1:${frontPort}`;
    },
    apiProxy: async (api) => {
      endpoint = await startEndpoint(api, recorder);
      closers.push(endpoint.close);
      return endpoint.url;
    },
  });
  closers.push(service.close);
  const url = publicAddress(endpoint);
  return { service, front: present(front), ...clientOf(url) };
}

/** TypeScript does not see what callbacks assign. */
const present = (front: Program | null): Program => {
  if (front === null) throw new Error('the front process was not started');
  return front;
};
const publicAddress = (endpoint: Endpoint | null): string => endpoint?.url ?? '';

const frontOf = (port: number, target: string): Program =>
  programOf({
    name: 'front',
    file: process.execPath,
    args: ['--import', 'tsx', 'test/chaos/front.ts', String(port), target],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: root,
    ready: (output) => output.includes('listening'),
  });

const requestTimeoutMs = 15_000;

function clientOf(url: string) {
  const send = (path: string, method: string): Promise<Response | null> =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${secrets.API_TOKEN}`, accept: 'application/json' },
      signal: AbortSignal.timeout(requestTimeoutMs),
    }).catch(() => null);
  return {
    notifier: `${url}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`,
    script: scriptOf({ url }),
    acknowledge: async (id: string) => {
      const response = await send(`/incidents/${encodeURIComponent(id)}/acknowledge`, 'POST');
      return response?.ok ?? false;
    },
    showsAlarm: async () => {
      const response = await send('/', 'GET');
      if (!response?.ok) return null;
      return (await response.text().catch(() => null))?.includes('incidents-unacknowledged') ?? null;
    },
  };
}
