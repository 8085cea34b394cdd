/**
 * What stands before our doors as a load balancer does: it hands requests to the api, answers 502 when nobody takes them, and
 * writes down what came and what was answered. It belongs to the outside world and outlives all that is killed.
 */
import { createServer, request as requestOf, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface Passed {
  method: string;
  /** With its query. */
  url: string;
  body: string;
  at: number;
  /** Null while it is not answered, and when whoever asked did not wait. */
  status: number | null;
  answer: string;
  answeredAt: number;
}

export interface Door {
  /** Without a trailing slash. */
  url: string;
  close: () => Promise<void>;
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export async function openDoor(
  api: string,
  hears: { asked: (passed: Passed) => void; answered: (passed: Passed) => void },
): Promise<Door> {
  const { hostname, port } = new URL(api);
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    const body = await read(request).catch(() => null);
    if (body === null) return;
    const passed: Passed = {
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
      Object.assign(passed, { status, answer: text.toString('utf8'), answeredAt: Date.now() });
      response.writeHead(status, { 'content-type': type, 'content-length': text.length }).end(text);
      hears.answered(passed);
    };
    const away = (): void => answer(502, 'text/plain', Buffer.from('Nobody is there.'));
    const onward = requestOf({ hostname, port, method, path: url, headers, agent: false }, (from) => {
      read(from).then((text) => answer(from.statusCode ?? 502, from.headers['content-type'] ?? '', text), away);
    });
    onward.on('error', away);
    response.on('close', () => onward.destroy());
    onward.end(body, () => hears.asked(passed));
  };
  const server = createServer((request, response) => void pass(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a door has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
