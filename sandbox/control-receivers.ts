/** Control API for receivers of outgoing webhooks; documented in README.md. */
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { ReceiverChange, type Receivers } from './receivers.js';

const Name = Type.Object({ name: Type.String() });

export const controlReceivers = (receivers: Receivers): FastifyPluginCallbackTypebox => {
  return (app, _options, done) => {
    app.get('/receivers', () => ({ receivers: receivers.names() }));
    app.get('/receivers/:name', { schema: { params: Name } }, ({ params: { name } }) => ({
      received: receivers.received(name),
    }));
    app.put('/receivers/:name', { schema: { params: Name, body: ReceiverChange } }, ({ params: { name }, body }) =>
      receivers.set(name, body),
    );
    done();
  };
};
