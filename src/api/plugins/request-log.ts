import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { minute } from '../../workflows/contract.js';

const quiet = new Set(['/healthz', '/readyz']);
/** Of the refusals that anybody can cause, so many lines a minute are written for each route and status. */
const refusalsPerMinute = 10;

/** Whether a stranger causes such an answer at will: a flood of them must not fill the log. */
const isRefusal = (request: FastifyRequest, { statusCode }: FastifyReply): boolean =>
  [401, 403, 429].includes(statusCode) || (statusCode === 404 && request.is404);

const queryHasSecret = ({ query }: FastifyRequest): boolean =>
  typeof query === 'object' && query !== null && 'secret' in query;

/** One line per request, by route and never by address: the webhook secret and contact keys are in addresses. */
export const requestLog = fp(
  async (app) => {
    const refusals = new Map<string, { route: string; status: number; count: number }>();
    let warned = false;

    /** Begins the next minute; one line tells how many requests of the last one had none. */
    function begin(): void {
      for (const { route, status, count } of refusals.values()) {
        const skipped = count - refusalsPerMinute;
        if (skipped > 0) app.log.info({ route, status, skipped }, 'requests without a line');
      }
      refusals.clear();
    }
    function isSkipped(route: string, status: number): boolean {
      if (refusals.size === 0) setTimeout(begin, minute).unref();
      const key = `${status} ${route}`;
      const refusal = refusals.get(key) ?? { route, status, count: 0 };
      refusals.set(key, { ...refusal, count: refusal.count + 1 });
      return refusal.count >= refusalsPerMinute;
    }

    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? '(none)';
      if (isRefusal(request, reply) && isSkipped(route, reply.statusCode)) return;
      const line = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
      if (quiet.has(route)) request.log.debug(line, 'request');
      else request.log.info(line, 'request');
      if (warned || route !== '/notifier' || reply.statusCode >= 300 || !queryHasSecret(request)) return;
      warned = true;
      request.log.warn(
        'A webhook has its secret in the query, which proxies write to their logs; this form is deprecated. Put it into the path: ' +
          '`tableau-webhooks webhooks sync` prints the changes.',
      );
    });
    app.addHook('onClose', async () => begin());
  },
  { name: 'request-log' },
);
