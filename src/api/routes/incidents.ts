import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { badCursor } from '../incidents/cursors.js';
import { filterScope, readFilters, type Filters } from '../incidents/filters.js';
import type { IncidentPages } from './incident-pages.js';
import { badCursorProblem, IncidentsQuery, limitOf } from '../incidents/query.js';
import { getIncident, incidentParams, listIncidents as listing } from '../operations/incidents.js';
import { namedIncident } from '../incidents/view.js';
import { wantsHtml } from '../pages/wanted.js';
import { badField, problem } from '../problem.js';
import { readOutcome } from '../../temporal/read-incident.js';
import { listIncidents } from '../incidents/visibility.js';
import { pageAnswerId } from './incident-answers.js';

interface Options {
  indexed: () => Promise<boolean>;
  /** Signs cursors. */
  apiToken: string;
  clock: () => number;
  pages: IncidentPages;
}

function filtersOf(query: IncidentsQuery, now: number): Filters {
  const read = readFilters(query, now);
  if ('problem' in read) throw problem(400, badField(read.problem.field), read.problem.message);
  return read.filters;
}

/** `GET /incidents` and `GET /incidents/<id>`: JSON for scripts, pages for whoever prefers HTML. */
export const incidents: FastifyPluginAsyncTypebox<Options> = async (scope, { indexed, apiToken, clock, pages }) => {
  const onRequest = [scope.limits.reads, scope.shed];
  const { request: ask, timeouts } = scope.temporal;

  scope.get(
    '/incidents',
    { onRequest, schema: { ...listing, querystring: IncidentsQuery } },
    async (request, reply) => {
      const { query } = request;
      if (wantsHtml(request)) return pages.list(request, reply, query);
      const { limit, cursor } = query;
      const wanted = { limit: limitOf(limit), cursor: cursor ?? null, scope: filterScope(query), secret: apiToken };
      const filters = filtersOf(query, clock());
      void reply.header('vary', 'accept');
      try {
        return await ask(timeouts.readTimeoutMs, async (client) =>
          listIncidents(client, { ...wanted, filters, indexed: await indexed() }),
        );
      } catch (error) {
        if (error instanceof Error && error.message === badCursor) throw badCursorProblem();
        throw error;
      }
    },
  );

  const schema = {
    ...getIncident,
    params: incidentParams,
    querystring: Type.Object({
      outcome: Type.Optional(Type.String({ maxLength: 32 })),
      answer: Type.Optional(Type.String({ maxLength: 64 })),
    }),
  };

  /** What became of an answer of the page: that which was not known in time may be known by now. */
  async function outcomeOf(id: string, { outcome, answer }: { outcome?: string; answer?: string }) {
    if (outcome !== 'recorded' || answer === undefined) return outcome;
    const known = await ask(timeouts.readTimeoutMs, (client) => readOutcome(client, id, pageAnswerId(answer)));
    return known ?? outcome;
  }

  scope.get('/incidents/:id', { onRequest, schema }, async (request, reply) => {
    const view = await namedIncident(scope.temporal, request.params.id);
    if (wantsHtml(request)) return pages.one(request, reply, view, await outcomeOf(view.id, request.query));
    void reply.header('vary', 'accept');
    return view;
  });
};
