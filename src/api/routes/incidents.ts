import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { incidentStates, type IncidentState } from '../../workflows/contract.js';
import { getIncident, incidentParams, listIncidents as listing } from '../operations/incidents.js';
import { knownIncident } from '../incident-view.js';
import { problem } from '../plugins/errors.js';
import { badCursor, listIncidents } from '../visibility.js';

const Query = Type.Object({
  state: Type.Optional(Type.String()),
  limit: Type.Optional(Type.String()),
  cursor: Type.Optional(Type.String({ maxLength: 8192 })),
});

interface Options {
  indexed: () => Promise<boolean>;
  /** Signs cursors. */
  apiToken: string;
}

const isState = (text: string): text is IncidentState => incidentStates.some((state) => state === text);

function stateOf(text: string | undefined): IncidentState | null {
  if (text === undefined) return null;
  if (isState(text)) return text;
  throw problem(400, 'BAD_STATE', `state must be one of ${incidentStates.join(', ')}.`);
}

function limitOf(text = '100'): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 1000) return limit;
  throw problem(400, 'BAD_LIMIT', 'limit must be a whole number from 1 to 1000.');
}

/** `GET /incidents` and `GET /incidents/<id>`, for scripts. */
export const incidents: FastifyPluginAsyncTypebox<Options> = async (scope, { indexed, apiToken }) => {
  const onRequest = [scope.limits.reads, scope.shed];
  scope.get('/incidents', { onRequest, schema: { ...listing, querystring: Query } }, async (request) => {
    const { state, limit, cursor } = request.query;
    const wanted = { state: stateOf(state), limit: limitOf(limit), cursor: cursor ?? null };
    try {
      return await scope.temporal.request(scope.temporal.timeouts.readTimeoutMs, async (client) =>
        listIncidents(client, { ...wanted, indexed: await indexed(), secret: apiToken }),
      );
    } catch (error) {
      if (error instanceof Error && error.message === badCursor)
        throw problem(400, 'BAD_CURSOR', 'cursor must be the `next` of an earlier answer with the same state.');
      throw error;
    }
  });

  scope.get('/incidents/:id', { onRequest, schema: { ...getIncident, params: incidentParams } }, async (request) =>
    knownIncident(scope.temporal, request.params.id),
  );
};
