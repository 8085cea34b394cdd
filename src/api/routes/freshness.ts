import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { reportOf } from '../../policy/freshness/report.js';
import { readFreshness } from '../../temporal/freshness.js';

const Query = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('late'), Type.Literal('all')])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000 })),
});

/** `GET /freshness`, for scripts: every promised item with its last data, what is expected, and why it is late. */
export const freshness: FastifyPluginAsyncTypebox = async (scope) => {
  const onRequest = [scope.limits.reads, scope.shed];
  const { temporal } = scope;

  scope.get('/freshness', { onRequest, schema: { querystring: Query } }, async ({ query }) => {
    const { state = 'all', limit = 1_000 } = query;
    const sites = await temporal.request(temporal.timeouts.readTimeoutMs, readFreshness);
    return { sites: sites.map(({ site, view }) => reportOf(site, view, { late: state === 'late', limit })) };
  });
};
