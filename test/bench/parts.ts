import { accept } from './accept.js';
import type { PartResult } from './figures.js';
import { escalation } from './escalation.js';
import { latency } from './latency.js';
import { open } from './open.js';
import { openSite, type Site, type SiteOptions } from './site.js';
import { storm } from './storm.js';

export interface How {
  /** Fewer of everything. */
  quick: boolean;
  /** One process is both api and worker. */
  together: boolean;
}

export interface Part {
  name: string;
  what: string;
  run: (how: How) => Promise<PartResult>;
}

/** Each part has a site of its own, so that none measures the leftovers of another. */
const on =
  (options: SiteOptions, measure: (site: Site, quick: boolean) => Promise<PartResult>) =>
  async ({ quick, together }: How): Promise<PartResult> => {
    const site = await openSite({ ...options, together });
    try {
      return await measure(site, quick);
    } finally {
      await site.close();
    }
  };

export const parts: readonly Part[] = [
  {
    name: 'latency',
    what: 'webhook → first request at Twilio, and reply → acknowledged, when nothing else happens',
    run: on({}, (site, quick) => latency(site, quick ? { pairs: 5, warmUp: 1 } : { pairs: 60, warmUp: 5 })),
  },
  {
    name: 'escalation',
    what: 'Temporal actions, bytes and requests of one incident',
    run: on({}, (site) => escalation(site)),
  },
  {
    name: 'accept',
    what: 'webhooks accepted per second, beside bare signalWithStart',
    run: on({}, (site, quick) => accept(site, quick ? { rounds: 1, count: 200 } : { rounds: 4, count: 750 })),
  },
  {
    name: 'storm-300',
    what: '300 refreshes fail at once, one ALL acknowledges them',
    run: (how) =>
      on({ window: how.quick ? '3s' : '60s' }, (site, quick) => storm(site, { count: quick ? 30 : 300 }))(how),
  },
  {
    name: 'storm-1000',
    what: '1,000 refreshes fail at once, one ALL acknowledges them',
    run: (how) =>
      on({ window: how.quick ? '3s' : '60s' }, (site, quick) => storm(site, { count: quick ? 60 : 1_000 }))(how),
  },
  {
    name: 'storm-5000',
    what: '5,000 refreshes fail at once, one ALL acknowledges them',
    run: (how) =>
      on({ window: how.quick ? '3s' : '60s' }, (site, quick) => storm(site, { count: quick ? 90 : 5_000 }))(how),
  },
  {
    name: 'open',
    what: '2,000 incidents are open: CPU, memory, and how late timers are',
    run: (how) =>
      on({ window: how.quick ? '3s' : '60s', stepWait: '3s' }, (site, quick) =>
        open(
          site,
          quick
            ? { incidents: 50, idleSeconds: 5, stepWaitMs: 3_000, rounds: 5 }
            : { incidents: 2_000, idleSeconds: 60, stepWaitMs: 3_000, rounds: 5 },
        ),
      )(how),
  },
];
