import type { Socket } from 'node:net';
import fp from 'fastify-plugin';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { errorPage } from '../pages/error-page.js';
import { wantsHtml } from '../pages/wanted.js';
import { codeOf, errorBody, forbidden, problem, reasonOf, shown, unauthorized } from '../problem.js';

/** Notes in the log what is no fault of the caller's, and gives what the caller may see. */
function shownAndLogged(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const found = shown(error);
  const { statusCode } = found;
  if (statusCode === 500) request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  void reply.code(statusCode).headers(found.headers);
  return found;
}

/** As JSON, for programs. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode, code, message } = shownAndLogged(error, request, reply);
  return reply.send(errorBody(statusCode, code, message));
}

/** As a page to browsers, with the same code, and as JSON to all others. @param prefix the path prefix of `PUBLIC_URL` */
const sendReadable =
  (prefix: string): typeof sendError =>
  (error, request, reply) => {
    void reply.header('vary', 'accept');
    if (!wantsHtml(request)) return sendError(error, request, reply);
    const { statusCode, code, message } = shownAndLogged(error, request, reply);
    void reply.type('text/html; charset=utf-8').header('cache-control', 'no-store');
    const leadsToSignIn = [401, 403].includes(statusCode) || request.url.startsWith('/sign-in');
    return reply.send(errorPage({ prefix, statusCode, code, reason: reasonOf(statusCode), message, leadsToSignIn }));
  };

/** For what the router itself refuses: the address is not repeated, since a secret may be in it. */
export function routerErrors(prefix: string) {
  const send = sendReadable(prefix);
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const path = request.raw.url ?? '';
    if (path.startsWith('/twilio/')) void send(forbidden(), request, reply);
    else if (path.startsWith('/notifier')) void send(unauthorized(), request, reply);
    else void send(problem(400, 'BAD_ADDRESS', 'The address cannot be read.'), request, reply);
  };
}

/** What node's HTTP parser refuses never reaches Fastify. https://nodejs.org/api/http.html#event-clienterror */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const statusCode = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = JSON.stringify(errorBody(statusCode, codeOf(statusCode), 'The request cannot be read.'));
  socket.end(
    `HTTP/1.1 ${statusCode} ${reasonOf(statusCode)}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** @param pathPrefix of `PUBLIC_URL`. Fastify takes an option `prefix` for its own */
export const errors = fp<{ pathPrefix: string }>(
  async (app, { pathPrefix }) => {
    const send = sendReadable(pathPrefix);
    app.setErrorHandler(send);
    const notFound = () => problem(404, 'NOT_FOUND', 'Nothing is at this address.');
    app.setNotFoundHandler((request, reply) => send(notFound(), request, reply));
    // Without a route no body is read.
    app.addHook('onRequest', async (request) => {
      if (request.is404) throw notFound();
    });
  },
  { name: 'errors' },
);
