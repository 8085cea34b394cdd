/** The endpoints of outgoing webhooks, as the activity `reportChanges` reaches them: late, in part, or without a result. */
import { minute, second } from '../../src/workflows/contract.js';
import { isEnd } from '../../src/workflows/change-types.js';
import type { IncidentChange, ReportInput, ReportResult } from '../../src/workflows/webhook-contract.js';
import type { Clock } from './clock.js';
import type { Faults } from './night.js';
import type { Random } from './random.js';

interface Options {
  clock: Clock;
  random: Random;
  faults: () => Faults;
  violations: string[];
  trace: (text: () => string) => void;
}

export interface SimulatedEndpoints {
  /** @param end is called once, unless it is cancelled; null: no worker gave a result */
  report: (input: ReportInput, end: (result: ReportResult | null) => void) => { cancel: () => void };
  /** Everything is over: whatever an endpoint has heard of has ended. */
  judgeEnd: () => void;
}

const endpoints = ['team', 'pager'] as const;
const startToCloseMs = 20 * second;

export function createEndpoints({ clock, random, faults, violations, trace }: Options): SimulatedEndpoints {
  /** By endpoint and source: the changes that it has, without copies. */
  const taken = new Map<string, IncidentChange[]>();
  const running = new Set<string>();
  const unreachableUntil = new Map<string, number>();

  /** As the workflow of an endpoint takes them: what it has seen is a copy. */
  function take(endpoint: string, changes: readonly IncidentChange[]): void {
    for (const change of changes) {
      const key = `${endpoint} ${change.source}`;
      const before = taken.get(key) ?? [];
      const last = before.at(-1)?.n ?? 0;
      if (change.n <= last) continue;
      if (change.n > last + 1) violations.push(`${key} did not get change ${last + 1} before ${change.n}`);
      taken.set(key, [...before, change]);
    }
  }

  function isReached(endpoint: string): boolean {
    if (clock.now() < (unreachableUntil.get(endpoint) ?? 0)) return false;
    if (!random.chance(faults().unreachable)) return true;
    unreachableUntil.set(endpoint, clock.now() + random.pick([20 * second, 10 * minute] as const));
    return false;
  }

  return {
    report({ changes }, end) {
      const source = changes[0]?.source ?? '';
      if (running.has(source)) violations.push(`two reports of ${source} run at once`);
      running.add(source);
      let isCancelled = false;
      trace(() => `report of ${source}: ${changes.map(({ n, type }) => `${n} ${type}`).join(', ')}`);
      const { lag, repeat } = faults();
      clock.after(random.chance(lag) ? random.between(0, 9_000) : random.between(5, 300), () => {
        const reached = endpoints.filter(isReached);
        const dies = random.chance(repeat);
        for (const endpoint of reached) if (!dies || random.chance(0.5)) take(endpoint, changes);
        clock.after(dies ? startToCloseMs : 5, () => {
          if (isCancelled) return;
          running.delete(source);
          const unreached = endpoints.filter((endpoint) => !reached.includes(endpoint));
          end(dies ? null : { told: [...endpoints], unreached });
        });
      });
      return {
        // The activity does not notice it: what it signals then may come after the next report.
        cancel() {
          isCancelled = true;
          running.delete(source);
        },
      };
    },
    judgeEnd() {
      for (const [key, changes] of taken) {
        const last = changes.at(-1);
        if (last && !isEnd(last.type)) violations.push(`${key} heard of it, and not of its end: ${last.type}`);
      }
    },
  };
}
