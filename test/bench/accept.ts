/**
 * Webhooks accepted per second, compared with bare signalWithStart calls. No worker runs: accepting needs none, and its work would
 * be measured too. This process drives both, by HTTP for ours and gRPC for the floor; ours also needs the api's process, which
 * shares the cores with Temporal and with this one.
 */
import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { beginningRow } from '../../src/temporal/incident-row.js';
import { searchAttributes } from '../../src/workflows/contract.js';
import type { StartMetadata } from './floor/floor.js';
import { spreadOf, type PartResult, type Spread } from './figures.js';
import { inLanes } from './lanes.js';
import { connections, type Site } from './site.js';

interface Round {
  /** Requests that were answered 200. */
  accepted: number;
  /** Of the whole round. */
  durationMs: number;
  /** Of each request. */
  requestMs: number[];
  errors: number;
}

const warmUpCount = 100;

export async function accept(site: Site, { rounds, count }: { rounds: number; count: number }): Promise<PartResult> {
  // With one process for both its worker goes on, and is measured too.
  const isApart = site.service.worker !== site.service.api;
  await Promise.all([isApart && site.service.worker.stop(), site.floor.worker.stop()]);
  const requests = {
    ours: async () => (await site.webhook('WorkbookRefreshFailed', randomUUID())).status === 200,
    bare: () => site.floor.signalWithStart().then(() => true),
    // Shows how much of the difference is stored metadata, not the api.
    withMetadata: () => site.floor.signalWithStart(metadata()).then(() => true),
  };
  const names = ['ours', 'bare', 'withMetadata'] as const;
  const measured: Record<(typeof names)[number], Round[]> = { ours: [], bare: [], withMetadata: [] };
  for (const name of names) await oneRound(Math.min(warmUpCount, count), requests[name]);
  for (let round = 0; round < rounds; round += 1) {
    // The order alternates, as the database grows.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      measured[name].push(await oneRound(count, requests[name]));
    }
  }
  const [ours, bare, withMetadata] = [measured.ours, measured.bare, measured.withMetadata].map(together);
  if (!ours || !bare || !withMetadata) throw new Error('nothing was measured');
  return {
    rows: [
      {
        measure: `webhooks accepted, ${connections} connections`,
        value: ours.perSecond,
        unit: '/s',
        floor: bare.perSecond,
        aim: { what: 'ratio', least: 5 },
      },
      {
        measure: 'the same, to signalWithStart with our memo and attributes',
        value: ours.perSecond,
        unit: '/s',
        floor: withMetadata.perSecond,
      },
      { measure: 'time to answer a webhook, p50', value: ours.requestMs.p50, unit: 'ms', floor: bare.requestMs.p50 },
      { measure: 'time to answer a webhook, p99', value: ours.requestMs.p99, unit: 'ms', floor: bare.requestMs.p99 },
      { measure: 'webhooks that were not answered 200', value: ours.errors, unit: '', aim: { what: 'value', most: 0 } },
    ],
    raw: { rounds: measured, ours, bare, withMetadata },
  };
}

async function oneRound(count: number, work: () => Promise<boolean>): Promise<Round> {
  const began = performance.now();
  let errors = 0;
  const requestMs = await inLanes(count, connections, async () => {
    const start = performance.now();
    if (!(await work().catch(() => false))) errors += 1;
    return performance.now() - start;
  });
  return { accepted: count - errors, durationMs: performance.now() - began, requestMs, errors };
}

/** Rounds differ in duration, so the overall rate is all accepted requests divided by the whole time. */
function together(rounds: readonly Round[]): { perSecond: number; requestMs: Spread; errors: number } {
  const sumOf = (key: 'accepted' | 'durationMs' | 'errors'): number =>
    rounds.reduce((sum, round) => sum + round[key], 0);
  return {
    perSecond: (1_000 * sumOf('accepted')) / sumOf('durationMs'),
    requestMs: spreadOf(rounds.flatMap(({ requestMs }) => requestMs)),
    errors: sumOf('errors'),
  };
}

/** As large as the metadata that the api sends with a webhook. */
function metadata(): StartMetadata {
  const luid = randomUUID();
  const keyword = (name: string, value: string) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  });
  return {
    staticSummary: `Workbook Item ${luid}: refresh failed`,
    memo: {
      incident: beginningRow({
        id: `refresh:${luid}:${luid}`,
        item: { kind: 'workbook', luid, name: `Item ${luid}`, site: luid },
        event: 'WorkbookRefreshFailed',
        at: Date.now(),
        policy: 'once',
      }),
    },
    typedSearchAttributes: [
      keyword(searchAttributes.state, 'triggered'),
      keyword(searchAttributes.item, `Item ${luid}`),
      keyword(searchAttributes.event, 'WorkbookRefreshFailed'),
    ],
  };
}
