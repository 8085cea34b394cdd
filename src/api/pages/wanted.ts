import type { FastifyRequest } from 'fastify';

/** Whether the client prefers a page: browsers name HTML, and what takes anything gets JSON. */
export const wantsHtml = (request: FastifyRequest): boolean => request.accepts().type(['json', 'html']) === 'html';
