/**
 * A proxy before the api, as a load balancer is: it forwards requests, answers 502 when the api cannot be reached, and reports
 * each request and answer to an observer. It belongs to the outside world and is never killed.
 */
import { createServer, request as requestOf, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface Exchange {
  method: string;
  /** With its query. */
  url: string;
  body: string;
  at: number;
  /** Null while it is not answered, and when the client closed the connection first. */
  status: number | null;
  answer: string;
  answeredAt: number;
}

export interface EndpointObserver {
  /** The request was forwarded to the api. */
  requested: (exchange: Exchange) => void;
  answered: (exchange: Exchange) => void;
}

export interface Endpoint {
  /** Without a trailing slash. */
  url: string;
  close: () => Promise<void>;
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export async function startEndpoint(api: string, observer: EndpointObserver): Promise<Endpoint> {
  const { hostname, port } = new URL(api);
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    const body = await read(request).catch(() => null);
    if (body === null) return;
    const exchange: Exchange = {
      method,
      url,
      body: body.toString('utf8'),
      at: Date.now(),
      status: null,
      answer: '',
      answeredAt: 0,
    };
    const answer = (status: number, type: string, text: Buffer): void => {
      if (response.destroyed) return;
      Object.assign(exchange, { status, answer: text.toString('utf8'), answeredAt: Date.now() });
      response.writeHead(status, { 'content-type': type, 'content-length': text.length }).end(text);
      observer.answered(exchange);
    };
    const unavailable = (): void => answer(502, 'text/plain', Buffer.from('The api cannot be reached.'));
    const forwarded = requestOf({ hostname, port, method, path: url, headers, agent: false }, (from) => {
      read(from).then((text) => answer(from.statusCode ?? 502, from.headers['content-type'] ?? '', text), unavailable);
    });
    forwarded.on('error', unavailable);
    response.on('close', () => forwarded.destroy());
    forwarded.end(body, () => observer.requested(exchange));
  };
  const server = createServer((request, response) => void pass(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
