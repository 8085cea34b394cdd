/** The service with the outside world around it: a door before the api, a front before Twilio and Tableau. */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/temporal/ports.js';
import { startService, secrets, type Service } from '../e2e/service.js';
import { scriptOf } from '../e2e/script.js';
import { programOf, type Program } from '../helpers/processes.js';
import { openDoor, type Door } from './endpoint.js';
import { escalationOf, type Lane } from './lanes.js';
import type { Wire } from './wire.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Town {
  service: Service;
  /** The way to Twilio and Tableau. */
  front: Program;
  /** Where Tableau posts. */
  notifier: string;
  /** What a script sees, through the door. */
  script: ReturnType<typeof scriptOf>;
  /** `POST /incidents/<id>/acknowledge`: whether it was taken. */
  acknowledge: (id: string) => Promise<boolean>;
  /** Whether our front page says that somebody did not answer; null when it could not be asked. */
  isLoud: () => Promise<boolean | null>;
  close: () => Promise<void>;
}

export async function openTown(lanes: readonly Lane[], wire: Wire): Promise<Town> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await open(lanes, wire, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(lanes: readonly Lane[], wire: Wire, closers: (() => Promise<unknown>)[]) {
  const frontPort = await freePort(randomInt(12_000, 30_000));
  let front: Program | null = null;
  let door: Door | null = null;
  const service = await startService({
    escalation: escalationOf(lanes),
    settings: {
      webhookRetries: Array.from({ length: 150 }, () => 1_000),
      refreshRuns: 3_000,
      ringFor: 8_000,
      voiceWait: 4_000,
    },
    workers: 2,
    log: wire.log,
    outsideProxy: async (outside) => {
      front = frontOf(frontPort, new URL(outside).port);
      closers.push(front.stop);
      await front.start();
      return `http://127.0.0.1:${frontPort}`;
    },
    apiProxy: async (api) => {
      door = await openDoor(api, wire);
      closers.push(door.close);
      return door.url;
    },
  });
  closers.push(service.close);
  const url = publicAddress(door);
  return { service, front: present(front), ...doorsOf(url) };
}

/** TypeScript does not see what callbacks assign. */
const present = (front: Program | null): Program => {
  if (front === null) throw new Error('a service asks for a way outward');
  return front;
};
const publicAddress = (door: Door | null): string => door?.url ?? '';

const frontOf = (port: number, target: string): Program =>
  programOf({
    name: 'front',
    file: process.execPath,
    args: ['--import', 'tsx', 'test/chaos/front.ts', String(port), target],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: root,
    ready: (said) => said.includes('listening'),
  });

const patience = 15_000;

function doorsOf(url: string) {
  const ask = (path: string, method: string): Promise<Response | null> =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${secrets.API_TOKEN}`, accept: 'application/json' },
      signal: AbortSignal.timeout(patience),
    }).catch(() => null);
  return {
    notifier: `${url}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`,
    script: scriptOf({ url }),
    acknowledge: async (id: string) => {
      const response = await ask(`/incidents/${encodeURIComponent(id)}/acknowledge`, 'POST');
      return response?.ok ?? false;
    },
    isLoud: async () => {
      const response = await ask('/', 'GET');
      if (!response?.ok) return null;
      return (await response.text().catch(() => null))?.includes('incidents-unacknowledged') ?? null;
    },
  };
}
