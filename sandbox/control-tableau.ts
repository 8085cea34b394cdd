/** Control API for the Tableau panel; documented in README.md. */
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { changes, Condition, Luid, NewSchedule } from './control-schemas.js';
import type { Panel } from './panel.js';
import { isTableauError } from './tableau/errors.js';
import type { Tableau } from './tableau/tableau.js';
import type { Item } from './tableau/world.js';

const NewItem = Type.Object({
  kind: Type.Union([Type.Literal('workbook'), Type.Literal('datasource')]),
  name: Type.String({ minLength: 1 }),
  project: Type.Optional(Type.String()),
  owner: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  luid: Type.Optional(Type.String({ minLength: 1 })),
  hasExtracts: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Type.Array(Type.String())),
  downstream: Type.Optional(Type.Integer({ minimum: 0 })),
  upstream: Type.Optional(Type.Array(Type.String())),
  bridge: Type.Optional(Type.Boolean()),
  schedule: Type.Optional(NewSchedule),
});
const ItemChange = Type.Object({
  ...changes,
  publishedAt: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
});
const EventOptions = Type.Object({
  notes: Type.Optional(Type.String()),
  createdAt: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
  condition: Type.Optional(Condition),
  incremental: Type.Optional(Type.Boolean()),
  wait: Type.Optional(Type.Boolean()),
});
const Storm = Type.Object({
  items: Type.Integer({ minimum: 1, maximum: 500 }),
  notes: Type.Optional(Type.String()),
});
const Event = Type.Object({
  event_type: Type.String({ minLength: 1 }),
  resource_luid: Type.String(),
  resource: Type.Optional(Type.String()),
  resource_name: Type.Optional(Type.String()),
  site_luid: Type.Optional(Type.String()),
  created_at: Type.Optional(Type.String()),
  wait: Type.Optional(Type.Boolean()),
});
const Webhook = Type.Object({
  url: Type.String(),
  events: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  name: Type.Optional(Type.String()),
});

const refreshEvents = ['Workbook', 'Datasource'].flatMap((kind) =>
  ['RefreshStarted', 'RefreshSucceeded', 'RefreshFailed'].map((verb) => kind + verb),
);

/** Creates a webhook for each event, as Tableau's REST API would. Throws when Tableau would refuse one. */
export const subscribe = (tableau: Tableau, url: string, events: string[] = refreshEvents, name = 'sandbox'): void => {
  for (const event of events) {
    const webhook = tableau.webhooks.add({ name: `${name} ${event}`, event, url });
    if (isTableauError(webhook)) throw new Error(webhook.detail);
  }
};

export const controlTableau = (panel: Panel, tableau: Tableau): FastifyPluginCallbackTypebox => {
  const missing = (reply: FastifyReply): FastifyReply => reply.code(404).send({ error: 'There is no such item.' });
  const refused = (reply: FastifyReply, error: string): FastifyReply => reply.code(409).send({ error });

  return (app, _options, done) => {
    app.get('/tableau/items', () => ({ items: panel.list() }));
    app.post('/tableau/items', { schema: { body: NewItem } }, (request, reply) => {
      const unknown = request.body.upstream?.find((luid) => panel.find(luid)?.kind !== 'datasource');
      if (unknown !== undefined) return refused(reply, `There is no data source ${unknown}.`);
      return reply.code(201).send(panel.add(request.body));
    });
    app.post('/tableau/storm', { schema: { body: Storm } }, ({ body: { items, ...how } }) => panel.storm(items, how));
    app.post('/tableau/calm', () => panel.calm());
    const actions = {
      fail: panel.fail,
      recover: panel.recover,
      delete: panel.remove,
    } satisfies Record<string, (item: Item, how: object) => Promise<object>>;
    for (const [name, act] of Object.entries(actions))
      app.post(
        `/tableau/items/:luid/${name}`,
        { schema: { params: Luid, body: Type.Union([EventOptions, Type.Null()]) } },
        async (request, reply) => {
          const item = panel.find(request.params.luid);
          return item ? reply.send(await act(item, request.body ?? {})) : missing(reply);
        },
      );
    app.post('/tableau/items/:luid/rerun', { schema: { params: Luid } }, (request, reply) => {
      const item = panel.find(request.params.luid);
      if (!item) return missing(reply);
      const job = panel.rerun(item);
      return typeof job === 'string' ? refused(reply, job) : reply.code(202).send(job);
    });
    app.put('/tableau/items/:luid', { schema: { params: Luid, body: ItemChange } }, (request, reply) => {
      const item = panel.find(request.params.luid);
      return item ? reply.send(panel.set(item, request.body)) : missing(reply);
    });
    app.post('/tableau/events', { schema: { body: Event } }, ({ body: { wait = false, ...event } }) =>
      panel.event(event, { wait }),
    );
    app.post('/tableau/webhooks', { schema: { body: Webhook } }, (request, reply) => {
      const { url, events, name } = request.body;
      try {
        subscribe(tableau, url, events, name);
      } catch (error) {
        return refused(reply, error instanceof Error ? error.message : String(error));
      }
      return reply.code(201).send({ webhooks: [...tableau.state.webhooks.values()] });
    });
    done();
  };
};
