import type { FastifyReply, FastifyRequest } from 'fastify';
import { page, type Frame } from './layout.js';

/** A page for whoever is signed in. */
export interface SignedInPage extends Omit<Frame, 'navigation'> {
  /** Its path, without the prefix, for the navigation. */
  current: string;
  status?: number;
}

/** The token that the forms of a page carry: the same browser has the cookie that goes with it. */
export const formToken = (reply: FastifyReply): string => reply.generateCsrf();

/** Sends a page with the navigation. @param csrf of `formToken` */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  csrf: string,
  { current, status = 200, ...frame }: SignedInPage,
): FastifyReply {
  const { person } = request;
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', vary: 'accept' })
    .type('text/html; charset=utf-8')
    .send(page({ ...frame, ...(person && { navigation: { current, person: person.name, csrf } }) }));
}
