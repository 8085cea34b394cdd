import type { FastifyPluginAsync } from 'fastify';
import { alarmsOf } from '../alarms.js';
import { cached } from '../cached.js';
import { homePage, type Alarm } from '../home-page.js';
import { showHome } from '../operations/service.js';
import { sourceAlarms } from '../source-alarms.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import type { PublicAddress } from '../public-address.js';
import { version } from '../version.js';
import { workersElsewhere } from '../workers-elsewhere.js';
import type { WorkersState } from './health.js';

interface Options {
  address: PublicAddress;
  links: Readonly<Record<string, string>>;
  indexed: () => Promise<boolean>;
  escalation: EscalationSource;
  workers?: (() => WorkersState) | undefined;
  clock: () => number;
}

const name = 'Tableau Webhooks';
const noWorkers: Alarm = {
  code: 'no-workers',
  message: 'No worker polls for tasks: events are kept, and nobody is paged until one does.',
};
/** A result of Temporal is reused for this long. */
const maxAgeMs = 3_000;

/** What this is and what is wrong, for everybody who knows the address: counts, and no names. */
export const home: FastifyPluginAsync<Options> = async (
  scope,
  { address, links, indexed, escalation, workers, clock },
) => {
  const about = { name, version: version() };
  const allLinks = {
    Incidents: `${address.base}/incidents`,
    Health: `${address.base}/healthz`,
    Readiness: `${address.base}/readyz`,
    'For programs': `${address.base}/docs`,
    OpenAPI: `${address.base}/openapi.json`,
    ...links,
  };

  const askTemporal = cached(
    async (): Promise<Alarm[]> => {
      try {
        return await scope.temporal.request(scope.temporal.timeouts.readyTimeoutMs, async (client) => {
          const [found, working] = await Promise.all([
            alarmsOf(client, await indexed(), escalation.current(), clock()),
            workers !== undefined || workersElsewhere(client, clock()),
          ]);
          return working ? found : [noWorkers, ...found];
        });
      } catch (err) {
        scope.log.warn({ err }, 'the alarms cannot be read from Temporal');
        return [
          { code: 'temporal-unavailable', message: 'Temporal does not answer: new events are refused until it does.' },
        ];
      }
    },
    maxAgeMs,
    clock,
  );

  async function alarms(): Promise<Alarm[]> {
    const found = [...sourceAlarms(escalation), ...(await askTemporal())];
    if (workers?.().begun !== false) return found;
    return [...found, { code: 'workers-not-begun', message: 'The workers have not begun: nobody is paged yet.' }];
  }

  scope.get('/', { onRequest: [scope.limits.home, scope.shed], schema: showHome }, async (request, reply) => {
    const shown = { ...about, alarms: await alarms(), links: allLinks };
    void reply.headers({ 'cache-control': 'no-store', vary: 'accept' });
    if (request.accepts().type(['html', 'json']) === 'json') return shown;
    return reply.type('text/html; charset=utf-8').send(homePage(shown));
  });
};
