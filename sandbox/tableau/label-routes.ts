/** The routes of labels within a site: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_metadata.htm */
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { unknownResource, type TableauError } from './errors.js';
import type { Labels } from './labels.js';
import type { User } from './world.js';

interface Parts {
  labels: Labels;
  send: (reply: FastifyReply, answer: object) => FastifyReply;
  userOf: (request: FastifyRequest) => User;
  /** y of REST API 3.y. */
  minorOf: (request: FastifyRequest) => number;
}
type One = { Params: { luid: string } };
type Some = { Querystring: { categories?: string } };

/** The first REST API with labels, and with their values. */
const firstMinor = { labels: 16, values: 20 };

export const labelRoutes =
  ({ labels, send, userOf, minorOf }: Parts): FastifyPluginCallback =>
  (app, _options, done) => {
    const removed = (reply: FastifyReply, error: TableauError | null): FastifyReply =>
      error ? send(reply, error) : reply.code(204).send();

    app.addHook('preHandler', async (request, reply) =>
      minorOf(request) < firstMinor.labels ? send(reply, unknownResource) : undefined,
    );
    app.post<Some>('/labels', (request, reply) => send(reply, labels.read(request.body, request.query.categories)));
    app.put('/labels', (request, reply) => send(reply, labels.update(request.body, userOf(request))));
    app.delete<Some>('/labels', (request, reply) =>
      removed(reply, labels.removeByContent(request.body, request.query.categories)),
    );
    app.get<One>('/labels/:luid', (request, reply) => send(reply, labels.get(request.params.luid)));
    app.put<One>('/labels/:luid', (request, reply) =>
      send(reply, labels.updateOne(request.params.luid, request.body, userOf(request))),
    );
    app.delete<One>('/labels/:luid', (request, reply) => removed(reply, labels.removeOne(request.params.luid)));
    app.get('/labelValues', (request, reply) =>
      send(reply, minorOf(request) < firstMinor.values ? unknownResource : labels.values()),
    );
    done();
  };
