/**
 * The freshness of a site as a state machine (docs/decisions, 36): it looks at Tableau when a deadline comes, has its activity judge, and reports
 * what is late to the incidents of the items.
 */
import type { SignallingResult } from '../activity-contract.js';
import { minute, second } from '../contract.js';
import { freshnessMemoKeys } from '../freshness-contract.js';
import type {
  CheckInput,
  FreshnessCheck,
  FreshnessMemo,
  FreshnessView,
  PromisesSignal,
} from '../freshness-contract.js';
import type { FlowsCheck, FlowsInput } from '../flows-contract.js';
import type { DeliverInput, DeliveryReport } from '../intake-contract.js';
import type { LabelSweep } from '../label-contract.js';
import type { DriverInput, Effect, Env, Machine, Wake } from '../machine.js';
import { applySignalled, beginNotices, noticesDueAt, type NoticeCall } from '../text-notices.js';
import { applyFlows, beginFlows } from './flows.js';
import { applyCheck, promisesChanged } from './look.js';
import { unshown } from './shown.js';
import { lateNow, nextId, type Freshness } from './state.js';
import { applySweep, beginSweep, sweepAt, type SweepCall } from './sweep.js';

export type Call =
  | { activity: 'checkFreshness'; input: CheckInput }
  | { activity: 'checkFlows'; input: FlowsInput }
  | { activity: 'deliver'; input: DeliverInput }
  | SweepCall
  | NoticeCall;
export type Result =
  | { activity: 'checkFreshness'; result: FreshnessCheck }
  | { activity: 'checkFlows'; result: FlowsCheck }
  | { activity: 'deliver'; result: DeliveryReport }
  | { activity: 'sweepLabels'; result: LabelSweep }
  | { activity: 'signalPagers'; result: SignallingResult };
export type FreshnessEffect = Effect<Call>;
export type Input = { type: 'promises'; signal: PromisesSignal } | DriverInput<Result>;

/** As a batch of webhooks. */
const mostEntries = 200;
const lookAtFlows = 'Look at the runs of flows';
const deliverAgainMs = { first: second, last: minute } as const;

function handle(freshness: Freshness, input: Input, { now }: Env): void {
  switch (input.type) {
    case 'promises':
      applyPromises(freshness, input.signal, now);
      break;
    case 'completed':
      applyResult(freshness, input.id, input.result, now);
      break;
    case 'failed':
    case 'cancelled':
      applyFailure(freshness, input.id, now);
      break;
    case 'signalled':
      // It signals by activity alone.
      break;
    case 'cancel-requested':
      freshness.cancelling = true;
      break;
  }
}

/** A look that runs may have read the promises before they changed: it is followed by another one where it gives others. */
function applyPromises({ check, promises }: Freshness, signal: PromisesSignal, now: number): void {
  check.announced = check.id === null ? null : signal.promises;
  if (check.id !== null || signal.promises === promises) return;
  check.nextAt = now;
  check.what = promisesChanged;
}

function applyResult(freshness: Freshness, id: string, result: Result, now: number): void {
  switch (result.activity) {
    case 'checkFreshness':
      if (id === freshness.check.id) applyCheck(freshness, result.result, now);
      break;
    case 'checkFlows':
      if (id === freshness.flows.id) applyFlows(freshness, result.result, now);
      break;
    case 'deliver':
      applyReport(freshness, id, result.result, now);
      break;
    case 'sweepLabels':
      applySweep(freshness, id, result.result, now);
      break;
    case 'signalPagers':
      applySignalled(freshness.notices, id, result.result, now);
      break;
  }
}

function applyFailure(freshness: Freshness, id: string, now: number): void {
  if (id === freshness.check.id) applyCheck(freshness, null, now);
  if (id === freshness.flows.id) applyFlows(freshness, null, now);
  applyReport(freshness, id, null, now);
  applySweep(freshness, id, null, now);
  applySignalled(freshness.notices, id, 'failed', now);
}

/** @param report null where the activity could not be run: all is tried again */
function applyReport(freshness: Freshness, id: string, report: DeliveryReport | null, now: number): void {
  const { delivery } = freshness;
  if (id !== delivery.id) return;
  const again = delivery.entries.filter((entry, index) => {
    const failed = report?.failed.find((one) => one.index === index);
    if (!failed?.permanent) return report === null || failed !== undefined;
    const about = { incident: entry.incident, why: failed.why, alarm: 'event-undeliverable' };
    freshness.logLines.push({ level: 'error', message: 'An event cannot be delivered', about });
    return false;
  });
  const newer = new Set(freshness.outbox.map(({ incident }) => incident));
  freshness.outbox = [...again.filter(({ incident }) => !newer.has(incident)), ...freshness.outbox];
  const tries = again.length > 0 ? delivery.tries + 1 : 0;
  const pauseMs = again.length > 0 ? Math.min(deliverAgainMs.last, deliverAgainMs.first * 2 ** Math.min(10, tries)) : 0;
  freshness.delivery = { id: null, entries: [], tries, nextAt: now + pauseMs };
}

function advance(freshness: Freshness, { now, draining }: Env): FreshnessEffect[] {
  const effects: FreshnessEffect[] = [];
  const isEnding = freshness.cancelling || draining;
  // It takes minutes, and the next run begins it anew.
  if (isEnding && freshness.sweep.id !== null) effects.push({ type: 'cancel', id: freshness.sweep.id });
  if (!isEnding) effects.push(...beginDelivery(freshness, now), ...beginNotices(freshness.notices, now));
  const isOver = freshness.cancelling ? !hasInFlight(freshness) : isUnpromised(freshness, now);
  if (isOver) effects.push({ type: 'end', cancelled: freshness.cancelling });
  else if (!isEnding)
    effects.push(...beginCheck(freshness, now), ...beginLookAtFlows(freshness, now), ...beginSweep(freshness, now));
  effects.push(...publish(freshness));
  const lines = [...freshness.logLines.splice(0), ...freshness.notices.logLines.splice(0)];
  effects.unshift(...lines.map((line): FreshnessEffect => ({ type: 'log', line })));
  return effects;
}

function beginCheck(freshness: Freshness, now: number): FreshnessEffect[] {
  const { check, memory, reported } = freshness;
  if (check.id !== null || now < check.nextAt) return [];
  const id = nextId(freshness, 'look');
  check.id = id;
  const paged = reported.filter(({ isPaged }) => isPaged);
  const input = { memory, reported: paged.map(({ item }) => item.luid) };
  return [{ type: 'activity', id, summary: check.what, call: { activity: 'checkFreshness', input } }];
}

function beginLookAtFlows(freshness: Freshness, now: number): FreshnessEffect[] {
  const begun = beginFlows(freshness, now);
  if (!begun) return [];
  const { id, input } = begun;
  return [{ type: 'activity', id, summary: lookAtFlows, call: { activity: 'checkFlows', input } }];
}

function beginDelivery(freshness: Freshness, now: number): FreshnessEffect[] {
  const { delivery, outbox, settings, policies, searchAttributes } = freshness;
  if (delivery.id !== null || outbox.length === 0 || settings === null || now < delivery.nextAt) return [];
  const id = nextId(freshness, 'report');
  const entries = outbox.slice(0, mostEntries);
  freshness.outbox = outbox.slice(mostEntries);
  freshness.delivery = { ...delivery, id, entries };
  const named = new Set(entries.flatMap((entry) => (entry.what === 'failure' ? [entry.policy] : [])));
  const input: DeliverInput = {
    entries,
    policies: Object.fromEntries(Object.entries(policies).filter(([name]) => named.has(name))),
    settings,
    searchAttributes,
    startedAt: now,
  };
  const summary = entries.length === 1 ? 'Report 1 item' : `Report ${entries.length} items`;
  return [{ type: 'activity', id, summary, call: { activity: 'deliver', input } }];
}

/** The memo, as far as it has changed: names and counts, for everybody who can read Temporal. */
function publish(freshness: Freshness): FreshnessEffect[] {
  const memo: FreshnessMemo = {
    promised: freshness.promised,
    late: lateNow(freshness).length,
    ...(freshness.flows.everyMs !== null && { failedFlows: freshness.flows.open.length }),
    alarms: freshness.alarms.map(({ code, since }) => ({ code, since: new Date(since).toISOString() })),
  };
  const counts = JSON.stringify(memo);
  const changed: Record<string, unknown> = unshown(freshness);
  if (counts !== freshness.published.counts) changed[freshnessMemoKeys.counts] = memo;
  freshness.published = { ...freshness.published, counts };
  return Object.keys(changed).length === 0 ? [] : [{ type: 'memo', memo: changed }];
}

const hasInFlight = ({ check, flows, delivery, notices, sweep }: Freshness): boolean =>
  [check.id, flows.id, delivery.id, sweep.id].some((id) => id !== null) || notices.inFlight !== null;

const isIdle = (freshness: Freshness): boolean =>
  !hasInFlight(freshness) && freshness.outbox.length === 0 && freshness.notices.notices.length === 0;

/** The last look found no promise, and nothing is left to do. */
const isUnpromised = (freshness: Freshness, now: number): boolean =>
  freshness.promises === '' && freshness.memory !== null && freshness.check.nextAt > now && isIdle(freshness);

/** While a look runs nothing is due but what others need: its end is an input. */
function wakeAt(freshness: Freshness, { draining }: Env): Wake | null {
  if (draining || freshness.cancelling) return null;
  const { check, flows, delivery, outbox, notices } = freshness;
  const wakes: Wake[] = [];
  if (check.id === null) wakes.push({ at: check.nextAt, why: `Wait: ${check.what}` });
  if (flows.everyMs !== null && flows.id === null)
    wakes.push({ at: flows.nextAt, why: 'Wait before the next look at the runs of flows' });
  if (delivery.id === null && outbox.length > 0)
    wakes.push({ at: delivery.nextAt, why: 'Wait before items are reported again' });
  const sweepDueAt = sweepAt(freshness);
  if (sweepDueAt !== null) wakes.push({ at: sweepDueAt, why: 'Wait before labels without an incident are removed' });
  const noticesAt = noticesDueAt(notices);
  if (noticesAt !== null) wakes.push({ at: noticesAt, why: 'Wait before notices are sent again' });
  return wakes.toSorted((one, other) => one.at - other.at)[0] ?? null;
}

const view = ({ memory, check, flows, alarms }: Freshness): FreshnessView => ({
  memory,
  lookedAt: check.answeredAt,
  alarms,
  next: { at: check.nextAt, what: check.what },
  ...(flows.everyMs !== null && {
    flows: {
      lookedAt: flows.answeredAt,
      failed: flows.open.map(({ item, failedAt, isPaged }) => ({ item, failedAt, isPaged })),
    },
  }),
});

export const freshnessMachine: Machine<Freshness, Input, FreshnessEffect, typeof view> = {
  handle,
  advance,
  wakeAt,
  view,
  hasInFlight,
};
