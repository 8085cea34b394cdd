/** Control API for settings, faults, recorded requests and reset; documented in README.md. */
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { Fault, type Faults } from './faults.js';
import type { Intake } from './intake.js';
import type { Live } from './live.js';
import { Access, type WatchedService } from './watched-service.js';
import { SettingsChange, type Settings } from './settings.js';

const Requests = Type.Object({
  target: Type.Optional(Type.String()),
  since: Type.Optional(Type.String({ pattern: '^\\d+$' })),
});

interface Parts {
  settings: Settings;
  faults: Faults;
  intake: Intake;
  live: Live;
  service: WatchedService;
  reset: () => void;
}

export const controlWorld = ({
  settings,
  faults,
  intake,
  live,
  service,
  reset,
}: Parts): FastifyPluginCallbackTypebox => {
  return (app, _options, done) => {
    app.get('/settings', () => settings);
    app.put('/settings', { schema: { body: SettingsChange } }, (request) => {
      Object.assign(settings, request.body);
      live.publish({ kind: 'switches' });
      return settings;
    });
    app.get('/faults', () => ({ faults: faults.list() }));
    app.post('/faults', { schema: { body: Fault } }, (request, reply) => {
      faults.add(request.body);
      return reply.code(201).send({ faults: faults.list() });
    });
    app.delete('/faults', (_request, reply) => {
      faults.clear();
      return reply.code(204).send();
    });
    app.get('/requests', { schema: { querystring: Requests } }, ({ query: { target, since } }) => ({
      requests: intake.requests({ target, since: since === undefined ? undefined : Number(since) }),
    }));
    app.get('/service', () => service.state());
    app.put('/service', { schema: { body: Type.Union([Access, Type.Null()]) } }, (request) => {
      service.set(request.body);
      return service.state();
    });
    app.post('/reset', (_request, reply) => {
      reset();
      return reply.code(204).send();
    });
    app.get('/events', (_request, reply) => {
      reply.hijack();
      live.subscribe(reply.raw);
    });
    done();
  };
};
