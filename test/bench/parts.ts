import type { PartResult } from './figures.js';
import { ladder } from './ladder.js';
import { latency } from './latency.js';
import { openSite, type Site, type SiteOptions } from './site.js';

export interface Part {
  name: string;
  what: string;
  run: (quick: boolean) => Promise<PartResult>;
}

/** Each part has a site of its own, so that none measures what another left behind. */
const on =
  (options: SiteOptions, measure: (site: Site, quick: boolean) => Promise<PartResult>) =>
  async (quick: boolean): Promise<PartResult> => {
    const site = await openSite(options);
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
    run: on({}, (site, quick) => latency(site, { pairs: quick ? 5 : 60 })),
  },
  {
    name: 'ladder',
    what: 'Temporal actions, bytes and requests of one incident',
    run: on({}, (site) => ladder(site)),
  },
];
