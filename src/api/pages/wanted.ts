import type { FastifyRequest } from 'fastify';

/**
 * Whether the client prefers a page: browsers name HTML, and what takes anything gets JSON. A request whose address the router refuses has no
 * decorators, so that there a mention of HTML counts.
 */
export function wantsHtml(request: FastifyRequest): boolean {
  const { accept = '' } = request.headers;
  if (!('accepts' in request)) return /\btext\/html\b/i.test(accept);
  return request.accepts().type(['json', 'html']) === 'html';
}
