/** The floor: the minimum of the same server, SDK and machine, measured in the same minutes. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { programOf, slowMachineTimeoutMs, type Program } from '../../helpers/processes.js';
import { until } from '../../helpers/until.js';

export interface Floor {
  client: Client;
  worker: Program;
  taskQueue: string;
  /** Starts one; gives its handle and when its request arrived. Times are milliseconds since the epoch. */
  start: () => Promise<Started>;
  /** Replies to a pager, which takes it to the page; gives when a query showed it, asked for as the product is. */
  acknowledge: (handle: WorkflowHandle) => Promise<{ at: number; acknowledged: number }>;
  /** Sends the signal; gives when the result arrived. */
  end: (handle: WorkflowHandle) => Promise<{ at: number; ended: number }>;
  /** A signalWithStart as the api's; no worker needs to run the workflow. */
  signalWithStart: (metadata?: StartMetadata) => Promise<void>;
  close: () => Promise<void>;
}

export interface Started {
  handle: WorkflowHandle;
  at: number;
  arrived: Promise<number>;
}

/** What the api adds to its signalWithStart. */
export type StartMetadata = Pick<
  Parameters<Client['workflow']['signalWithStart']>[1],
  'memo' | 'staticSummary' | 'typedSearchAttributes'
>;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const program = fileURLToPath(new URL('./worker.ts', import.meta.url));

export async function openFloor(address: string): Promise<Floor> {
  const waiting = new Map<string, (at: number) => void>();
  const server = createServer((request, response) => {
    // Nobody waits for a look-up.
    waiting.get(request.url?.slice(1) ?? '')?.(Date.now());
    request.resume().on('end', () => response.writeHead(201).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' ? bound?.port : undefined;
  const taskQueue = 'floor';
  const worker = programOf({
    name: 'floor',
    file: process.execPath,
    args: ['--import', 'tsx', program],
    env: {
      PATH: process.env['PATH'] ?? '',
      TEMPORAL_ADDRESS: address,
      FLOOR_URL: `http://127.0.0.1:${port}`,
      FLOOR_QUEUE: taskQueue,
    },
    cwd: root,
    ready: (output) => output.includes('the floor has started'),
  });
  await worker.start();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });

  return {
    client,
    worker,
    taskQueue,
    async start() {
      const id = `floor-${randomUUID()}`;
      const arrived = new Promise<number>((resolve) => waiting.set(id, resolve));
      const at = Date.now();
      const handle = await client.workflow.start('floor', { workflowId: id, taskQueue, args: [id] });
      return { handle, at, arrived };
    },
    async acknowledge(handle) {
      const at = Date.now();
      const reply = client.workflow.signalWithStart('floorPager', {
        workflowId: 'floor-pager',
        taskQueue,
        signal: 'reply',
        signalArgs: [handle.workflowId],
      });
      const seen = async () => (await handle.query<boolean>('acknowledged')) && Date.now();
      const acknowledged = await until('the page to be acknowledged', seen, slowMachineTimeoutMs);
      await reply;
      return { at, acknowledged };
    },
    async end(handle) {
      const at = Date.now();
      await handle.signal('end');
      await handle.result();
      return { at, ended: Date.now() };
    },
    async signalWithStart(metadata = {}) {
      const workflowId = `floor-${randomUUID()}`;
      const options = { workflowId, taskQueue, args: [workflowId], signal: 'end', ...metadata };
      await client.workflow.signalWithStart('floor', options);
    },
    async close() {
      await connection.close();
      await worker.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}
