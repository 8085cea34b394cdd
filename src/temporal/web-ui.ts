/**
 * The address of the Web UI. The development server's own UI takes any Host header, so by DNS rebinding a web page could use it
 * as its own origin: a proxy of ours stands before it, and the UI itself listens on a port that browsers refuse to open.
 */
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { loopback } from '../config/addresses.js';
import { isFree } from './ports.js';
import { startPage, startPolicy } from './web-ui-start.js';

/** Ports that no browser opens: https://fetch.spec.whatwg.org/#port-blocking */
const blockedByBrowsers = [6665, 6666, 6667, 6668, 6669, 6697, 6679, 6566, 5060, 5061, 4190, 4045, 3659, 10_080];

/** Those of the ports that are free, for the UI behind the proxy. */
export async function freeBlockedPorts(): Promise<number[]> {
  const free = await Promise.all(blockedByBrowsers.map(isFree));
  return blockedByBrowsers.filter((_port, index) => free[index]);
}

/** Whether a request comes from a page of the UI itself, or from no page: by a name of this machine, from the same origin. */
function isOwn({ host = '', origin }: IncomingMessage['headers']): boolean {
  const address = `http://${host}`;
  if (!URL.canParse(address) || !loopback(new URL(address))) return false;
  return origin === undefined || origin === new URL(address).origin;
}

/** Listens on a loopback port, and forwards to the UI on `innerPort`. Gives the function that ends it. */
export async function startWebUi(port: number, innerPort: number): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    if (isOwn(request.headers)) {
      if (request.method === 'GET' && request.url === '/') return sendStartPage(response);
      return forward(request, response, innerPort);
    }
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('The Web UI is for this machine: open it as http://127.0.0.1 or http://localhost.\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
}

function sendStartPage(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': startPolicy,
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
  });
  response.end(startPage);
}

function forward(request: IncomingMessage, response: ServerResponse, innerPort: number): void {
  const { method, url: path, headers } = request;
  const unavailable = () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  };
  const inner = send({ host: '127.0.0.1', port: innerPort, method, path, headers }, (answer) => {
    // No other page may show the UI in a frame and let somebody click in it.
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'x-frame-options': 'DENY' });
    pipeline(answer, response, () => undefined);
  });
  inner.on('error', unavailable);
  pipeline(request, inner, () => undefined);
}
