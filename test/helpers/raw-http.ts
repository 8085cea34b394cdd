/** HTTP as anybody may write it: bytes on a socket, and all that comes back. */
import { connect } from 'node:net';

export interface Said {
  /** The statuses of all answers, in order; none when the connection was closed without one. */
  statuses: number[];
  /** All bytes that came. */
  text: string;
}

interface TalkOptions {
  /** Closes our side when all is written: a request that is cut off. */
  cut?: boolean;
  /** Milliseconds without a byte after which we go away; an answer that begins is waited for much longer. */
  patience?: number;
}

/** Writes the pieces one after another and listens until the other side closes. */
export async function talk(port: number, pieces: readonly (string | Uint8Array)[], options: TalkOptions = {}) {
  const { cut = false, patience = 20_000 } = options;
  return new Promise<Said>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true).setTimeout(patience, () => socket.destroy());
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // What did not ask for the connection to be closed is left as soon as it is answered.
      socket.setTimeout(Math.min(patience, 500));
    });
    // The other side may close while we write.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, status]) => Number(status));
      resolve({ statuses: statuses.filter((status) => status !== 100), text });
    });
    for (const piece of pieces) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    if (cut) socket.end();
  });
}

/** A whole request, after which the connection is closed. Nothing is escaped: what is wrong goes out wrong. */
export function written(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array = new Uint8Array(),
): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
