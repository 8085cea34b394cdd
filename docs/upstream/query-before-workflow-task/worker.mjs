import { once } from 'node:events';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

Runtime.install({ logger: new DefaultLogger('ERROR') });
process.once('disconnect', () => process.exit());
const [{ address, ...options }] = await once(process, 'message');
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({ connection, ...options, stickyQueueScheduleToStartTimeout: '2s' });
await worker.run();
