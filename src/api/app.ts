import accepts from '@fastify/accepts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Client } from '@temporalio/client';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { EscalationSource } from '../policy/escalation-source.js';
import type { TrustedProxies } from '../config/addresses.js';
import type { PeopleSignIn } from '../config/people-sign-in.js';
import { access } from './plugins/access.js';
import { drain } from './plugins/drain.js';
import { errors, refuseConnection, routerErrors } from './plugins/errors.js';
import { headers } from './plugins/headers.js';
import { defaultRates, limits, type Rates } from './plugins/limits.js';
import { defaultPressure, pressure, type PressureLimits } from './plugins/pressure.js';
import { openapi } from './plugins/openapi.js';
import { requestLog } from './plugins/request-log.js';
import { temporal } from './plugins/temporal.js';
import { defaultTemporalTimeouts, type TemporalTimeouts } from './temporal-gateway.js';
import { twilioSignature } from './plugins/twilio-signature.js';
import { createIntake, incidentSettings } from './intake/intake.js';
import { workflowsIn } from './external-links.js';
import { live, type LiveLimits } from './live/live.js';
import { publicAddress } from './public-address.js';
import { version } from './version.js';
import { maxBodyBytes } from './request-body.js';
import { assets } from './routes/assets.js';
import type { WorkersState } from './health/workers-state.js';
import { health } from './routes/health.js';
import { links } from './routes/links.js';
import { defaultDirectSignals, notifier, type DirectSignals } from './routes/notifier.js';
import { openApiDocument } from './routes/openapi-document.js';
import { operators } from './routes/operators.js';
import { signedIn } from './routes/signed-in.js';
import { twilioCall } from './routes/twilio-call.js';
import { createUnknownSenders, twilioMessage } from './routes/twilio-message.js';
import { twilioStatus } from './routes/twilio-status.js';

export interface ApiConfig {
  /** Where Tableau and Twilio reach us, without a trailing slash; it may have a path prefix. */
  publicUrl: string;
  /** The scheme and host of the same address in the operator's spelling, where that has capitals. */
  originAsWritten?: string;
  apiToken: string;
  /** What the links of pages derive from; by default the API token. */
  linkSecret?: string;
  /** All that are current: several during a rotation. */
  webhookSecrets: readonly string[];
  twilio: { accountSid: string; authTokens: readonly string[] };
  /** The proxies whose X-Forwarded-For is trusted. For rate limits alone: Twilio's signatures are checked against `publicUrl`. */
  trustedProxies?: TrustedProxies;
  /** Absent: people sign in by the API token alone. */
  signIn?: PeopleSignIn;
}

/** Limits for a client. */
export interface HttpTimeouts {
  /** To send the headers of a request, and all of it; then it is answered 408. */
  headersMs: number;
  requestMs: number;
  /** To neither send nor receive anything during a request; then the connection is closed. Longer than we wait for Temporal. */
  idleMs: number;
}

const defaultHttpTimeouts: HttpTimeouts = { headersMs: 10_000, requestMs: 15_000, idleMs: 30_000 };

export interface AppDependencies {
  /** Its connection may be lazy: while Temporal is unavailable the api starts and answers 503. */
  client: Client;
  config: ApiConfig;
  /** Asked at each use, for the file may change. */
  escalation: EscalationSource;
  /** Whether the namespace has our search attributes. It is called often, so the caller caches the result. */
  searchAttributes: () => Promise<boolean>;
  logger: FastifyBaseLogger;
  /** The workers of the same process, where there are any. */
  workers?: () => WorkersState;
  /** More links for `GET /`: name → absolute address, for example the Temporal Web UI. */
  links?: Readonly<Record<string, string>>;
  temporalTimeouts?: Partial<TemporalTimeouts>;
  rates?: Partial<Rates>;
  directSignals?: Partial<DirectSignals>;
  pressureLimits?: Partial<PressureLimits>;
  httpTimeouts?: Partial<HttpTimeouts>;
  liveLimits?: Partial<LiveLimits>;
  /** Milliseconds since the epoch; a test may move it. */
  clock?: () => number;
}

const trusting = (proxies: TrustedProxies = []) =>
  typeof proxies === 'number' ? (_address: string, hop: number) => hop < proxies : proxies;

/** A burst of events, or of receipts in a storm, uses one or two thousand. */
const maxConnections = 10_000;

/** The HTTP server with its plugins and routes. It does not listen yet, and closing it closes none of the dependencies. */
export async function buildApp(dependencies: AppDependencies): Promise<FastifyInstance> {
  const {
    client,
    config,
    escalation,
    searchAttributes: indexed,
    workers,
    links: otherLinks = {},
    clock = Date.now,
  } = dependencies;
  const address = publicAddress(config.publicUrl, config.originAsWritten);
  const timeouts = { ...defaultHttpTimeouts, ...dependencies.httpTimeouts };
  const unknownSenders = createUnknownSenders();
  const app = fastify({
    loggerInstance: dependencies.logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Longer than the 60 s of the usual load balancers, so that the load balancer closes an idle connection.
    keepAliveTimeout: 65_000,
    // Node's default is to check every 30 s.
    http: { headersTimeout: timeouts.headersMs, connectionsCheckingInterval: Math.min(1_000, timeouts.headersMs) },
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.idleMs,
    bodyLimit: maxBodyBytes,
    trustProxy: trusting(config.trustedProxies),
    // Requests on a connection that is about to close are served too.
    return503OnClosing: false,
    // An incident id has up to 600 characters, three times that in percent-encoding.
    routerOptions: { maxParamLength: 4096 },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    rewriteUrl: (request) => address.inner(request.url ?? '/'),
    frameworkErrors: routerErrors(address.prefix),
    clientErrorHandler: refuseConnection,
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.server.maxConnections = maxConnections;

  await app.register(headers, { publicUrl: config.publicUrl });
  await app.register(errors, { pathPrefix: address.prefix });
  await app.register(requestLog);
  await app.register(drain);
  await app.register(limits, { rates: { ...defaultRates, ...dependencies.rates } });
  await app.register(pressure, { limits: { ...defaultPressure(), ...dependencies.pressureLimits } });
  await app.register(temporal, { client, timeouts: { ...defaultTemporalTimeouts, ...dependencies.temporalTimeouts } });
  await app.register(accepts);
  await app.register(openapi, { base: address.base, version: version() });
  await app.register(live, { limits: dependencies.liveLimits ?? {} });
  const { apiToken } = config;
  const { prefix } = address;
  await app.register(access, { apiToken, signIn: config.signIn, escalation, address, clock });
  await app.register(assets);
  await app.register(openApiDocument, { prefix });
  const shared = { indexed, escalation, workers, clock };
  await app.register(operators, { address, apiToken, settings: config.signIn, links: otherLinks, ...shared });
  await app.register(health, { workers, unknownSenders, clock });
  const intake = createIntake({
    temporal: app.temporal,
    settings: () => incidentSettings(escalation.current()),
    indexed,
    clock,
    draining: app.draining,
  });
  await app.register(notifier, {
    address,
    webhookSecrets: config.webhookSecrets,
    escalation,
    intake,
    directSignals: { ...defaultDirectSignals, ...dependencies.directSignals },
    indexed,
    clock,
  });
  const { linkSecret = apiToken } = config;
  await app.register(links, { linkSecret, escalation, intake, address, clock });
  await app.register(async (twilio) => {
    const { accountSid, authTokens } = config.twilio;
    await twilio.register(twilioSignature, { address, accountSid, authTokens });
    await twilio.register(twilioMessage, { escalation, clock, unknownSenders });
    await twilio.register(twilioCall, { escalation, address, clock });
    await twilio.register(twilioStatus, { clock });
  });
  const webUi = workflowsIn(otherLinks, client.options.namespace);
  await app.register(signedIn, { indexed, escalation, intake, address, apiToken, webUi, clock });
  return app;
}
