/** Assembles the simulated Twilio. */
import type { FastifyPluginCallback } from 'fastify';
import { createCalls, type Calls } from './calls.js';
import { consoleRoutes } from './console-routes.js';
import { contentRoutes } from './content-routes.js';
import { createInbound, type Inbound } from './inbound.js';
import { createMessages } from './messages.js';
import { createReceipts, type Receipts } from './receipts.js';
import { twilioRoutes } from './routes.js';
import { createWebhooks } from './webhook.js';
import { channelOf, createState, type Ports, type TextChannel, type TwilioOptions, type TwilioState } from './world.js';

export interface Twilio {
  state: TwilioState;
  routes: FastifyPluginCallback;
  /** The Content API. */
  content: FastifyPluginCallback;
  /** What the console configures, to read. */
  console: FastifyPluginCallback;
  calls: Calls;
  inbound: Inbound;
  receipts: Receipts;
  /** The target of a request, for faults and the request log. */
  describe: (method: string, path: string, body: unknown) => Described;
  reset: () => void;
}

export interface Described {
  target: string;
  to?: string;
  channel?: TextChannel | 'call';
  body?: string;
}

/** A request to read what the console configures. */
export const isOfConsole = (path: string): boolean =>
  /^\/(v1\/Services\/|v2\/Channels\/Senders|2010-04-01\/Accounts\/(AC\w+\.json|AC\w+\/IncomingPhoneNumbers\.json))/.test(
    path,
  );

const describe: Twilio['describe'] = (method, path, body) => {
  if (path.startsWith('/v1/Content')) return { target: 'twilio.content' };
  if (isOfConsole(path)) return { target: 'twilio.console' };
  const form = body instanceof URLSearchParams ? body : new URLSearchParams();
  const resource = path.split('/')[4] ?? '';
  const to = form.get('To') ?? '';
  if (method === 'POST' && resource === 'Messages.json') {
    const channel = channelOf(to);
    return {
      target: `twilio.messages.${channel}`,
      to,
      channel,
      body: form.get('Body') ?? form.get('ContentVariables') ?? '',
    };
  }
  if (method === 'POST' && resource === 'Calls.json')
    return { target: 'twilio.calls', to, channel: 'call', body: form.get('Twiml') ?? form.get('Url') ?? '' };
  if (method === 'POST' && resource === 'Calls') return { target: 'twilio.updates' };
  if (resource === 'Messages.json' || resource === 'Calls.json')
    return { target: `twilio.lists.${resource === 'Calls.json' ? 'calls' : 'messages'}` };
  return { target: 'twilio.reads' };
};

export const createTwilio = (options: TwilioOptions, ports: Ports): Twilio => {
  const state = createState();
  const send = createWebhooks(options, ports);
  const receipts = createReceipts(options, state, ports, send);
  const messages = createMessages(state, ports, receipts);
  const calls = createCalls(options, state, ports, send);
  const inbound = createInbound(options, state, ports, send, messages, receipts);
  return {
    state,
    calls,
    inbound,
    receipts,
    describe,
    routes: twilioRoutes({ options, state, messages, calls }),
    content: contentRoutes(options, state),
    console: consoleRoutes(options, state, ports),
    reset: () => {
      for (const map of [state.messages, state.calls]) map.clear();
      state.optOuts.clear();
    },
  };
};
