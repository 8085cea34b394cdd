import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { homePage, type Alarm } from '../home-page.js';
import type { PublicAddress } from '../public-address.js';
import { countOpen } from '../visibility.js';
import type { WorkersState } from './health.js';

interface Options {
  address: PublicAddress;
  links: Readonly<Record<string, string>>;
  indexed: () => Promise<boolean>;
  workers?: (() => WorkersState) | undefined;
}

const name = 'Tableau Webhooks';

// The same place from src/api/routes and from dist/api/routes.
const packageFile = new URL('../../../package.json', import.meta.url);
const version = (): string =>
  Value.Parse(Type.Object({ version: Type.String() }), JSON.parse(readFileSync(packageFile, 'utf8'))).version;

/** What this is and what is wrong, for everybody who knows the address: counts, and no names. */
export const home: FastifyPluginAsync<Options> = async (scope, { address, links, indexed, workers }) => {
  const about = { name, version: version() };
  const allLinks = {
    Incidents: `${address.base}/incidents`,
    Health: `${address.base}/healthz`,
    Readiness: `${address.base}/readyz`,
    ...links,
  };

  async function alarms(): Promise<Alarm[]> {
    const found: Alarm[] = [];
    try {
      const count = await scope.temporal.within(scope.temporal.patience.ready, async (client) =>
        countOpen(client, 'unacknowledged', await indexed()),
      );
      const what = count === 1 ? '1 incident is' : `${count} incidents are`;
      if (count > 0)
        found.push({ code: 'incidents-unacknowledged', message: `${what} unacknowledged: nobody answered.` });
    } catch (err) {
      scope.log.warn({ err }, 'Temporal does not tell how many incidents are unacknowledged');
      found.push({ code: 'temporal-away', message: 'Temporal does not answer: new events are refused until it does.' });
    }
    if (workers?.().begun === false)
      found.push({ code: 'workers-not-begun', message: 'The workers have not begun: nobody is paged yet.' });
    return found;
  }

  scope.get('/', async (request, reply) => {
    const shown = { ...about, alarms: await alarms(), links: allLinks };
    void reply.headers({ 'cache-control': 'no-store', vary: 'accept' });
    if (request.accepts().type(['html', 'json']) === 'json') return shown;
    void reply.headers({
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    });
    return reply.type('text/html; charset=utf-8').send(homePage(shown));
  });
};
