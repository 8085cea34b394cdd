import { setTimeout as sleep } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import type { Catalog } from '../tableau/look-ups/catalog.js';
import type { TableauClient } from '../tableau/rest/client.js';
import { createHistory } from '../tableau/look-ups/history.js';
import { createItemLookUp } from '../tableau/look-ups/item.js';
import type { LineageOf } from '../tableau/look-ups/lineage.js';
import { canBeRefreshed } from '../workflows/contract.js';
import type { BackgroundActivities, BackgroundInput, ItemBackground } from '../workflows/background-contract.js';

interface BackgroundDependencies {
  tableau: TableauClient;
  catalog: Catalog;
  lineageOf: LineageOf;
  logger: BaseLogger;
  /** Somebody looks at a page and waits. */
  withinMs?: number;
}

const nothingKnown: ItemBackground = { owner: null, dependants: null, runs: null };

/** What Tableau has not answered in time goes on, and is cached for whoever looks next. */
export function createBackgroundActivities(dependencies: BackgroundDependencies): BackgroundActivities {
  const { tableau, catalog, lineageOf, logger, withinMs = 1_500 } = dependencies;
  const historyOf = createHistory(tableau);
  // The name alone is shown.
  const lookUpItem = createItemLookUp(catalog, () => null);

  const parts = ({
    item,
    since,
  }: BackgroundInput): [keyof ItemBackground, () => Promise<Partial<ItemBackground>>][] => [
    ['owner', async () => ({ owner: (await lookUpItem(item, AbortSignal.timeout(withinMs))).owner ?? null })],
    ['dependants', async () => ({ dependants: (await lineageOf(item.luid))?.dependants ?? null })],
    ['runs', async () => ({ runs: await historyOf(item, since) })],
  ];

  return {
    async readBackground(input) {
      const { item } = input;
      if (!canBeRefreshed(item) || !/^[\w-]+$/.test(item.luid)) return nothingKnown;
      let known = nothingKnown;
      const reads = parts(input).map(async ([part, read]) => {
        try {
          const found = await read();
          known = { ...known, ...found };
        } catch (error) {
          logger.info({ luid: item.luid, part, why: String(error) }, 'not known for a page');
        }
      });
      await Promise.race([Promise.all(reads), sleep(withinMs, undefined, { ref: false })]);
      return known;
    },
  };
}
