/** A reverse proxy that terminates TLS, forwards paths with its prefix, and sets X-Forwarded-For. */
import { once } from 'node:events';
import { request as pass } from 'node:http';
import { createServer, request as ask, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { authority } from './certificates.js';

export interface TlsProxy {
  port: number;
  /** The certificate of its authority, PEM. */
  ca: string;
  /** Sets the port to forward to. */
  leadsTo: (port: number) => void;
  /** A client's request to `https://localhost:<port>`. */
  ask: (path: string, options: RequestOptions & { body?: string }) => Promise<Answer>;
  close: () => Promise<unknown>;
}
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export async function tlsProxy({ prefix, strips }: { prefix: string; strips: boolean }): Promise<TlsProxy> {
  const { cert: ca, issue } = authority('Tests');
  let behind = 0;
  const server = createServer(issue('localhost'), (request, response) => {
    const url = request.url ?? '/';
    if (!url.startsWith(prefix)) {
      response.writeHead(421).end();
      return;
    }
    const path = strips ? url.slice(prefix.length) || '/' : url;
    const { remoteAddress = '' } = request.socket;
    const forwarded = [request.headers['x-forwarded-for'], remoteAddress]
      .filter((part) => part !== undefined)
      .join(', ');
    // Host and the other X-Forwarded-* headers are forwarded unchanged.
    const headers = { ...request.headers, 'x-forwarded-for': forwarded };
    const onward = pass({ host: '127.0.0.1', port: behind, path, method: request.method, headers, agent: false });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.headersSent || response.writeHead(502).end());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const { port } = address;

  return {
    port,
    ca,
    leadsTo: (to) => void (behind = to),
    async ask(path, { body = '', ...options }) {
      const request = ask({
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        path,
        ca,
        agent: false,
        ...options,
      });
      request.end(body);
      const [answer] = await once(request, 'response');
      return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
