/** The REST API at /api/{version}. */
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import {
  badCredentials,
  badRequest,
  errorBody,
  isTableauError,
  tableauError,
  unknownResource,
  type TableauError,
} from './errors.js';
import { labelRoutes } from './label-routes.js';
import type { Labels } from './labels.js';
import type { Reads } from './reads.js';
import { isInScope } from './scopes.js';
import type { Sessions } from './sessions.js';
import type { Subscriptions } from './subscriptions.js';
import type { Webhooks } from './webhooks.js';
import type { TableauOptions, User } from './world.js';
import { fromXml, toXml } from './xml.js';

interface Parts {
  options: TableauOptions;
  sessions: Sessions;
  reads: Reads;
  webhooks: Webhooks;
  labels: Labels;
  subscriptions: Subscriptions;
}

const siteMissing = tableauError('404000', 'Site Not Found', 'The site could not be found.');
const unreadable = badRequest('The request body is neither JSON nor XML.');
const kinds = ['workbook', 'datasource'] as const;

const flat = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]))
    : {};

const send = (reply: FastifyReply, answer: object, status = 200): FastifyReply =>
  isTableauError(answer) ? reply.code(answer.status).send(errorBody(answer)) : reply.code(status).send(answer);

const tokenOf = (request: FastifyRequest): string | undefined => {
  const header = request.headers['x-tableau-auth'];
  return typeof header === 'string' ? header : undefined;
};

/** y of 3.y if this server supports the version, else null. */
const minorVersion = (version: string | undefined, newest: string): number | null => {
  const minor = Number(/^3\.(\d+)$/.exec(version ?? '')?.[1] ?? Number.NaN);
  return minor >= 6 && minor <= Number(newest.split('.')[1]) ? minor : null;
};

export const tableauRoutes = (parts: Parts): FastifyPluginCallback => {
  const { options, sessions, reads, webhooks, labels, subscriptions } = parts;
  const minorOf = (request: FastifyRequest): number =>
    minorVersion(flat(request.params)['version'], options.apiVersion) ?? 6;
  const luidOf = (request: FastifyRequest): string => flat(request.params)['luid'] ?? '';
  /** The hook below has checked the session. */
  const userOf = (request: FastifyRequest): User => {
    const session = sessions.find(tokenOf(request));
    if (isTableauError(session)) throw new Error('the session ended during the request');
    return session.user;
  };

  const insideSite: FastifyPluginCallback = (app, _options, done) => {
    app.addHook('preHandler', async (request, reply) => {
      const session = sessions.find(tokenOf(request));
      if (isTableauError(session)) return send(reply, session);
      if (!isInScope(session, request.method, request.url)) return send(reply, badCredentials);
      if (flat(request.params)['site'] !== options.site.luid) return send(reply, siteMissing);
      return undefined;
    });
    for (const kind of kinds) {
      app.get(`/${kind}s`, (request, reply) => send(reply, reads.items(kind, flat(request.query))));
      app.get(`/${kind}s/:luid`, (request, reply) =>
        send(reply, reads.item(kind, luidOf(request), flat(request.query))),
      );
      app.post(`/${kind}s/:luid/refresh`, (request, reply) => send(reply, reads.refresh(kind, luidOf(request)), 202));
    }
    app.get('/users', (request, reply) => send(reply, reads.users(flat(request.query))));
    app.get('/users/:luid', (request, reply) => send(reply, reads.user(luidOf(request))));
    app.get('/projects', (request, reply) => send(reply, reads.projects(flat(request.query))));
    app.get('/tasks/extractRefreshes', (_request, reply) => send(reply, reads.tasks()));
    app.get('/tasks/runFlow', (_request, reply) => send(reply, reads.flows.tasks()));
    app.get('/flows', (request, reply) => send(reply, reads.flows.list(flat(request.query))));
    app.get('/flows/runs', (request, reply) => send(reply, reads.flows.runs(flat(request.query))));
    app.get('/flows/runs/:luid', (request, reply) => send(reply, reads.flows.run(luidOf(request))));
    app.put('/flows/runs/:luid', (request, reply) => send(reply, reads.flows.cancel(luidOf(request)) ?? {}));
    app.get('/jobs', (request, reply) => send(reply, reads.jobs(flat(request.query))));
    app.get('/jobs/:luid', (request, reply) => send(reply, reads.job(luidOf(request))));
    app.put('/jobs/:luid', (request, reply) => send(reply, reads.cancel(luidOf(request)) ?? {}));

    app.register(labelRoutes({ labels, send, userOf, minorOf }));
    app.get('/subscriptions', (request, reply) => send(reply, subscriptions.list(flat(request.query))));
    app.get('/dataAlerts', (request, reply) => send(reply, subscriptions.alerts(flat(request.query))));

    app.get('/webhooks', (request, reply) => send(reply, webhooks.list(userOf(request))));
    app.post('/webhooks', (request, reply) => {
      const created = webhooks.create(request.body, minorOf(request), userOf(request));
      if (isTableauError(created)) return send(reply, created);
      return send(reply.header('location', `${request.url.split('?')[0]}/${created.luid}`), created.body, 201);
    });
    app.get('/webhooks/:luid', (request, reply) => send(reply, webhooks.get(luidOf(request), userOf(request))));
    app.put('/webhooks/:luid', (request, reply) => {
      if (minorOf(request) < 8) return send(reply, unknownResource);
      return send(reply, webhooks.update(luidOf(request), request.body, minorOf(request), userOf(request)));
    });
    app.delete('/webhooks/:luid', (request, reply) => {
      const error = webhooks.remove(luidOf(request));
      return error ? send(reply, error) : reply.code(204).send();
    });
    app.get('/webhooks/:luid/test', async (request, reply) => send(reply, await webhooks.test(luidOf(request))));
    done();
  };

  return (app, _options, done) => {
    // An empty body is no error, whatever its type.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) => parsed(null, String(body)));
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, parsed) => {
      try {
        parsed(null, body === '' ? {} : JSON.parse(String(body)));
      } catch {
        parsed(null, undefined);
      }
    });
    app.addContentTypeParser(['application/xml', 'text/xml'], { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, body === '' ? {} : fromXml(String(body))),
    );
    app.addHook('onRequest', async (request, reply) => {
      if (!request.headers.accept?.includes('json')) reply.serializer(toXml).type('application/xml;charset=UTF-8');
    });
    app.setNotFoundHandler((_request, reply) => send(reply, unknownResource));
    app.addHook('preHandler', async (request, reply) => {
      const wrong: TableauError | null =
        minorVersion(flat(request.params)['version'], options.apiVersion) === null
          ? unknownResource
          : request.method !== 'GET' &&
              /json|xml/.test(request.headers['content-type'] ?? '') &&
              request.body === undefined
            ? unreadable
            : null;
      return wrong ? send(reply, wrong) : undefined;
    });

    app.get('/serverinfo', (_request, reply) =>
      send(reply, {
        serverInfo: {
          productVersion: { value: '2025.1.0', build: '20251.25.0101.0001' },
          restApiVersion: options.apiVersion,
        },
      }),
    );
    app.post('/auth/signin', async (request, reply) => send(reply, await sessions.signIn(request.body)));
    app.post('/auth/signout', (request, reply) => {
      const session = sessions.find(tokenOf(request));
      if (isTableauError(session)) return send(reply, session);
      sessions.signOut(tokenOf(request) ?? '');
      return reply.code(204).send();
    });
    app.register(insideSite, { prefix: '/sites/:site' });
    done();
  };
};
