import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { readShownFreshness } from '../../temporal/freshness.js';
import { hashOf } from '../content-hash.js';
import { freshnessPage, lateText } from '../pages/freshness-page.js';
import { formToken, sendPage } from '../pages/send-page.js';
import { readerClock } from '../sign-in/reader-clock.js';
import type { TemporalGateway } from '../temporal-gateway.js';

interface Options {
  temporal: Pick<TemporalGateway, 'request' | 'timeouts'>;
  /** The path prefix of `PUBLIC_URL`. */
  prefix: string;
  clock: () => number;
}

/** The page at `GET /freshness`, for whoever prefers HTML: out of memos alone. */
export function createFreshnessPage({ temporal, prefix, clock }: Options) {
  const read = () => temporal.request(temporal.timeouts.readTimeoutMs, readShownFreshness);
  return {
    version: async (): Promise<string> => hashOf(await read()),
    async show(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
      const sites = await read();
      const now = readerClock(request.person, clock());
      return sendPage(request, reply, formToken(reply), {
        title: sites.length === 0 ? 'Freshness' : `${lateText(sites)} · Freshness`,
        current: '/freshness',
        prefix,
        clock: now,
        main: freshnessPage({ prefix, sites, clock: now }),
        live: `${prefix}/live/freshness?seen=${hashOf(sites)}`,
      });
    },
  };
}
export type FreshnessPage = ReturnType<typeof createFreshnessPage>;

/** Server-sent events that say when the page of the freshness shows something else. */
export const liveFreshness: FastifyPluginAsyncTypebox<{ page: FreshnessPage }> = async (scope, { page }) => {
  const schema = { querystring: Type.Object({ seen: Type.String({ maxLength: 64 }) }) };
  scope.get('/live/freshness', { onRequest: [scope.limits.reads, scope.shed], schema }, async (request, reply) =>
    scope.live(request, reply, { key: 'freshness', read: page.version }, request.query.seen),
  );
};
