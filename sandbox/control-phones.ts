/** Control API for phones, calls, receipts and our numbers; documented in README.md. */
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { isRefusal, type Phones } from './phones.js';
import type { Twilio } from './twilio/twilio.js';

const Number = Type.Object({ number: Type.String() });
const Sid = Type.Object({ sid: Type.String() });
const Channel = Type.Union([Type.Literal('whatsapp'), Type.Literal('sms')]);
const Reply = Type.Object({
  channel: Channel,
  body: Type.String(),
  originalSid: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
});
const Tap = Type.Object({ sid: Type.String(), payload: Type.String(), text: Type.String() });
const Receipt = Type.Object({ sid: Type.String(), status: Type.String(), errorCode: Type.Optional(Type.Integer()) });
const NumberSetup = Type.Object({ messageUrl: Type.Union([Type.String(), Type.Null()]) });
const Template = Type.Object({
  body: Type.String(),
  buttons: Type.Optional(Type.Array(Type.Object({ id: Type.String(), title: Type.String() }))),
});
const Decision = Type.Object({ status: Type.String(), reason: Type.Optional(Type.String()) });
const Owner = Type.Object({ name: Type.String({ minLength: 1, maxLength: 40 }) });
const Keys = Type.Object({ digits: Type.String({ pattern: '^[0-9*#]+$' }) });

const send = (reply: FastifyReply, answer: object): FastifyReply =>
  isRefusal(answer) ? reply.code(answer.status).send({ error: answer.refused }) : reply.send(answer);

export const controlPhones = (
  phones: Phones,
  state: Twilio['state'],
  changed: (number?: string) => void,
): FastifyPluginCallbackTypebox => {
  return (app, _options, done) => {
    app.get('/phones', () => ({ phones: phones.list() }));
    app.get('/phones/:number', { schema: { params: Number } }, (request) => phones.get(request.params.number));
    app.put('/phones/:number', { schema: { params: Number, body: Owner } }, (request) => {
      const phone = phones.name(request.params.number, request.body.name);
      changed(phone.number);
      return phone;
    });
    app.post('/phones/:number/reply', { schema: { params: Number, body: Reply } }, async (request, reply) =>
      send(reply, await phones.reply(request.params.number, request.body)),
    );
    app.post('/phones/:number/tap', { schema: { params: Number, body: Tap } }, async (request, reply) =>
      send(reply, await phones.tap(request.params.number, request.body)),
    );
    for (const action of ['answer', 'hangup', 'decline', 'voicemail'] as const)
      app.post(`/calls/:sid/${action}`, { schema: { params: Sid } }, async (request, reply) =>
        send(reply, await phones.call(request.params.sid, action)),
      );
    app.post('/calls/:sid/press', { schema: { params: Sid, body: Keys } }, async (request, reply) =>
      send(reply, await phones.call(request.params.sid, 'press', request.body.digits)),
    );
    app.post('/receipts', { schema: { body: Receipt } }, async (request, reply) => {
      const { sid, status, errorCode } = request.body;
      return send(reply, await phones.receipt(sid, status, errorCode));
    });

    app.get('/numbers', () => ({ numbers: Object.fromEntries(state.numbers) }));
    app.put('/numbers/:number', { schema: { params: Number, body: NumberSetup } }, (request) => {
      state.numbers.set(request.params.number, request.body);
      changed();
      return { number: request.params.number, ...request.body };
    });
    app.put('/templates/:sid', { schema: { params: Sid, body: Template } }, (request) => {
      const template = { body: request.body.body, buttons: request.body.buttons ?? [] };
      state.templates.set(request.params.sid, { ...template, content: null });
      return { sid: request.params.sid, ...template };
    });
    app.put('/templates/:sid/approval', { schema: { params: Sid, body: Decision } }, (request, reply) => {
      const approval = state.templates.get(request.params.sid)?.content?.approval;
      if (!approval)
        return reply.code(404).send({ error: `There is no template ${request.params.sid} of the Content API.` });
      Object.assign(approval, { reason: '' }, request.body);
      return { sid: request.params.sid, ...approval };
    });
    done();
  };
};
