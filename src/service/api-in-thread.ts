/** Runs the api in a thread of its own, so that it answers at once while the workers of the same process are busy. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { WorkersState } from '../api/health/workers-state.js';
import { apiThread } from '../config/places.js';
import type { EscalationSource, SourceAlarm } from '../policy/escalation-source.js';
import type { Escalation } from '../policy/route.js';
import type { LogOptions } from './logger.js';
import type { Api, ApiOptions } from './start-api.js';

export interface ThreadData extends Omit<ApiOptions, 'escalation'> {
  connect: ClientConnectConfig;
  escalation: EscalationState;
  log: Omit<LogOptions, 'destination'>;
}
/** What the escalation source of the main thread, which alone reads the file, gives at a time. */
export interface EscalationState {
  current: Escalation;
  alarms: readonly SourceAlarm[];
}
export type ToApiThread =
  { type: 'workers'; workers: WorkersState } | { type: 'escalation'; escalation: EscalationState } | { type: 'close' };
export type FromApiThread = { type: 'listening'; address: string } | { type: 'closed' };

export interface ApiInThread extends Api {
  /** Settles with the failure when the thread ends without being asked to. */
  failed: Promise<Error>;
}

/** How often the thread is told of the state of the workers, and of a changed escalation. */
const tellEveryMs = 250;

/** @throws what the api throws when it cannot listen */
export async function startApiInThread(
  options: Omit<ThreadData, 'escalation'>,
  source: EscalationSource,
  workers: () => WorkersState,
): Promise<ApiInThread> {
  let told: EscalationState = { current: source.current(), alarms: source.alarms() };
  const data: ThreadData = { ...options, escalation: told };
  const thread = new Worker(apiThread, { workerData: data });
  const post = (message: ToApiThread): void => thread.postMessage(message);
  const tell = (): void => {
    post({ type: 'workers', workers: workers() });
    const now = { current: source.current(), alarms: source.alarms() };
    if (now.current === told.current && now.alarms === told.alarms) return;
    told = now;
    post({ type: 'escalation', escalation: now });
  };
  const timer = setInterval(tell, tellEveryMs);
  thread.once('exit', () => clearInterval(timer));
  let isClosing = false;
  const failed = new Promise<Error>((settle) => {
    thread.once('error', (error: unknown) => settle(error instanceof Error ? error : new Error(String(error))));
    thread.once('exit', (code) => isClosing || settle(new Error(`The thread of the api ended with ${code}.`)));
  });
  const message = async (): Promise<FromApiThread> => {
    const [received]: FromApiThread[] = await once(thread, 'message');
    if (!received) throw new Error('The thread of the api sent an empty message.');
    return received;
  };
  const first = await Promise.race([message(), failed]);
  if (first instanceof Error) throw first;
  if (first.type !== 'listening') throw new Error('The thread of the api has closed.');
  tell();
  return {
    address: first.address,
    failed,
    close: async () => {
      isClosing = true;
      post({ type: 'close' });
      await Promise.race([message(), failed]);
      await thread.terminate();
    },
  };
}
