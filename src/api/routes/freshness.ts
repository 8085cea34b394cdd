import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { parseDuration } from '../../policy/duration.js';
import { defaultSince, episodeReportOf } from '../../policy/freshness/episode-report.js';
import { reportOf } from '../../policy/freshness/report.js';
import { readFreshness } from '../../temporal/freshness.js';
import { reportFreshness, showFreshness, sinceQuery } from '../operations/freshness.js';
import { problem } from '../problem.js';
import { wantsHtml } from '../pages/wanted.js';
import type { FreshnessPage } from './freshness-page.js';

const Query = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('late'), Type.Literal('all')])),
  // As text: nothing is coerced.
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,5}$' })),
});

const maxItems = 20_000;

function limitOf(text = '1000'): number {
  const limit = Number(text);
  if (limit >= 1 && limit <= maxItems) return limit;
  throw problem(400, 'BAD_LIMIT', `limit must be a whole number from 1 to ${maxItems}.`);
}

/** `GET /freshness`: a page for whoever prefers HTML, and for scripts every promised item with its last data, what is expected, and why it is late; `GET /freshness/report`: what was late, by promise. */
export const freshness: FastifyPluginAsyncTypebox<{ clock: () => number; page: FreshnessPage }> = async (
  scope,
  { clock, page },
) => {
  const onRequest = [scope.limits.reads, scope.shed];
  const { temporal } = scope;

  scope.get('/freshness', { onRequest, schema: { ...showFreshness, querystring: Query } }, async (request, reply) => {
    if (wantsHtml(request)) return page.show(request, reply);
    void reply.header('vary', 'accept');
    const { state = 'all' } = request.query;
    const limit = limitOf(request.query.limit);
    const sites = await temporal.request(temporal.timeouts.readTimeoutMs, readFreshness);
    return { sites: sites.map(({ site, view }) => reportOf(site, view, { late: state === 'late', limit })) };
  });

  scope.get(
    '/freshness/report',
    { onRequest, schema: { ...reportFreshness, querystring: sinceQuery } },
    async ({ query }) => {
      const now = clock();
      const from = now - (parseDuration(query.since ?? defaultSince) ?? 0);
      const sites = await temporal.request(temporal.timeouts.readTimeoutMs, readFreshness);
      return { sites: sites.map(({ site, view }) => episodeReportOf(site, view, from, now)) };
    },
  );
};
