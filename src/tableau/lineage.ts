import { setTimeout as pause } from 'node:timers/promises';
import type { TableauClient } from './client.js';
import { isRefused } from './errors.js';
import { elements, timeOf } from './reading.js';
import { createRemembered } from './cache.js';
import { Extract, Luid, type LineageNode } from './schemas.js';

export interface Lineage {
  downstreamWorkbooks?: number;
  /** When the extract was last brought up to date. */
  updatedAt?: number;
}

const hour = 3_600_000;
/** In a storm questions are gathered for so long, milliseconds, and so many are asked at a time. One alone is asked at once. */
const gathering = { for: 30, most: 50 };

/**
 * Asks the Metadata API about items, many at a time. Where it is not enabled, or unknown to this version, nothing is known and
 * it is left alone for an hour. https://help.tableau.com/current/api/metadata_api/en-us/index.html
 */
export function createLineage(tableau: TableauClient): (luid: string) => Promise<Lineage | undefined> {
  const known = createRemembered<Lineage | undefined>({ keep: 60_000, keepFailure: () => 1_000, most: 2_000 });
  let offUntil = 0;
  let newest = 0;
  let next: { luids: string[]; answer: Promise<Map<string, Lineage>> } | undefined;

  async function ask(luids: string[]): Promise<Map<string, Lineage>> {
    if (Date.now() < offUntil) return new Map();
    try {
      const nodes = await tableau.lineage(luids, AbortSignal.timeout(9_000));
      return new Map(nodes.map((node) => [String(node.luid), lineageIn(node)]));
    } catch (error) {
      if (!isRefused(error)) throw error;
      offUntil = Date.now() + hour;
      return new Map();
    }
  }

  function gathered(luid: string): Promise<Map<string, Lineage>> {
    if (next && next.luids.length < gathering.most) {
      next.luids.push(luid);
      return next.answer;
    }
    const luids = [luid];
    const isAlone = Date.now() - newest > gathering.for;
    newest = Date.now();
    const more = isAlone ? Promise.resolve() : pause(gathering.for);
    const answer = more.then(() => {
      if (next?.luids === luids) next = undefined;
      return ask(luids);
    });
    next = { luids, answer };
    return answer;
  }

  return (luid) => known.get(luid, async () => (Date.now() < offUntil ? undefined : (await gathered(luid)).get(luid)));
}

function lineageIn(node: LineageNode): Lineage {
  const workbooks = new Set(elements(node.downstreamWorkbooks, '', Luid).map(({ luid }) => String(luid)));
  const own = timeOf(node.extractLastUpdateTime);
  const times = own === undefined ? elements(node.embeddedDatasources, '', Extract).flatMap(timesIn) : [own];
  // Extracts of one workbook that are far apart were not brought up to date by the same refresh.
  const apart = Math.max(...times) - Math.min(...times) > 12 * hour;
  return {
    ...(Array.isArray(node.downstreamWorkbooks) && { downstreamWorkbooks: workbooks.size }),
    ...(times.length > 0 && !apart && { updatedAt: Math.min(...times) }),
  };
}

const timesIn = ({ extractLastUpdateTime }: { extractLastUpdateTime?: string | number | null }): number[] => {
  const at = timeOf(extractLastUpdateTime);
  return at === undefined ? [] : [at];
};
