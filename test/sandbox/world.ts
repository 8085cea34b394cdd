/** A sandbox, the official Twilio client configured for it, and a server that receives its webhooks. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import twilio from 'twilio';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.js';
import { until } from '../helpers/until.js';

export const accountSid = `AC${'0123456789abcdef'.repeat(2)}`;
export const authToken = 'the-auth-token';
export const pat = { name: 'night-watch', secret: 'pat-secret' };
export const ours = '+15550009999';
export const theirs = '+15550000001';

export interface ReceivedWebhook {
  at: number;
  url: string;
  headers: IncomingHttpHeaders;
  raw: string;
  form: Record<string, string>;
}
export type ReceiverAnswer = { status?: number; type?: string; body?: string; cut?: boolean };

export interface WebhookReceiver {
  url: string;
  received: ReceivedWebhook[];
  /** Answers to the next requests, in order; afterwards 200 and empty TwiML. */
  answers: ReceiverAnswer[];
  /** TwiML by path and query; takes precedence over `answers`. */
  routes: Map<string, string>;
  waitFor: (what: string, match: (received: ReceivedWebhook) => boolean) => Promise<ReceivedWebhook>;
  close: () => Promise<void>;
}

export const startReceiver = async (): Promise<WebhookReceiver> => {
  const received: ReceivedWebhook[] = [];
  const answers: ReceiverAnswer[] = [];
  const routes = new Map<string, string>();
  const server = createServer((request, response) => {
    let raw = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (raw += chunk));
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(raw));
      received.push({ at: Date.now(), url: request.url ?? '', headers: request.headers, raw, form });
      const routed = routes.get(request.url ?? '');
      const answer = routed === undefined ? answers.shift() : { body: routed };
      const { status = 200, type = 'text/xml', body = '<Response/>', cut = false } = answer ?? {};
      if (cut) request.socket.destroy();
      else response.writeHead(status, { 'content-type': type }).end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    answers,
    routes,
    waitFor: (what, match) => until(`a webhook: ${what}`, () => received.find((one) => match(one)), 5000),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export interface World {
  sandbox: Sandbox;
  client: twilio.Twilio;
  receiver: WebhookReceiver;
  log: string[];
  close: () => Promise<void>;
}

/** Short delays, and one of our numbers on each channel with the receiver as its webhook. */
export const openWorld = async (options: Partial<SandboxOptions> = {}): Promise<World> => {
  const log: string[] = [];
  const sandbox = createSandbox({
    accountSid,
    authToken,
    pat,
    log: (line) => log.push(line),
    ...options,
    settings: {
      sentAfterMs: 10,
      deliveredAfterMs: 10,
      ringingAfterMs: 10,
      webhookRetriesMs: [20, 40, 80],
      ...options.settings,
    },
  });
  const url = await sandbox.listen();
  const receiver = await startReceiver();
  sandbox.setNumber(ours, `${receiver.url}/message`);
  sandbox.setNumber(`whatsapp:${ours}`, `${receiver.url}/message`);
  const client = twilio(accountSid, authToken);
  client.api.baseUrl = url;
  return {
    sandbox,
    client,
    receiver,
    log,
    close: async () => {
      await sandbox.close();
      await receiver.close();
    },
  };
};

/** Status and code of what the official client throws. */
export const refusal = async (work: Promise<unknown>): Promise<{ status: unknown; code: unknown }> => {
  try {
    await work;
  } catch (error) {
    if (typeof error === 'object' && error !== null)
      return {
        status: 'status' in error ? error.status : undefined,
        code: 'code' in error ? error.code : undefined,
      };
  }
  throw new Error('nothing was refused');
};

/** The control API. */
export const control = async (
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${sandbox.url}/sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  return { status: response.status, body: Object.fromEntries(Object.entries(parsed ?? {})) };
};
