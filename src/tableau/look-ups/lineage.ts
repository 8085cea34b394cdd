import { setTimeout as sleep } from 'node:timers/promises';
import { hour, minute, second } from '../../workflows/contract.js';
import { createCache } from '../cache.js';
import type { TableauClient } from '../rest/client.js';
import { isRefused } from '../rest/errors.js';
import { elements, shown, timeOf } from '../rest/reading.js';
import { Downstream, Extract, type LineageNode } from '../rest/schemas.js';
import { sharedRequestSignal } from '../rest/timeouts.js';

export interface Lineage {
  downstreamWorkbooks?: number;
  /** The names of some of them. */
  dependants?: string[];
  /** When the extract was last updated. */
  updatedAt?: number;
}

export type LineageOf = (luid: string) => Promise<Lineage | undefined>;

/** In a storm a request waits for other items, to carry several. The first request of a while does not wait. */
const batch = { delayMs: 30, maxItems: 50 };
/** How long no request is sent after a refusal. */
const disabledMs = hour;

/**
 * Reads items from the Metadata API, several in one request. Where it is not enabled, or this version has none, the result is undefined, and
 * the next request follows an hour later. https://help.tableau.com/current/api/metadata_api/en-us/index.html
 */
export function createLineage(tableau: TableauClient): LineageOf {
  const cache = createCache<Lineage | undefined>({ ttlMs: minute, failureTtlMs: () => second, maxEntries: 2_000 });
  let disabledUntil = 0;
  let lastBatchAt = 0;
  let waiting: { luids: string[]; answer: Promise<Map<string, Lineage>> } | undefined;

  async function request(luids: string[]): Promise<Map<string, Lineage>> {
    if (Date.now() < disabledUntil) return new Map();
    try {
      const nodes = await tableau.lineage(luids, sharedRequestSignal());
      return new Map(nodes.map((node) => [String(node.luid), lineageIn(node)]));
    } catch (error) {
      if (!isRefused(error)) throw error;
      disabledUntil = Date.now() + disabledMs;
      return new Map();
    }
  }

  function requestInBatch(luid: string): Promise<Map<string, Lineage>> {
    if (waiting && waiting.luids.length < batch.maxItems) {
      waiting.luids.push(luid);
      return waiting.answer;
    }
    const luids = [luid];
    const isFirst = Date.now() - lastBatchAt > batch.delayMs;
    lastBatchAt = Date.now();
    const delay = isFirst ? Promise.resolve() : sleep(batch.delayMs);
    const answer = delay.then(() => {
      if (waiting?.luids === luids) waiting = undefined;
      return request(luids);
    });
    waiting = { luids, answer };
    return answer;
  }

  const load = async (luid: string) =>
    Date.now() < disabledUntil ? undefined : (await requestInBatch(luid)).get(luid);
  return (luid) => cache.get(luid, () => load(luid));
}

/** A page shows no more. */
const mostNames = 10;

function lineageIn(node: LineageNode): Lineage {
  const downstream = elements(node.downstreamWorkbooks, '', Downstream);
  const workbooks = new Set(downstream.map(({ luid }) => String(luid)));
  const names = new Set(downstream.flatMap(({ name }) => shown(name) ?? []));
  const own = timeOf(node.extractLastUpdateTime);
  const times = own === undefined ? elements(node.embeddedDatasources, '', Extract).flatMap(timesIn) : [own];
  // Extracts of one workbook that are far apart were not updated by the same refresh.
  const apart = Math.max(...times) - Math.min(...times) > 12 * hour;
  return {
    ...(Array.isArray(node.downstreamWorkbooks) && {
      downstreamWorkbooks: workbooks.size,
      dependants: [...names].slice(0, mostNames),
    }),
    ...(times.length > 0 && !apart && { updatedAt: Math.min(...times) }),
  };
}

const timesIn = ({ extractLastUpdateTime }: { extractLastUpdateTime?: string | number | null }): number[] => {
  const at = timeOf(extractLastUpdateTime);
  return at === undefined ? [] : [at];
};
