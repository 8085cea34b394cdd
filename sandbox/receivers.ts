/** Receivers of outgoing webhooks: what they get, and how they answer. Each is there as soon as something is posted to it. */
import type { FastifyPluginCallback, FastifyReply } from 'fastify';
import { Webhook } from 'standardwebhooks';
import { Type, type Static } from 'typebox';

const forms = ['standard', 'slack', 'teams', 'alertmanager', 'pagerduty'] as const;
type Form = (typeof forms)[number];

/** How a receiver answers. */
export const ReceiverChange = Type.Object(
  {
    /** Null: as its vendor does. */
    status: Type.Optional(Type.Union([Type.Integer({ minimum: 200, maximum: 599 }), Type.Null()])),
    /** With `status`: seconds. */
    retryAfter: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
    delayMs: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Cuts the connection in place of an answer. */
    isDown: Type.Optional(Type.Boolean()),
    /** `whsec_…`: what is not signed with it is refused with 401. Null: not checked. */
    secret: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Type.Null()])),
  },
  { additionalProperties: false },
);
type Behaviour = Required<Static<typeof ReceiverChange>>;

export interface Received {
  /** Arrival, milliseconds since the epoch. */
  at: number;
  form: Form;
  /** `webhook-id` */
  id: string;
  /** Null without a secret to check it by. */
  isSigned: boolean | null;
  headers: Record<string, string>;
  body: unknown;
  /** What it was answered; null: nothing. */
  status: number | null;
}

export interface Receivers {
  names: () => string[];
  /** What a receiver got, in order, also what it refused. */
  received: (name: string) => Received[];
  set: (name: string, change: Static<typeof ReceiverChange>) => Behaviour;
  clear: () => void;
  routes: FastifyPluginCallback;
}

const usual: Behaviour = { status: null, retryAfter: null, delayMs: 0, isDown: false, secret: null };
const kept = 2_000;

/** @param changed is called when something arrived */
export function createReceivers(log: (line: string) => void, changed: () => void): Receivers {
  const all = new Map<string, { behaviour: Behaviour; received: Received[]; answeredAt: number }>();
  const of = (name: string) => {
    const known = all.get(name) ?? { behaviour: { ...usual }, received: [], answeredAt: 0 };
    all.set(name, known);
    return known;
  };

  /** As the vendor answers. */
  function answerOf(
    form: Form,
    body: unknown,
    sinceMs: number,
  ): { status: number; answer: unknown; retryAfter?: number } {
    const has = (key: string): boolean => typeof body === 'object' && body !== null && key in body;
    switch (form) {
      case 'slack':
        if (sinceMs < 900) return { status: 429, answer: 'rate_limited', retryAfter: 1 };
        return has('text') || has('blocks')
          ? { status: 200, answer: 'ok' }
          : { status: 400, answer: 'invalid_payload' };
      case 'teams':
        return has('attachments') ? { status: 202, answer: '' } : { status: 400, answer: 'Bad payload' };
      case 'pagerduty':
        return has('routing_key') && has('event_action')
          ? { status: 202, answer: { status: 'success', message: 'Event processed' } }
          : { status: 400, answer: { status: 'invalid event', message: 'Event object is invalid' } };
      case 'alertmanager':
        return has('alerts') ? { status: 200, answer: '' } : { status: 400, answer: 'bad data' };
      case 'standard':
        return { status: 204, answer: '' };
    }
  }

  function isSigned(secret: string | null, raw: string, headers: Record<string, string>): boolean | null {
    if (secret === null) return null;
    try {
      new Webhook(secret).verify(raw, headers);
      return true;
    } catch {
      return false;
    }
  }

  async function receive(form: Form, name: string, raw: string, headers: Record<string, string>, reply: FastifyReply) {
    const receiver = of(name);
    const { status, retryAfter, delayMs, isDown, secret } = receiver.behaviour;
    const body = parsed(raw);
    const at = Date.now();
    const signed = isSigned(secret, raw, headers);
    const usually = answerOf(form, body, at - receiver.answeredAt);
    const refused = body === undefined ? 400 : signed === false ? 401 : null;
    const code = isDown ? null : (status ?? refused ?? usually.status);
    receiver.received.push({
      at,
      form,
      id: headers['webhook-id'] ?? '',
      isSigned: signed,
      headers,
      body,
      status: code,
    });
    if (receiver.received.length > kept) receiver.received.shift();
    log(`receiver ${name}: ${code ?? 'no answer'}`);
    changed();
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (code === null) {
      reply.hijack();
      reply.raw.destroy();
      return reply;
    }
    if (code < 300) receiver.answeredAt = at;
    const after = status === null ? usually.retryAfter : (retryAfter ?? undefined);
    if (after !== undefined) void reply.header('retry-after', String(after));
    return reply.code(code).send(code === usually.status ? usually.answer : '');
  }

  const routes: FastifyPluginCallback = (app, _options, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, parse) => parse(null, text));
    for (const form of forms)
      app.post<{ Params: { name: string }; Body: string }>(`/${form}/:name`, (request, reply) => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).flatMap(([name, value]) =>
            typeof value === 'string' ? [[name, value]] : [],
          ),
        );
        return receive(form, request.params.name, request.body, headers, reply);
      });
    done();
  };

  return {
    names: () => [...all.keys()],
    received: (name) => [...(all.get(name)?.received ?? [])],
    set: (name, change) => Object.assign(of(name).behaviour, change),
    clear: () => all.clear(),
    routes,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
