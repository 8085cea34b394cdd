import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { durationPattern, parseDuration } from '../../policy/duration.js';
import { defaultSince, episodeReportOf } from '../../policy/freshness/episode-report.js';
import { reportOf } from '../../policy/freshness/report.js';
import { readFreshness } from '../../temporal/freshness.js';
import { wantsHtml } from '../pages/wanted.js';
import type { FreshnessPage } from './freshness-page.js';

const Query = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('late'), Type.Literal('all')])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000 })),
});

const ReportQuery = Type.Object({ since: Type.Optional(Type.String({ pattern: durationPattern, maxLength: 20 })) });

/** `GET /freshness`: a page for whoever prefers HTML, and for scripts every promised item with its last data, what is expected, and why it is late; `GET /freshness/report`: what was late, by promise. */
export const freshness: FastifyPluginAsyncTypebox<{ clock: () => number; page: FreshnessPage }> = async (
  scope,
  { clock, page },
) => {
  const onRequest = [scope.limits.reads, scope.shed];
  const { temporal } = scope;

  scope.get('/freshness', { onRequest, schema: { querystring: Query } }, async (request, reply) => {
    if (wantsHtml(request)) return page.show(request, reply);
    void reply.header('vary', 'accept');
    const { state = 'all', limit = 1_000 } = request.query;
    const sites = await temporal.request(temporal.timeouts.readTimeoutMs, readFreshness);
    return { sites: sites.map(({ site, view }) => reportOf(site, view, { late: state === 'late', limit })) };
  });

  scope.get('/freshness/report', { onRequest, schema: { querystring: ReportQuery } }, async ({ query }) => {
    const now = clock();
    const from = now - (parseDuration(query.since ?? defaultSince) ?? 0);
    const sites = await temporal.request(temporal.timeouts.readTimeoutMs, readFreshness);
    return { sites: sites.map(({ site, view }) => episodeReportOf(site, view, from, now)) };
  });
};
