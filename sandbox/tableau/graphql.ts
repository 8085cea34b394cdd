/** The part of the Metadata API that lineage needs: https://help.tableau.com/current/api/metadata_api/en-us/index.html */
import type { FastifyPluginCallback } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { badCredentials, errorBody, isTableauError, unknownResource } from './errors.js';
import { isInScope } from './scopes.js';
import type { Sessions } from './sessions.js';
import { tableauTime, type Item, type Kind, type Ports, type TableauState } from './world.js';

const Request = Type.Object({
  query: Type.String(),
  variables: Type.Optional(Type.Object({ luids: Type.Optional(Type.Array(Type.String())) })),
});

const extractOf = (item: Item) => ({
  extractLastUpdateTime: item.refreshedAt === null ? null : tableauTime(item.refreshedAt),
});

const nodeOf = (item: Item): object =>
  item.kind === 'workbook'
    ? { luid: item.luid, embeddedDatasources: [extractOf(item)] }
    : {
        luid: item.luid,
        ...extractOf(item),
        downstreamWorkbooks: Array.from({ length: item.downstream }, (_, n) => ({ luid: `${item.luid}-${n}` })),
      };

const partialError = {
  message: 'Showing partial results. The request exceeded the time limit of PT5S.',
  extensions: { severity: 'WARNING', code: 'TIME_LIMIT_EXCEEDED' },
};

export const metadataRoutes =
  (state: TableauState, ports: Ports, sessions: Sessions): FastifyPluginCallback =>
  (app, _options, done) => {
    app.post('/graphql', (request, reply) => {
      const { metadataApi } = ports.settings();
      const header = request.headers['x-tableau-auth'];
      const session = sessions.find(typeof header === 'string' ? header : undefined);
      if (isTableauError(session)) return reply.code(session.status).send(errorBody(session));
      if (!isInScope(session, 'POST', request.url)) return reply.code(401).send(errorBody(badCredentials));
      if (metadataApi === 'off') return reply.code(404).send(errorBody(unknownResource));
      if (!Value.Check(Request, request.body))
        return reply.send({ data: null, errors: [{ message: 'Invalid Syntax' }] });
      const luids = request.body.variables?.luids ?? [];
      const nodes = (kind: Kind) => ({
        nodes: luids.flatMap((luid) => {
          const item = state.items.get(luid);
          return item?.kind === kind ? [nodeOf(item)] : [];
        }),
      });
      const partial = metadataApi === 'partial';
      return reply.send({
        data: {
          publishedDatasourcesConnection: nodes('datasource'),
          workbooksConnection: partial ? null : nodes('workbook'),
        },
        ...(partial ? { errors: [partialError] } : {}),
      });
    });
    done();
  };
