/** Records every request to a vendor and applies faults. */
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, Faults } from './faults.js';

export interface RecordedRequest {
  /** Arrival, milliseconds since the epoch. */
  at: number;
  method: string;
  path: string;
  target: string;
  /** Null while unanswered, and when the connection was cut. */
  status: number | null;
  to?: string;
  channel?: string;
  body?: string;
  /** Of the message or call that the request created. */
  sid?: string;
}

export type Described = Pick<RecordedRequest, 'target' | 'to' | 'channel' | 'body'>;

export interface Intake {
  requests: (filter?: { target?: string | undefined; since?: number | undefined }) => RecordedRequest[];
  clear: () => void;
}

const maxRecorded = 20_000;

const twilioAnswer = (fault: Fault): { status: number; body: unknown } => {
  const codes: Record<number, number> = { 401: 20003, 403: 20403, 404: 20404, 429: 20429 };
  const statuses: Record<number, number> = { 20003: 401, 20403: 403, 20404: 404, 20429: 429, 20500: 500, 20503: 503 };
  const status = fault.status ?? statuses[fault.code ?? 0] ?? 400;
  const code = fault.code ?? codes[status] ?? (status >= 500 ? 20_000 + status : 20001);
  const message = `Fault injected by the sandbox: ${code}`;
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
};

const tableauAnswer = (fault: Fault): { status: number; body: unknown } => {
  const status = fault.status ?? (fault.code === undefined ? 500 : Number(String(fault.code).slice(0, 3)));
  const code = String(fault.code ?? status * 1000);
  return { status, body: { error: { summary: 'Fault', detail: `Fault injected by the sandbox: ${code}`, code } } };
};

/** Ends early when the client has left. */
const pause = (ms: number, socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      socket.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    socket.once('close', end);
  });

/** Adds the hooks. `describe` gives the target of a request, null when it is not for a vendor. */
export const addIntake = (
  app: FastifyInstance,
  faults: Faults,
  describe: (method: string, path: string, body: unknown) => Described | null,
): Intake => {
  let recorded: RecordedRequest[] = [];
  const inProgress = new WeakMap<FastifyRequest, { record: RecordedRequest; fault: Fault | null }>();
  const arrivals = new WeakMap<FastifyRequest, number>();

  const cut = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  };

  app.addHook('onRequest', async (request) => {
    arrivals.set(request, Date.now());
  });

  app.addHook('preHandler', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const described = describe(request.method, path, request.body);
    if (!described) return undefined;
    const fault = faults.take(described.target);
    const at = arrivals.get(request) ?? Date.now();
    const record: RecordedRequest = { at, method: request.method, path, status: null, ...described };
    recorded.push(record);
    if (recorded.length > maxRecorded) recorded = recorded.slice(-maxRecorded / 2);
    inProgress.set(request, { record, fault });
    if (!fault) return undefined;
    if (fault.drop === 'before') return cut(request, reply);
    if (fault.status === undefined && fault.code === undefined && fault.body === undefined) return undefined;
    const answer = described.target.startsWith('twilio') ? twilioAnswer(fault) : tableauAnswer(fault);
    return reply.code(answer.status).send(fault.body ?? answer.body);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const entry = inProgress.get(request);
    if (!entry) return payload;
    const { record, fault } = entry;
    const created = record.method === 'POST' && typeof payload === 'string' && reply.statusCode === 201;
    const sid = created ? /"sid":"(\w{34})"/.exec(payload)?.[1] : undefined;
    if (sid !== undefined) record.sid = sid;
    // Delayed after the work is done, so that a client that times out cannot know the outcome.
    if (fault?.delayMs !== undefined) await pause(fault.delayMs, request.raw.socket);
    if (fault?.drop === 'after') request.raw.socket.destroy();
    else record.status = reply.statusCode;
    return payload;
  });

  return {
    requests: ({ target, since } = {}) =>
      recorded.filter(
        (one) =>
          (target === undefined || one.target === target || one.target.startsWith(`${target}.`)) &&
          (since === undefined || one.at >= since),
      ),
    clear: () => {
      recorded = [];
    },
  };
};
