/** The machine of freshness with a clock. What its activities answer is up to the test. */
import assert from 'node:assert/strict';
import { day, minute } from '../../../src/workflows/contract.js';
import type { CheckInput, FreshnessCheck, Found, Late } from '../../../src/workflows/freshness-contract.js';
import {
  freshnessMachine,
  type Call,
  type FreshnessEffect,
  type Input,
} from '../../../src/workflows/freshness/machine.js';
import { newFreshness, restoreFreshness } from '../../../src/workflows/freshness/state.js';
import type { DeliverInput, DeliveryReport, IntakeEntry } from '../../../src/workflows/intake-contract.js';

export const start = Date.parse('2026-11-30T07:00Z');

export const late = (name: string, deadline = start, more: Partial<Late> = {}): Late => ({
  item: { kind: 'workbook', luid: name, name, site: 'site' },
  incident: `refresh:site:${name}`,
  summary: `No new data: ${name}`,
  deadline,
  state: 'never-began',
  why: 'No new data by Mon 07:00: its run of 05:00 never began.',
  policy: 'default',
  ...more,
});

export const found = (items: Late[] = [], more: Partial<Found> = {}): Found => ({
  promised: 3,
  late: items,
  isComplete: true,
  more: 0,
  fresh: [],
  policies: {},
  settings: { lingerMs: 1, forgetMs: 7 * day },
  searchAttributes: false,
  ...more,
});

export type Running = Extract<FreshnessEffect, { type: 'activity' }>;
export function watch() {
  // The sweep of labels has tests of its own.
  let state = { ...newFreshness(), sweep: { id: null as string | null, nextAt: start + 1_000 * day } };
  let now = start;
  let draining = false;
  const running: Running[] = [];
  const logged: string[] = [];
  const memo: Record<string, unknown> = {};
  /** The keys of each upsert. */
  const upserts: string[][] = [];
  let end: 'completed' | 'cancelled' | null = null;
  const env = () => ({ now, draining });

  function advance(): void {
    for (const effect of freshnessMachine.advance(state, env())) {
      if (effect.type === 'activity') running.push(effect);
      if (effect.type === 'log') {
        const { level, message, about } = effect.line;
        logged.push(`${level} ${typeof about['alarm'] === 'string' && level === 'error' ? about['alarm'] : message}`);
      }
      if (effect.type === 'memo') {
        Object.assign(memo, effect.memo);
        upserts.push(Object.keys(effect.memo).toSorted());
      }
      if (effect.type === 'end') end = effect.cancelled ? 'cancelled' : 'completed';
    }
  }
  function input(one: Input): void {
    freshnessMachine.handle(state, one, env());
    advance();
  }
  /** The activity of this name that runs; it is taken from those. */
  function take(name: Call['activity']): Running {
    const index = running.findIndex(({ call }) => call.activity === name);
    const [effect] = index < 0 ? [] : running.splice(index, 1);
    assert.ok(effect, `${name} does not run`);
    return effect;
  }
  function deliveryInput(): DeliverInput {
    const call = running.find((effect) => effect.call.activity === 'deliver')?.call;
    assert.ok(call?.activity === 'deliver', 'no delivery runs');
    return call.input;
  }

  /** The look that runs ends; unless the test says otherwise the next one is in an hour. */
  function look(result: Found | null, more: Partial<FreshnessCheck> = {}): void {
    const { id } = take('checkFreshness');
    const check: FreshnessCheck = {
      promises: 'one',
      memory: `memory of ${id}`,
      found: result,
      alarms: [],
      operators: [],
      next: { at: now + (result ? 60 : 1) * minute, what: 'Look at Tableau again' },
      ...more,
    };
    input({ type: 'completed', id, result: { activity: 'checkFreshness', result: check } });
  }

  advance();
  return {
    state: () => state,
    now: () => now,
    running: () => running.map(({ call }) => call.activity),
    logged,
    memo: (key = 'freshness') => memo[key],
    upserts,
    end: () => end,
    input,
    take,
    deliveryInput,
    lookInput(): CheckInput {
      const call = running.find((effect) => effect.call.activity === 'checkFreshness')?.call;
      assert.ok(call?.activity === 'checkFreshness', 'no look runs');
      return call.input;
    },
    look,
    announce: (promises: string) => input({ type: 'promises', signal: { promises } }),
    fail: (name: Call['activity']) => {
      const failure = { type: 'timeout', message: 'too late', detail: undefined };
      input({ type: 'failed', id: take(name).id, failure });
    },
    /** The entries of the delivery that runs, which ends. */
    delivered(report: Partial<DeliveryReport> = {}): IntakeEntry[] {
      const { entries } = deliveryInput();
      const result = { waiting: [], failed: [], hasEarlierBatch: false, ...report };
      input({ type: 'completed', id: take('deliver').id, result: { activity: 'deliver', result } });
      return entries;
    },
    /** What operators get by the notices that run, which their pagers take. */
    noticed(): string[] {
      const { id, call } = take('signalPagers');
      assert.ok(call.activity === 'signalPagers');
      const { messages } = call.input;
      input({ type: 'completed', id, result: { activity: 'signalPagers', result: { unreached: [] } } });
      return messages.flatMap(({ contact, payload }) => ('text' in payload ? [`${contact}: ${payload.text}`] : []));
    },
    wake: () => freshnessMachine.wakeAt(state, env()),
    /** Sleeps until the machine wants to go on; gives how long that was. */
    sleep(): number {
      const wake = freshnessMachine.wakeAt(state, env());
      assert.ok(wake && wake.at > now, `it sleeps until ${wake?.at} at ${now}`);
      const sleptMs = wake.at - now;
      now = wake.at;
      advance();
      return sleptMs;
    },
    drain(on: boolean): void {
      draining = on;
      advance();
    },
    /** What is carried is plain data. */
    continueAsNew(): void {
      assert.ok(!freshnessMachine.hasInFlight(state));
      state = restoreFreshness(JSON.parse(JSON.stringify(state)));
      draining = false;
      advance();
    },
    view: () => freshnessMachine.view(state),
  };
}
export type Watch = ReturnType<typeof watch>;

/** "failure A", "end A" */
export const told = (entries: readonly IntakeEntry[]): string[] =>
  entries.map((entry) => `${entry.what} ${entry.what === 'answer' ? '' : entry.event.item.name}`);
