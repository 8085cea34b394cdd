/** HTTP as arbitrary bytes on a socket, and every byte of the answer. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** The statuses of all answers, in order; none when the connection was closed without one. */
  statuses: number[];
  /** All bytes received, as Latin-1. */
  text: string;
}

interface RawOptions {
  /** Closes our side when everything is written: a truncated request. */
  cut?: boolean;
  /** Without a byte for this long we close the connection. */
  silenceTimeoutMs?: number;
}

/** Writes the pieces in order and reads until the connection is closed. */
export async function sendRaw(port: number, pieces: readonly (string | Uint8Array)[], options: RawOptions = {}) {
  const { cut = false, silenceTimeoutMs = 20_000 } = options;
  return new Promise<RawAnswer>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true).setTimeout(silenceTimeoutMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // A request without `connection: close` keeps the connection open after its answer.
      socket.setTimeout(Math.min(silenceTimeoutMs, 500));
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

/** The bytes of a request. Nothing is escaped, so that an invalid request stays invalid. */
export function rawRequest(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array = new Uint8Array(),
): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
