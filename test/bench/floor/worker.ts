/** A minimal worker in a process of its own, as the product's is: the SDK's defaults, and what a page and a reply cannot do without. */
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';

const { TEMPORAL_ADDRESS: address = '', FLOOR_URL: url = '', FLOOR_QUEUE: taskQueue = '' } = process.env;

const client = new Client({ connection: await Connection.connect({ address }) });

const activities = {
  async lookUp(id: string): Promise<string> {
    const response = await fetch(`${url}/look-up/${id}`);
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return response.text();
  },
  async post(id: string): Promise<void> {
    const response = await fetch(`${url}/${id}`, { method: 'POST', body: `id=${id}` });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    await response.text();
  },
  async acknowledge(id: string): Promise<void> {
    await client.workflow.getHandle(id).executeUpdate('acknowledge');
  },
};
export type FloorActivities = typeof activities;

const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
  activities,
});
process.stdout.write('the floor has started\n');
await worker.run();
await client.connection.close();
await connection.close();
