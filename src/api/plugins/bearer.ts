import fp from 'fastify-plugin';
import { isOneOf } from '../secrets.js';
import { problem } from './errors.js';

const badToken = () =>
  problem(401, 'BAD_TOKEN', 'Send the API token: Authorization: Bearer <API_TOKEN>.', {
    headers: { 'www-authenticate': 'Bearer realm="Tableau Webhooks"' },
  });

/** Every route of the scope requires `Authorization: Bearer <API_TOKEN>`, which is checked before the body is read. */
export const bearer = fp<{ apiToken: string }>(
  async (scope, { apiToken }) => {
    scope.addHook('onRequest', async (request) => {
      const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (token !== undefined && isOneOf(token, [apiToken])) return;
      throw await scope.limits.refusing('incidents', request, badToken());
    });
  },
  { name: 'bearer', dependencies: ['errors', 'limits'] },
);
