/** Runs the api in a thread of its own, so that it answers at once while the workers of the same process are busy. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { WorkersState } from '../api/routes/health.js';
import { apiThread } from '../config/places.js';
import type { LogOptions } from './logger.js';
import type { Api, ApiOptions } from './start-api.js';

export interface ThreadData extends ApiOptions {
  connect: ClientConnectConfig;
  log: Omit<LogOptions, 'destination'>;
}
export type ToApiThread = { type: 'workers'; workers: WorkersState } | { type: 'close' };
export type FromApiThread = { type: 'listening'; address: string } | { type: 'closed' };

export interface ApiInThread extends Api {
  /** Settles with the failure when the thread ends without being asked to. */
  failed: Promise<Error>;
}

/** How often the thread is told of the state of the workers. */
const tellEveryMs = 250;

/** @throws what the api throws when it cannot listen */
export async function startApiInThread(data: ThreadData, workers: () => WorkersState): Promise<ApiInThread> {
  const thread = new Worker(apiThread, { workerData: data });
  const post = (message: ToApiThread): void => thread.postMessage(message);
  const tell = (): void => post({ type: 'workers', workers: workers() });
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
