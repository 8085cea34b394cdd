/** Promises that change every few hours for weeks: an incident of late data ends when no promise is broken any more, and never before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Temporal } from 'temporal-polyfill';
import { createFreshnessActivities } from '../../../src/activities/check-freshness.js';
import { fixedEscalation } from '../../../src/policy/escalation-source.js';
import { watchedText } from '../../../src/policy/freshness/memory.js';
import type { FreshnessPromise } from '../../../src/policy/freshness/promise.js';
import { readEscalation } from '../../../src/policy/load.js';
import { weekdays } from '../../../src/policy/local-time.js';
import { day, hour, minute, second } from '../../../src/workflows/contract.js';
import { freshnessMachine, type FreshnessEffect, type Input } from '../../../src/workflows/freshness/machine.js';
import { newFreshness, restoreFreshness } from '../../../src/workflows/freshness/state.js';
import type { IntakeEntry } from '../../../src/workflows/intake-contract.js';
import { createRandom } from '../random.js';
import { createSite, lastSuccess, runBefore, timezone, type SimulatedItem } from './site.js';

const seed = Number(process.env['SIMULATION_SEED'] ?? 17);
const size = { items: 30, days: 30 };
const from = Temporal.PlainDate.from('2027-02-08');
const file = `
contacts: { ana: { phone: "+15550100001" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] }, loud: { steps: [{ page: [ana], by: sms, wait: 1m }] } }
`;

const by = (hours: number, more: Partial<FreshnessPromise> = {}): FreshnessPromise => ({
  id: JSON.stringify([hours, more]),
  items: { project: 'Finance' },
  due: { kind: 'by', minutes: hours * 60, days: weekdays, timezone, sinceMs: day },
  policy: 'default',
  shadow: false,
  ...more,
});
const files = [
  [by(7)],
  [by(9)],
  [by(7, { policy: 'loud' })],
  [by(7, { shadow: true })],
  [by(7), by(9)],
  [],
] as const satisfies readonly FreshnessPromise[][];
const failing = new Set<string | undefined>(['failed', 'suspended', 'bridge-offline']);

test(`${size.items} items for ${size.days} days`, async (t) => {
  const random = createRandom(seed);
  const site = createSite({ random, ...size, from, bad: 0.12 });
  let now = from.toZonedDateTime(timezone).epochMilliseconds;
  const end = now + size.days * day;
  const escalation = readEscalation('file', file);
  escalation.freshness = [by(7)];
  const activities = createFreshnessActivities({
    escalation: fixedEscalation(escalation),
    tableau: site.client,
    publicUrl: 'https://alerts.example.com',
    logger: pino({ level: 'silent' }),
    clock: () => now,
  });
  let state = newFreshness();
  /** The workflow ends when nothing is promised, and the next promises start it. */
  let isOver = false;
  /** Incidents of late data, by the deadline that was reported last. */
  const open = new Map<string, number>();
  const counts = { failures: 0, recovered: 0, withdrawn: 0 };

  const isBroken = (item: SimulatedItem): boolean =>
    item.project === 'Finance' &&
    (escalation.freshness ?? []).some(({ due, shadow }) => {
      assert.ok(due.kind === 'by');
      return !shadow && (lastSuccess(item, now) ?? 0) < lastAt(now, due.minutes) - day;
    });
  /** Itself, or what is built on it. */
  const breaks = (luid: string): boolean =>
    site.items.some((item) => (item.luid === luid || item.upstream?.luid === luid) && isBroken(item));

  function take(entry: IntakeEntry): void {
    assert.ok(entry.what !== 'answer');
    const { event } = entry;
    const { luid } = event.item;
    if (entry.what === 'failure') {
      counts.failures += 1;
      open.set(luid, event.createdAt);
      return;
    }
    if (event.type !== 'RefreshNotPromised') counts.recovered += 1;
    else {
      assert.ok(open.has(luid), 'an end without an incident, or a second one');
      assert.ok(!breaks(luid), `${luid} ends though it breaks a promise`);
      counts.withdrawn += 1;
    }
    open.delete(luid);
  }

  /** What is open and has no new data breaks a promise, or a run of it has failed. */
  function check(): void {
    for (const [luid, deadline] of open) {
      const item = site.itemOf(luid);
      assert.ok(item);
      const hasNewData = site.items.some(
        (one) => (one === item || one.upstream === item) && (lastSuccess(one, now) ?? 0) > deadline - day,
      );
      const runs = item.runs.filter(({ plannedAt }) => plannedAt > deadline - 2 * day && plannedAt <= now);
      const hasFailed = runs.some(({ outcome }) => failing.has(outcome)) || failing.has(runBefore(item, now)?.outcome);
      assert.ok(hasNewData || hasFailed || breaks(luid), `${luid} stays open at ${new Date(now).toISOString()}`);
    }
  }

  async function perform({ id, call }: Extract<FreshnessEffect, { type: 'activity' }>): Promise<Input> {
    now += random.between(100, 2 * second);
    site.at(now);
    switch (call.activity) {
      case 'checkFreshness': {
        const result = await activities.checkFreshness(call.input);
        return { type: 'completed', id, result: { activity: call.activity, result } };
      }
      case 'deliver': {
        call.input.entries.forEach(take);
        const result = { waiting: [], failed: [], hasEarlierBatch: false };
        return { type: 'completed', id, result: { activity: call.activity, result } };
      }
      case 'sweepLabels':
        return {
          type: 'completed',
          id,
          result: { activity: call.activity, result: { seen: 0, removed: 0, failed: 0 } },
        };
      case 'checkFlows':
      case 'signalPagers':
        throw new Error(`${call.activity} is not asked for.`);
    }
  }

  async function settle(): Promise<void> {
    for (;;) {
      const effects = freshnessMachine.advance(state, { now, draining: false });
      const begun = effects.flatMap((effect) => (effect.type === 'activity' ? [effect] : []));
      isOver = effects.some(({ type }) => type === 'end');
      if (isOver || begun.length === 0) return;
      for (const effect of begun) freshnessMachine.handle(state, await perform(effect), { now, draining: false });
    }
  }

  let changeAt = now + 12 * hour;
  while (now < end) {
    await settle();
    check();
    if (random.chance(0.2)) state = restoreFreshness(JSON.parse(JSON.stringify(state)));
    const wake = isOver ? null : freshnessMachine.wakeAt(state, { now, draining: false });
    assert.ok(wake || isOver);
    now = Math.min(wake?.at ?? Infinity, changeAt);
    if (now < changeAt) continue;
    changeAt = now + random.between(4 * 60, 40 * 60) * minute;
    escalation.freshness = [...random.pick(files)];
    if (isOver) state = newFreshness();
    isOver = false;
    const promises = watchedText(escalation);
    freshnessMachine.handle(state, { type: 'promises', signal: { promises } }, { now, draining: false });
  }
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(Math.min(counts.failures, counts.recovered, counts.withdrawn) > 2, JSON.stringify(counts));
});

/** The last time at which a clock of the zone showed this. */
function lastAt(now: number, minutes: number): number {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timezone);
  const at = local.startOfDay().toPlainDateTime().add({ minutes }).toZonedDateTime(timezone);
  return at.epochMilliseconds <= now ? at.epochMilliseconds : at.subtract({ days: 1 }).epochMilliseconds;
}
