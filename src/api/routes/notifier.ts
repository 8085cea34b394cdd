import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowNotFoundError,
  type SearchAttributePair,
} from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { routeEvent, type Escalation } from '../../policy/route.js';
import {
  incidentType,
  incidentWorkflowId,
  publicName,
  searchAttributes,
  taskQueues,
  type IncidentInput,
  type Policy,
  type TableauEvent,
} from '../../workflows/contract.js';
import { eventSignal } from '../../workflows/messages.js';
import {
  firstRow,
  incidentEndedBy,
  incidentIdFor,
  isSuccess,
  maxKeywordBytes,
  oneLine,
  readDelivery,
  summaryOf,
} from '../events.js';
import { problem, unauthorized } from '../plugins/errors.js';
import type { PublicAddress } from '../public-address.js';
import { isOneOf } from '../secrets.js';
import { textOf } from '../utf8.js';

interface Options {
  address: PublicAddress;
  webhookSecrets: readonly string[];
  escalation: Escalation;
  /** Whether the namespace knows our search attributes. */
  indexed: () => Promise<boolean>;
  clock: () => number;
}

interface BySecret {
  Params: { secret?: string };
  Querystring: { secret?: unknown };
}

const bodyLimit = 64 * 1024;

/** Where Tableau posts: `/notifier/<secret>`, or `/notifier?secret=`. 200 means that Temporal has the event. */
export const notifier: FastifyPluginAsync<Options> = async (
  scope,
  { address, webhookSecrets, escalation, indexed, clock },
) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, done) => {
    const text = textOf(body)
      ?.replace(/^\uFEFF/, '')
      .trim();
    if (text === undefined) return done(problem(400, 'BAD_JSON', 'The body is not UTF-8.'));
    try {
      done(null, text === '' ? undefined : JSON.parse(text));
    } catch {
      done(problem(400, 'BAD_JSON', 'The body is not valid JSON.'));
    }
  });

  async function checkSecret(request: FastifyRequest<BySecret>): Promise<void> {
    const secret = request.params.secret ?? request.query.secret;
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
    const isResolving =
      ended !== null && (await deliver(request, event, ended, (client) => signalOpen(client, ended, event)));
    const policy = isSuccess(event.type) ? null : routeEvent(escalation, event.type);
    if (policy === null) return isResolving ? { status: 'accepted', incident: ended } : { status: 'ignored' };
    const incident = incidentIdFor(event);
    await deliver(request, event, incident, (client) => open(client, incident, event, policy));
    return { status: 'accepted', incident };
  }

  /** Whether Temporal took the event; 503 when it does not answer in time. */
  async function deliver(
    request: FastifyRequest,
    { type }: TableauEvent,
    incident: string,
    signal: (client: Client) => Promise<boolean>,
  ): Promise<boolean> {
    const about = { event: type, incident };
    const taken = await scope.temporal.deliver(about, signal);
    if (taken) request.log.info(about, 'event accepted');
    return taken;
  }

  async function open(client: Client, id: string, event: TableauEvent, policy: Policy): Promise<true> {
    const { lingerMs, forgetMs } = escalation.settings;
    const known = await indexed();
    const input: IncidentInput = { id, settings: { lingerMs, forgetMs }, searchAttributes: known };
    await client.workflow.signalWithStart(incidentType, {
      workflowId: incidentWorkflowId(id),
      taskQueue: taskQueues.incidents,
      args: [input],
      signal: eventSignal,
      signalArgs: [{ event, policy }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: summaryOf(event),
      memo: { incident: firstRow(id, event, policy.name) },
      ...(known ? { typedSearchAttributes: attributesOf(event) } : {}),
    });
    return true;
  }

  /** An event that ends an incident goes to the open one, and starts nothing. */
  async function signalOpen(client: Client, id: string, event: TableauEvent): Promise<boolean> {
    try {
      await client.workflow.getHandle(incidentWorkflowId(id)).signal(eventSignal, { event });
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  const home = async (_request: unknown, reply: FastifyReply) => reply.redirect(`${address.prefix}/`, 302);
  for (const path of ['/notifier', '/notifier/:secret']) {
    scope.post<BySecret>(path, { bodyLimit, onRequest: checkSecret }, receive);
    scope.get(path, home);
  }
};

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const keys = {
  state: keyword(searchAttributes.state),
  item: keyword(searchAttributes.item),
  event: keyword(searchAttributes.event),
};

const attributesOf = (event: TableauEvent): SearchAttributePair[] => [
  { key: keys.state, value: 'triggered' },
  { key: keys.item, value: oneLine(publicName(event.item), maxKeywordBytes) },
  { key: keys.event, value: oneLine(event.type, maxKeywordBytes) },
];
