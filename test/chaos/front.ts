/**
 * A TCP proxy before Twilio and Tableau, as a process that can be killed and frozen: `front.ts <port> <target port>`. The vendors
 * themselves keep running behind it, for they do not forget what they accepted.
 */
import { connect, createServer } from 'node:net';

const [port, target] = process.argv.slice(2).map(Number);
createServer((client) => {
  const vendor = connect({ port: target ?? 0, host: '127.0.0.1' });
  client.pipe(vendor).pipe(client);
  for (const [socket, other] of [
    [client, vendor],
    [vendor, client],
  ] as const) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroy());
  }
}).listen(port, '127.0.0.1', () => process.stdout.write('listening\n'));
