import { connect, createServer } from 'node:net';

/** Whether a server listens on a loopback port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => settle(false));
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
  });
}

/** Whether a loopback port is free. Checks by connecting and by listening, because a listener on all addresses may not collide. */
export async function isFree(port: number): Promise<boolean> {
  if (await answers(port)) return false;
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)));
  });
}

/** The first free port from `from` on of which all of `at` (offsets) are free too. */
export async function freePort(from: number, at: readonly number[] = [0]): Promise<number> {
  for (let port = from; port < from + 200; port += 1) {
    const free = await Promise.all(at.map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`No free port was found from ${from} on.`);
}
