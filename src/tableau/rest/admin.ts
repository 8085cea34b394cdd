/** Requests of an administrator to Tableau: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_webhooks.htm */
import { create } from 'axios';
import type { BaseLogger } from 'pino';
import { Type } from 'typebox';
import { refusal, TableauError, unanswered, type TableauProblem } from './errors.js';
import { countOf, elements, shown } from './reading.js';
import { createLabelRequests, createLabelTransport } from './labels.js';
import { Anything, as, DatasourcesAnswer, Named } from './schemas.js';
import { versionOf } from './sign-in.js';
import { createTransport, signOutOf, type Request, type TableauConfig } from './transport.js';

import { listWebhooks, type Webhook } from './webhook-list.js';
import { sourceOf } from './webhook-source.js';

export type NewWebhook = Pick<Webhook, 'name' | 'url'> & { event: string };

export interface TestResult {
  /** The answer of our address, as Tableau reports it; the body in one line, cut. */
  status: number | undefined;
  body: string;
}

/** Something that the service reads, requested in the smallest amount. */
export type Probe = 'workbooks' | 'users' | 'jobs' | 'tasks' | 'lineage';

/** Every method throws a TableauError, as those of `TableauClient` do. */
export interface TableauAdmin {
  /** The versions of the server; needs no sign-in. */
  serverInfo(): Promise<{ apiVersion: string | undefined; product: string | undefined }>;
  /** Signs in, unless that was done, and gives the site's luid. */
  site(): Promise<string>;
  probe(what: Probe): Promise<void>;
  /** Reads the labels of one data source; false where the site has none. */
  canReadLabels(): Promise<boolean>;
  webhooks(): Promise<Webhook[]>;
  create(webhook: NewWebhook): Promise<void>;
  /** Sends the webhook to `url` and enables it. Needs REST API 3.8. */
  update(webhook: Webhook, url: string): Promise<void>;
  remove(webhook: Webhook): Promise<void>;
  /** Tableau's own test call: it posts an empty body to the webhook's address. */
  test(webhook: Webhook): Promise<TestResult>;
  signOut(): Promise<void>;
}

const requestTimeoutMs = 30_000;
/** The first version with webhooks. Servers of any later version support it. */
export const oldestVersion = '3.6';

const TestAnswer = Type.Object({ webhookTestResult: Type.Object({ status: Anything, body: Anything }) });
const InfoAnswer = Type.Object({ serverInfo: Type.Object({ restApiVersion: Anything, productVersion: Anything }) });
const Product = Type.Object({ value: Type.String() });

const ProbeAnswer = Type.Object({ data: Anything });
const withoutData: TableauProblem = {
  type: 'tableau-refused',
  retryable: false,
  message: 'The Metadata API answered, but without data.',
};

const probes: Record<Probe, Request> = {
  workbooks: { path: 'workbooks', params: { pageSize: 1 } },
  users: { path: 'users', params: { pageSize: 1 } },
  jobs: { path: 'jobs', params: { pageSize: 1 } },
  tasks: { path: 'tasks/extractRefreshes' },
  lineage: {
    method: 'post',
    path: '/api/metadata/graphql',
    data: { query: '{ publishedDatasourcesConnection(first: 1) { nodes { luid } } }' },
  },
};

/** For commands that a person runs: one session, which begins with the first request. */
export function createTableauAdmin(config: TableauConfig, logger: BaseLogger): TableauAdmin {
  const transport = createTransport(config, logger, requestTimeoutMs);
  const { send, read, site } = transport;
  const forLabels = createLabelTransport(config, transport, (its) => createTransport(its, logger, requestTimeoutMs));
  const labels = createLabelRequests(forLabels);
  const timeout = () => AbortSignal.timeout(2 * requestTimeoutMs);
  const namesEvents = versionOf(config.apiVersion) >= versionOf('3.9');
  const eventIn = (event: string) => (namesEvents ? { event } : { 'webhook-source': { [sourceOf(event)]: {} } });

  async function change(method: 'post' | 'put' | 'delete', path: string, webhook?: object): Promise<void> {
    const answer = await send('webhooks', { method, path, ...(webhook && { data: { webhook } }) }, timeout());
    if (answer.status < 200 || answer.status > 299) throw new TableauError(refusal(answer, 'webhooks'));
  }

  return {
    serverInfo: () => serverInfo(config.domain),
    site: () => site(timeout()),
    async probe(what) {
      const body = await read(what, probes[what], ProbeAnswer, timeout());
      // GraphQL answers errors with 200.
      if (what === 'lineage' && !body.data) throw new TableauError(withoutData);
    },
    async canReadLabels() {
      const params = { pageSize: 1 };
      const body = await read('datasources', { path: 'datasources', params }, DatasourcesAnswer, timeout());
      const [first] = elements(body.datasources, 'datasource', Named).flatMap(({ id }) => shown(id) ?? []);
      if (first === undefined) return false;
      await labels.of([first], timeout());
      return true;
    },
    webhooks: () => listWebhooks(transport, timeout),
    create: ({ name, event, url }) => change('post', 'webhooks', { name, ...eventIn(event), ...destination(url) }),
    update: ({ id, name, event }, url) =>
      // With a statusChangeReason beside isEnabled Tableau refuses it (400127).
      change('put', at(id), { name, isEnabled: true, ...(event !== undefined && eventIn(event)), ...destination(url) }),
    remove: ({ id }) => change('delete', at(id)),
    async test({ id }) {
      const { webhookTestResult } = await read('webhooks', { path: `${at(id)}/test` }, TestAnswer, timeout());
      return { status: countOf(Number(webhookTestResult.status)), body: shown(webhookTestResult.body) ?? '' };
    },
    signOut: () => signOutOf([transport, forLabels]),
  };
}

const at = (id: string) => `webhooks/${encodeURIComponent(id)}`;
const destination = (url: string) => ({
  'webhook-destination': { 'webhook-destination-http': { method: 'POST', url } },
});

/** https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_server.htm#get_server_info */
async function serverInfo(domain: string): ReturnType<TableauAdmin['serverInfo']> {
  const http = create({ headers: { Accept: 'application/json' }, validateStatus: () => true, maxRedirects: 0 });
  const { status, data } = await http
    .get<unknown>(`${domain}/api/${oldestVersion}/serverinfo`, { timeout: requestTimeoutMs })
    .catch((error: unknown) => {
      throw new TableauError(unanswered(error, requestTimeoutMs));
    });
  // A proxy before a Tableau that is down, or Tableau during its maintenance: that is not another program.
  if (status >= 500) throw new TableauError(refusal({ status, body: data }, 'sign-in'));
  const info = as(InfoAnswer, data)?.serverInfo;
  return { apiVersion: shown(info?.restApiVersion), product: as(Product, info?.productVersion)?.value };
}
