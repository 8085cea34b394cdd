/**
 * The way to Twilio and Tableau, as a process that can be killed and frozen: `front.ts <port> <target port>`. What they remember is
 * behind it, for they do not forget when they are away.
 */
import { connect, createServer } from 'node:net';

const [port, target] = process.argv.slice(2).map(Number);
createServer((ours) => {
  const theirs = connect({ port: target ?? 0, host: '127.0.0.1' });
  ours.pipe(theirs).pipe(ours);
  for (const [socket, other] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroy());
  }
}).listen(port, '127.0.0.1', () => process.stdout.write('listening\n'));
