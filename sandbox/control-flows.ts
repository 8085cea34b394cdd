/** Control API for flows, subscriptions and alerts; documented in README.md. */
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { changes, Condition, Luid, NewSchedule } from './control-schemas.js';
import type { FlowPanel } from './flow-panel.js';
import type { Item } from './tableau/world.js';
import type { Subscriptions } from './tableau/subscriptions.js';

const NewFlow = Type.Object({
  name: Type.String({ minLength: 1 }),
  project: Type.Optional(Type.String()),
  owner: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  luid: Type.Optional(Type.String({ minLength: 1 })),
  schedule: Type.Optional(NewSchedule),
});
/** Without a status: a run that begins now. */
const NewRun = Type.Object({
  status: Type.Optional(Type.Enum(['Failed', 'Success'])),
  notes: Type.Optional(Type.String()),
  createdAt: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
  condition: Type.Optional(Condition),
});
const NewSubscription = Type.Object({
  workbook: Type.String(),
  subject: Type.String(),
  user: Type.Optional(Type.String()),
  suspended: Type.Optional(Type.Boolean()),
  refreshTriggered: Type.Optional(Type.Boolean()),
  kind: Type.Optional(Type.Enum(['server', 'cloud'])),
});
const NewAlert = Type.Object({
  workbook: Type.String(),
  subject: Type.String(),
  owner: Type.Optional(Type.String()),
  suspended: Type.Optional(Type.Boolean()),
  frequency: Type.Optional(Type.Enum(['Once', 'Frequently', 'Hourly', 'Daily', 'Weekly'])),
});

interface Parts {
  flows: FlowPanel;
  subscriptions: Subscriptions;
  findItem: (luid: string) => Item | null;
}

export const controlFlows = ({ flows, subscriptions, findItem }: Parts): FastifyPluginCallbackTypebox => {
  const missing = (reply: FastifyReply, what: string): FastifyReply =>
    reply.code(404).send({ error: `There is no such ${what}.` });

  return (app, _options, done) => {
    app.get('/tableau/flows', () => ({ flows: flows.list() }));
    app.post('/tableau/flows', { schema: { body: NewFlow } }, (request, reply) =>
      reply.code(201).send(flows.add(request.body)),
    );
    app.put('/tableau/flows/:luid', { schema: { params: Luid, body: Type.Object(changes) } }, (request, reply) => {
      const flow = flows.find(request.params.luid);
      return flow ? reply.send(flows.set(flow, request.body)) : missing(reply, 'flow');
    });
    app.post('/tableau/flows/:luid/runs', { schema: { params: Luid, body: NewRun } }, (request, reply) => {
      const flow = flows.find(request.params.luid);
      if (!flow) return missing(reply, 'flow');
      const { status, ...how } = request.body;
      const run = status === undefined ? flows.run(flow) : flows.ended(flow, status, how);
      return typeof run === 'string' ? reply.code(409).send({ error: run }) : reply.code(201).send(run);
    });
    app.post('/tableau/subscriptions', { schema: { body: NewSubscription } }, (request, reply) => {
      const { workbook, ...subscription } = request.body;
      const item = findItem(workbook);
      if (item?.kind !== 'workbook') return missing(reply, 'workbook');
      return reply.code(201).send({ luid: subscriptions.add(item, subscription).luid });
    });
    app.post('/tableau/alerts', { schema: { body: NewAlert } }, (request, reply) => {
      const { workbook, ...alert } = request.body;
      const item = findItem(workbook);
      if (item?.kind !== 'workbook') return missing(reply, 'workbook');
      return reply.code(201).send({ luid: subscriptions.addAlert(item, alert).luid });
    });
    done();
  };
};
