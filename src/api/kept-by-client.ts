/** Answers that clients keep, and ask for again each time, so that no page meets the style of another version. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashOf } from './content-hash.js';

export interface KeptAnswer {
  /** The content type. */
  type: string;
  body: string;
  etag: string;
}

export const keptAnswer = (type: string, body: string): KeptAnswer => ({ type, body, etag: `"${hashOf(body)}"` });

/** 304 to a client that has it: https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
export function sendUnlessKept(request: FastifyRequest, reply: FastifyReply, { type, body, etag }: KeptAnswer) {
  void reply.headers({ 'cache-control': 'no-cache', etag });
  return hasTag(request.headers['if-none-match'], etag) ? reply.code(304).send() : reply.type(type).send(body);
}

/** A proxy that compresses answers marks their tags as weak, `W/"…"`, which does not matter here. */
const hasTag = (header = '', etag: string): boolean =>
  header.split(',').some((given) => ['*', etag, `W/${etag}`].includes(given.trim()));
