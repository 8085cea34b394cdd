/**
 * How many webhooks a second become durable, beside how many bare signalWithStart calls do. No worker runs: accepting needs
 * none, and its work would be measured with it. Both are driven from this process, which has to speak HTTP for ours and gRPC
 * for the floor; ours also has the api's process, which shares the cores with Temporal and with this one.
 */
import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { searchAttributes } from '../../src/workflows/contract.js';
import type { Dress } from './floor/floor.js';
import { spreadOf, type PartResult, type Spread } from './figures.js';
import { inLanes } from './lanes.js';
import { connections, type Site } from './site.js';

interface Round {
  /** Requests that were answered 200, and the milliseconds of all. */
  accepted: number;
  ms: number;
  took: number[];
  errors: number;
}

const warmUp = 100;

export async function accept(site: Site, { rounds, count }: { rounds: number; count: number }): Promise<PartResult> {
  await Promise.all([site.service.worker.stop(), site.floor.worker.stop()]);
  const ways = {
    ours: async () => (await site.webhook('WorkbookRefreshFailed', randomUUID())).status === 200,
    bare: () => site.floor.signalWithStart().then(() => true),
    // What of the difference is what Temporal stores, and not the api.
    dressed: () => site.floor.signalWithStart(dress()).then(() => true),
  };
  const names = ['ours', 'bare', 'dressed'] as const;
  const measured: Record<(typeof names)[number], Round[]> = { ours: [], bare: [], dressed: [] };
  for (const name of names) await oneRound(Math.min(warmUp, count), ways[name]);
  for (let round = 0; round < rounds; round += 1) {
    // Whoever goes first goes last in the next round: the database grows.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      measured[name].push(await oneRound(count, ways[name]));
    }
  }
  const [ours, bare, dressed] = [measured.ours, measured.bare, measured.dressed].map(together);
  if (!ours || !bare || !dressed) throw new Error('nothing was measured');
  return {
    rows: [
      {
        measure: `webhooks accepted, ${connections} connections`,
        value: ours.perSecond,
        unit: '/s',
        floor: bare.perSecond,
        aim: { what: 'ratio', least: 0.9 },
      },
      {
        measure: 'the same, to signalWithStart with our memo and attributes',
        value: ours.perSecond,
        unit: '/s',
        floor: dressed.perSecond,
      },
      { measure: 'until a webhook is answered, p50', value: ours.took.p50, unit: 'ms', floor: bare.took.p50 },
      { measure: 'until a webhook is answered, p99', value: ours.took.p99, unit: 'ms', floor: bare.took.p99 },
      { measure: 'webhooks that were not answered 200', value: ours.errors, unit: '', aim: { what: 'value', most: 0 } },
    ],
    raw: { rounds: measured, ours, bare, dressed },
  };
}

async function oneRound(count: number, work: () => Promise<boolean>): Promise<Round> {
  const began = performance.now();
  let errors = 0;
  const took = await inLanes(count, connections, async () => {
    const start = performance.now();
    if (!(await work().catch(() => false))) errors += 1;
    return performance.now() - start;
  });
  return { accepted: count - errors, ms: performance.now() - began, took, errors };
}

/** The rounds took unequally long: the rate of all is what was accepted through the time of all. */
function together(rounds: readonly Round[]): { perSecond: number; took: Spread; errors: number } {
  const sumOf = (key: 'accepted' | 'ms' | 'errors'): number => rounds.reduce((sum, round) => sum + round[key], 0);
  return {
    perSecond: (1_000 * sumOf('accepted')) / sumOf('ms'),
    took: spreadOf(rounds.flatMap(({ took }) => took)),
    errors: sumOf('errors'),
  };
}

/** As large as what the api sends with a webhook. */
function dress(): Dress {
  const luid = randomUUID();
  const at = new Date().toISOString();
  const keyword = (name: string, value: string) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  });
  return {
    staticSummary: `Workbook Item ${luid}: refresh failed`,
    memo: {
      incident: {
        id: `refresh:${luid}:${luid}`,
        state: 'triggered',
        item: { kind: 'workbook', luid, name: `Item ${luid}`, site: luid },
        event: 'WorkbookRefreshFailed',
        failures: 1,
        firstFailedAt: at,
        lastFailedAt: at,
        acknowledgedBy: null,
        policy: 'once',
        step: 0,
        next: null,
      },
    },
    typedSearchAttributes: [
      keyword(searchAttributes.state, 'triggered'),
      keyword(searchAttributes.item, `Item ${luid}`),
      keyword(searchAttributes.event, 'WorkbookRefreshFailed'),
    ],
  };
}
