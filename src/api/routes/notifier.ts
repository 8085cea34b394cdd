import type { Client } from '@temporalio/client';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { labellingOf } from '../../policy/labels.js';
import { reportingOf } from '../../policy/webhooks.js';
import { decideRoute } from '../../policy/route.js';
import { signalEnd, signalFailure, type Failure } from '../../temporal/incidents.js';
import type { TableauEvent } from '../../workflows/contract.js';
import { incidentIdFor, summaryOf } from '../../temporal/incident-ids.js';
import { incidentEndedBy, isSuccess, readDelivery } from '../intake/events.js';
import { incidentSettings, type Intake } from '../intake/intake.js';
import type { Operation } from '../operations/operation.js';
import { receiveEvent, receiveEventBySecretInQuery } from '../operations/received.js';
import { problem, unauthorized } from '../problem.js';
import type { PublicAddress } from '../public-address.js';
import { isOneOf } from '../secrets.js';
import { inflatedBody, maxBodyBytes, textOf } from '../request-body.js';
import { createTokenBucket, type BucketSize } from '../../policy/token-bucket.js';

interface Options {
  address: PublicAddress;
  webhookSecrets: readonly string[];
  escalation: EscalationSource;
  intake: Intake;
  directSignals: DirectSignals;
  /** Whether the namespace knows our search attributes. */
  indexed: () => Promise<boolean>;
  clock: () => number;
}

/** How many events are signalled to their incident at once, each by a call of its own; what is beyond goes with a batch. */
export interface DirectSignals {
  failures: BucketSize;
  successes: BucketSize;
}

/** Most successes end nothing, which costs Temporal little. */
export const defaultDirectSignals: DirectSignals = {
  failures: { burst: 5, perSecond: 2 },
  successes: { burst: 20, perSecond: 20 },
};

interface BySecret {
  Params: { secret?: string };
  Querystring: { secret?: unknown };
}

/** Where Tableau posts: `/notifier/<secret>`, or `/notifier?secret=`. 200 means that Temporal has the event. */
export const notifier: FastifyPluginAsync<Options> = async (scope, options) => {
  const { address, webhookSecrets, escalation, intake, directSignals, indexed, clock } = options;
  const maySignalFailure = createTokenBucket(directSignals.failures, clock);
  const maySignalEnd = createTokenBucket(directSignals.successes, clock);
  parseAnyTypeAsJson(scope);

  async function checkSecret(request: FastifyRequest<BySecret>): Promise<void> {
    const secret = request.params.secret || request.query.secret;
    if (typeof secret !== 'string' || !isOneOf(secret, webhookSecrets))
      throw await scope.limits.refusing('notifier', request, unauthorized());
    // An unreadable content type would be answered 415 before any parser runs.
    request.headers['content-type'] = 'application/json';
  }

  async function receive(request: FastifyRequest<BySecret>): Promise<{ status: string; incident?: string }> {
    const delivery = readDelivery(request.body, clock());
    if (delivery.what === 'test') return { status: 'test' };
    if (delivery.what === 'wrong') throw problem(400, 'BAD_EVENT', delivery.message);
    const { event } = delivery;
    const ended = incidentEndedBy(event);
    const isEnding =
      ended !== null && (await deliver(request, event, ended, (client) => deliverEnd(client, ended, event)));
    const routed = isSuccess(event.type) ? null : routeOf(event);
    if (routed === null) return isEnding ? { status: 'accepted', incident: ended } : { status: 'ignored' };
    const incident = incidentIdFor(event);
    await deliver(request, event, incident, (client) => deliverFailure(client, { incident, event, ...routed }));
    return { status: 'accepted', incident };
  }

  /** Null: nobody is to be paged. */
  function routeOf({
    type,
    item,
    receivedAt,
  }: TableauEvent): Pick<Failure, 'policy' | 'policyMayChange' | 'labels' | 'changes'> | null {
    const inForce = escalation.current();
    const facts = { event: type, item: item.name, site: item.site, at: receivedAt };
    const { policy, isCertain } = decideRoute(inForce, facts);
    const told = { ...labellingOf(inForce, item), ...reportingOf(inForce) };
    return policy && { policy, ...(!isCertain && { policyMayChange: true }), ...told };
  }

  /** Signals the first failures of a burst to their incidents; those that follow go with the next batch. */
  async function deliverFailure(client: Client, failure: Omit<Failure, 'summary'>): Promise<true> {
    const summary = summaryOf(failure.event);
    if (maySignalFailure()) {
      const input = { settings: incidentSettings(escalation.current()), searchAttributes: await indexed() };
      await signalFailure(client, { ...failure, summary }, input, address.base);
    } else {
      const { policy } = failure;
      await intake.add({ what: 'failure', ...failure, policy: policy.name, summary }, policy);
    }
    return true;
  }

  /** False when there is nothing to end: no incident runs, and no batch is about to begin one. */
  async function deliverEnd(client: Client, incident: string, event: TableauEvent): Promise<boolean> {
    if (maySignalEnd()) {
      if (await signalEnd(client, incident, event)) return true;
      if (!(await intake.isPending())) return false;
    }
    await intake.add({ what: 'end', incident, event });
    return true;
  }

  /** Whether an incident received the event, or will. Throws a 503 when Temporal does not answer in time. */
  async function deliver(
    request: FastifyRequest,
    { type }: TableauEvent,
    incident: string,
    signal: (client: Client) => Promise<boolean>,
  ): Promise<boolean> {
    const about = { event: type, incident };
    const accepted = await scope.temporal.deliver(about, signal);
    if (accepted) request.log.info(about, 'event accepted');
    return accepted;
  }

  const home = async (_request: unknown, reply: FastifyReply) => reply.redirect(`${address.prefix}/`, 302);
  for (const path of ['/notifier', '/notifier/:secret', '/notifier/:secret/']) {
    const schema = operations[path] ?? {};
    scope.post<BySecret>(path, { bodyLimit: maxBodyBytes, onRequest: checkSecret, schema }, receive);
    scope.get(path, home);
  }
};

/** The path with a slash at its end is no other operation. */
const operations: Readonly<Record<string, Operation>> = {
  '/notifier/:secret': receiveEvent,
  '/notifier': receiveEventBySecretInQuery,
};

function parseAnyTypeAsJson(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, async (request: FastifyRequest, received: Buffer) => {
    const inflated = await inflatedBody(received, request.headers['content-encoding']);
    if ('wrong' in inflated) throw refusedBody[inflated.wrong]();
    const text = textOf(inflated.body)
      ?.replace(/^\uFEFF/, '')
      .trim();
    if (text === undefined) throw problem(400, 'BAD_JSON', 'The body is not UTF-8.');
    try {
      return text === '' ? undefined : JSON.parse(text);
    } catch {
      throw problem(400, 'BAD_JSON', 'The body is not valid JSON.');
    }
  });
}

const refusedBody = {
  encoding: () => problem(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Encoding must be gzip, deflate or identity.'),
  size: () => problem(413, 'PAYLOAD_TOO_LARGE', `The body has more than ${maxBodyBytes} bytes when it is inflated.`),
  data: () => problem(400, 'BAD_JSON', 'The body is not compressed as Content-Encoding says.'),
};
