import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { IncidentRow } from '../../workflows/view-contract.js';
import { forStrangers, type KnownAlarm } from '../health/alarm.js';
import { cached } from '../cached.js';
import { hashOf } from '../content-hash.js';
import { allIn } from '../incidents/filters.js';
import { showHome } from '../operations/service.js';
import { homePage } from '../pages/home-page.js';
import type { PublicAddress } from '../public-address.js';
import { version } from '../version.js';
import { listIncidents } from '../incidents/visibility.js';

interface Options {
  address: PublicAddress;
  /** Of other systems: for whoever is signed in. */
  links: Readonly<Record<string, string>>;
  indexed: () => Promise<boolean>;
  alarms: () => Promise<KnownAlarm[]>;
  /** Signs cursors. */
  apiToken: string;
  clock: () => number;
}

const name = 'Tableau Webhooks';
/** Of each state; the page of incidents has the others. */
const mostShown = 20;
/** A result of Temporal is reused for this long. */
const maxAgeMs = 3_000;
/** Of nobody who has an incident, the most urgent first. */
const untaken = ['unacknowledged', 'triggered'] as const;

const Seen = Type.Object({ seen: Type.Optional(Type.String({ maxLength: 64 })) });

/**
 * `GET /`: what this is and what is wrong, for everybody who knows the address: counts, and no names. Whoever is signed in sees which incidents nobody has
 * taken, whom alarms concern, and where other systems are. As JSON only these addresses differ.
 */
export const home: FastifyPluginAsyncTypebox<Options> = async (scope, options) => {
  const { address, links, indexed, alarms, apiToken, clock } = options;
  const { temporal } = scope;
  const about = { name, version: version() };
  const ownLinks = {
    Incidents: `${address.base}/incidents`,
    Health: `${address.base}/healthz`,
    Readiness: `${address.base}/readyz`,
    'For programs': `${address.base}/docs`,
    OpenAPI: `${address.base}/openapi.json`,
  };

  const open = cached(
    async (): Promise<{ incidents: IncidentRow[]; more: boolean } | null> => {
      try {
        const lists = await temporal.request(temporal.timeouts.readyTimeoutMs, async (client) => {
          const wanted = { limit: mostShown, cursor: null, indexed: await indexed(), secret: apiToken };
          return Promise.all(
            untaken.map((state) => listIncidents(client, { ...wanted, filters: allIn(state), scope: state })),
          );
        });
        return {
          incidents: lists.flatMap(({ incidents }) => incidents),
          more: lists.some(({ next }) => next !== null),
        };
      } catch (err) {
        scope.log.warn({ err }, 'the open incidents cannot be read from Temporal');
        return null;
      }
    },
    maxAgeMs,
    clock,
  );

  const onRequest = [scope.limits.home, scope.shed, scope.recognizes];
  scope.get('/', { onRequest, schema: showHome }, async (request, reply) => {
    const found = await alarms();
    void reply.headers({ 'cache-control': 'no-store', vary: 'accept, authorization, cookie' });
    const { person } = request;
    const shownLinks = person ? { ...ownLinks, ...links } : ownLinks;
    if (request.accepts().type(['html', 'json']) === 'json')
      return { ...about, alarms: found.map(forStrangers), links: shownLinks };
    void reply.type('text/html; charset=utf-8');
    const shown = {
      ...about,
      prefix: address.prefix,
      alarms: found.map(person ? (one) => one : forStrangers),
      links: shownLinks,
    };
    if (person === null) return homePage({ ...shown, clock: { now: clock(), zone: 'UTC' } });
    const navigation = { current: '/', person: person.name, csrf: reply.generateCsrf() };
    const untakenNow = await open();
    const live = `${address.prefix}/live/overview?seen=${hashOf([found, untakenNow])}`;
    return homePage({
      ...shown,
      clock: { now: clock(), zone: person.zone },
      known: { navigation, live, open: untakenNow },
    });
  });

  const topic = { key: 'overview', read: async () => hashOf([await alarms(), await open()]) };
  scope.get(
    '/live/overview',
    { onRequest: scope.requires('viewer'), schema: { querystring: Seen } },
    async (request, reply) => scope.live(request, reply, topic, request.query.seen ?? ''),
  );
};
