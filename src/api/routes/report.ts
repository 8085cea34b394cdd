import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { localTimeAt } from '../../policy/local-time.js';
import { reportCsv } from '../../report/report-csv.js';
import { downloadReport, showReport } from '../operations/history.js';
import { reportPage } from '../pages/report-page.js';
import { formToken, sendPage } from '../pages/send-page.js';
import { wantsHtml } from '../pages/wanted.js';
import { progressOf, type HistoryReader } from '../history/read-history.js';
import { sinceMsOf } from '../history/since.js';
import type { PublicAddress } from '../public-address.js';

const text = Type.Optional(Type.String({ maxLength: 64 }));
const Query = Type.Object({ since: text, zone: text });

interface Options {
  history: HistoryReader;
  address: PublicAddress;
  clock: () => number;
}

const defaultSince = '30d';

/** `GET /report` and `GET /report.csv`: what happened in the last night and since a time, compared with the time before. */
export const report: FastifyPluginAsyncTypebox<Options> = async (scope, { history, address: { prefix }, clock }) => {
  const onRequest = [scope.limits.reads, scope.shed];

  scope.get('/report', { onRequest, schema: { ...showReport, querystring: Query } }, async (request, reply) => {
    const { since = defaultSince, zone = request.person?.zone ?? 'UTC' } = request.query;
    const made = await history.report(sinceMsOf(since), zone);
    void reply.header('vary', 'accept');
    if (!wantsHtml(request)) return made;
    const live = new URLSearchParams({ of: 'report', since, seen: progressOf(made) }).toString();
    return sendPage(request, reply, formToken(reply), {
      title: 'Report',
      current: '/report',
      prefix,
      ...(!made.isComplete && { live: `${prefix}/live/history?${live}` }),
      main: reportPage({ prefix, report: made, since, clock: { now: clock(), zone } }),
    });
  });

  scope.get('/report.csv', { onRequest, schema: { ...downloadReport, querystring: Query } }, async (request, reply) => {
    const { since = defaultSince, zone = request.person?.zone ?? 'UTC' } = request.query;
    const made = await history.report(sinceMsOf(since), zone);
    const day = localTimeAt(Date.parse(made.period.to), zone).toPlainDate().toString();
    const name = `report-${day}-${since}.csv`;
    return reply
      .headers({ 'cache-control': 'no-store', 'content-disposition': `attachment; filename="${name}"` })
      .type('text/csv; charset=utf-8')
      .send(reportCsv(made));
  });

  const LiveQuery = Type.Object({
    of: Type.Union([Type.Literal('report'), Type.Literal('messages')]),
    since: Type.String({ maxLength: 64 }),
    seen: Type.String({ maxLength: 64 }),
  });
  scope.get('/live/history', { onRequest, schema: { querystring: LiveQuery } }, async (request, reply) => {
    const { of, since, seen } = request.query;
    const sinceMs = sinceMsOf(since);
    const topic = { key: `history ${of} ${since}`, read: () => history.progress(of, sinceMs) };
    return scope.live(request, reply, topic, seen);
  });
};
