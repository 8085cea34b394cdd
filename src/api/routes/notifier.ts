import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowNotFoundError,
  type SearchAttributePair,
} from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
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
import { inflatedBody, maxBodyBytes, textOf } from '../request-body.js';

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

/** Where Tableau posts: `/notifier/<secret>`, or `/notifier?secret=`. 200 means that Temporal has the event. */
export const notifier: FastifyPluginAsync<Options> = async (scope, options) => {
  const { address, webhookSecrets, escalation, clock } = options;
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
    const isResolving =
      ended !== null && (await deliver(request, event, ended, (client) => signalRunning(client, ended, event)));
    const policy = isSuccess(event.type) ? null : routeEvent(escalation, event.type);
    if (policy === null) return isResolving ? { status: 'accepted', incident: ended } : { status: 'ignored' };
    const incident = incidentIdFor(event);
    await deliver(request, event, incident, (client) => signalWithStart(client, options, incident, event, policy));
    return { status: 'accepted', incident };
  }

  /** Whether an incident received the event. Throws a 503 when Temporal does not answer in time. */
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
    scope.post<BySecret>(path, { bodyLimit: maxBodyBytes, onRequest: checkSecret }, receive);
    scope.get(path, home);
  }
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

async function signalWithStart(
  client: Client,
  { escalation, indexed }: Options,
  id: string,
  event: TableauEvent,
  policy: Policy,
): Promise<true> {
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

/** Signals an event that ends an incident to the running one; false when none runs. It starts nothing. */
async function signalRunning(client: Client, id: string, event: TableauEvent): Promise<boolean> {
  try {
    await client.workflow.getHandle(incidentWorkflowId(id)).signal(eventSignal, { event });
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

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
