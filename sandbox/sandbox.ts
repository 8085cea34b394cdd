/**
 * The outside world for the demo and the tests: a simulated Tableau, a simulated Twilio, and phones, on one HTTP server.
 * It imports nothing of the product; the two communicate by the documented protocols only.
 */
import Fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import { controlFlows } from './control-flows.js';
import { controlReceivers } from './control-receivers.js';
import { controlPhones } from './control-phones.js';
import { controlTableau, subscribe } from './control-tableau.js';
import { controlWorld } from './control-world.js';
import { createFaults, type Faults } from './faults.js';
import { addIntake, type RecordedRequest } from './intake.js';
import { createFlowPanel, type FlowPanel } from './flow-panel.js';
import { createLive } from './live.js';
import { page } from './page.js';
import { createLabelPanel, type LabelPanel } from './label-panel.js';
import { createPanel, type Panel } from './panel.js';
import { createPhones, type Phones } from './phones.js';
import { createReceivers, type Receivers } from './receivers.js';
import { defaultSettings, type Settings } from './settings.js';
import { createTableau } from './tableau/tableau.js';
import type { Subscriptions } from './tableau/subscriptions.js';
import type { ConnectedApp } from './tableau/world.js';
import { createTimers } from './timers.js';
import { createWatchedService } from './watched-service.js';
import { createTwilio, isOfConsole } from './twilio/twilio.js';
import { twilioPrefix } from './twilio/routes.js';
import type { OwnNumber } from './twilio/world.js';

export interface SandboxOptions {
  accountSid: string;
  /** Basic authentication, and the key that callbacks are signed with. */
  authToken: string;
  apiKeys?: { sid: string; secret: string }[];
  /** Tableau's personal access token. */
  pat: { name: string; secret: string };
  /** Users who may sign in by password. */
  users?: { name: string; password: string }[];
  /** Tableau's connected app (direct trust), unless there is none. */
  connectedApp?: ConnectedApp;
  /** The default site unless given. */
  site?: { luid: string; contentUrl: string; name: string };
  /** The newest supported version of Tableau's REST API; default 3.25. */
  apiVersion?: string;
  receipts?: Settings['receipts'];
  settings?: Partial<Settings>;
  /** Receives one line for each thing that happens. */
  log?: (line: string) => void;
}

export interface Sandbox {
  /** Without a trailing slash; empty until it listens. */
  readonly url: string;
  /** Gives the address. Port 0 means a free one. */
  listen: (port?: number, host?: string) => Promise<string>;
  close: () => Promise<void>;
  siteLuid: string;
  settings: Settings;
  phones: Phones;
  panel: Panel;
  /** The labels of data sources, and what people do to them. */
  labels: LabelPanel;
  flows: FlowPanel;
  subscriptions: Subscriptions;
  /** Where outgoing webhooks arrive: `/receivers/<form>/<name>`. */
  receivers: Receivers;
  faults: Faults;
  requests: (filter?: { target?: string; since?: number }) => RecordedRequest[];
  /** Sets the webhook of one of our numbers (`whatsapp:+1…` or `+1…`) or messaging services (`MG…`), as in Twilio's console. */
  setNumber: (number: string, messageUrl: string | null, more?: Omit<OwnNumber, 'messageUrl'>) => void;
  /** Tableau webhooks for these events (all refresh events unless given) to this address. */
  subscribe: (url: string, events?: string[]) => void;
  /** Deletes messages, calls, jobs, labels and faults; numbers, templates, items, sessions and Tableau webhooks stay. */
  reset: () => void;
}

/** Nothing listens before `listen`. */
export const createSandbox = (options: SandboxOptions): Sandbox => {
  const site = options.site ?? { luid: randomUUID(), contentUrl: '', name: 'Default' };
  const initial: Settings = {
    ...defaultSettings,
    ...(options.receipts === undefined ? {} : { receipts: options.receipts }),
    ...options.settings,
  };
  const settings: Settings = { ...initial };
  const live = createLive();
  const log = (line: string): void => {
    options.log?.(line);
    live.publish({ kind: 'log', line, at: Date.now() });
  };
  const timers = createTimers(log);
  const service = createWatchedService({
    isWanted: live.hasListeners,
    changed: () => live.publish({ kind: 'incidents' }),
  });
  const faults = createFaults(() => live.publish({ kind: 'switches' }));
  let url = '';

  const twilio = createTwilio(
    { accountSid: options.accountSid, authToken: options.authToken, apiKeys: options.apiKeys ?? [] },
    {
      settings: () => settings,
      log,
      later: timers.later,
      changed: (number) => live.publish({ kind: 'phone', number }),
      undeliverable: (channel) => faults.take(`receipts.${channel}`)?.code ?? null,
    },
  );
  const tableau = createTableau(
    {
      pat: options.pat,
      users: options.users ?? [],
      connectedApp: options.connectedApp ?? null,
      site,
      apiVersion: options.apiVersion ?? '3.25',
    },
    {
      settings: () => settings,
      log,
      later: timers.later,
      changed: () => live.publish({ kind: 'tableau' }),
      url: () => url,
    },
  );
  const phones = createPhones(twilio);
  const panel = createPanel(tableau, site.luid);
  const flows = createFlowPanel(tableau);
  const { subscriptions } = tableau;
  const receivers = createReceivers(log, () => live.publish({ kind: 'chat' }));

  const app = Fastify({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
    // Null must not become 0, and a misspelt setting must be refused, not dropped.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  // Marks every answer, so that the sandbox cannot be mistaken for the real vendors.
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('x-sandbox', 'simulated Tableau and Twilio');
  });
  const intake = addIntake(app, faults, (method, path, body) => {
    if (path.startsWith('/2010-04-01/') || path.startsWith('/v1/Content') || isOfConsole(path))
      return twilio.describe(method, path, body);
    return path.startsWith('/api/') ? tableau.describe(path) : null;
  });
  const reset = (): void => {
    timers.clear();
    twilio.reset();
    tableau.reset();
    faults.clear();
    intake.clear();
    receivers.clear();
    Object.assign(settings, initial);
    live.publish({ kind: 'reset' });
  };
  const changed = (number?: string): void =>
    live.publish(number === undefined ? { kind: 'switches' } : { kind: 'phone', number });
  app.register(twilio.routes, { prefix: twilioPrefix });
  app.register(twilio.content, { prefix: '/v1/Content' });
  app.register(twilio.console);
  app.register(tableau.metadata, { prefix: '/api/metadata' });
  app.register(tableau.routes, { prefix: '/api/:version' });
  app.register(receivers.routes, { prefix: '/receivers' });
  app.register(controlReceivers(receivers), { prefix: '/sandbox' });
  app.register(controlPhones(phones, twilio.state, changed), { prefix: '/sandbox' });
  app.register(controlTableau(panel, tableau), { prefix: '/sandbox' });
  app.register(controlFlows({ flows, subscriptions, findItem: panel.find }), { prefix: '/sandbox' });
  app.register(controlWorld({ settings, faults, intake, live, service, reset }), { prefix: '/sandbox' });
  app.register(page);

  return {
    get url() {
      return url;
    },
    listen: async (port = 0, host = '127.0.0.1') => {
      url = await app.listen({ port, host });
      return url;
    },
    close: async () => {
      timers.clear();
      service.close();
      live.close();
      await app.close();
    },
    siteLuid: site.luid,
    settings,
    phones,
    panel,
    labels: createLabelPanel(tableau),
    flows,
    subscriptions,
    receivers,
    faults,
    requests: intake.requests,
    setNumber: (number, messageUrl, more) => {
      twilio.state.numbers.set(number, { messageUrl, ...more });
      changed();
    },
    subscribe: (address, events) => subscribe(tableau, address, events),
    reset,
  };
};
