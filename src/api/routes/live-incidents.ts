import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { IncidentPages } from './incident-pages.js';
import { IncidentsQuery } from '../incidents/query.js';
import { knownIncident } from '../incidents/view.js';

const seen = Type.String({ maxLength: 64 });

/** Server-sent events that say when the page of the list, or of one incident, shows something else. */
export const liveIncidents: FastifyPluginAsyncTypebox<{ pages: IncidentPages }> = async (scope, { pages }) => {
  const onRequest = [scope.limits.reads, scope.shed];

  const querystring = Type.Object({ ...IncidentsQuery.properties, seen });
  scope.get('/live/incidents', { onRequest, schema: { querystring } }, async (request, reply) => {
    const { seen: shown, ...query } = request.query;
    // What is wrong with the query is said at once.
    await pages.version(query);
    const key = `incidents ${JSON.stringify(Object.entries(query).toSorted(([one], [other]) => one.localeCompare(other)))}`;
    return scope.live(request, reply, { key, read: () => pages.version(query) }, shown);
  });

  const schema = { params: Type.Object({ id: Type.String() }), querystring: Type.Object({ seen }) };
  scope.get('/live/incidents/:id', { onRequest, schema }, async (request, reply) => {
    const { id } = request.params;
    const read = async () => pages.versionOfOne(await knownIncident(scope.temporal, id));
    await read();
    return scope.live(request, reply, { key: `incident ${id}`, read }, request.query.seen);
  });
};
