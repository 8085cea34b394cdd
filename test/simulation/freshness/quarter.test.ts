/** A simulated quarter: every refresh that brings no data is found at its deadline and named rightly, and nothing else is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Temporal } from 'temporal-polyfill';
import { createFreshnessActivities } from '../../../src/activities/check-freshness.js';
import { fixedEscalation } from '../../../src/policy/escalation-source.js';
import { readEscalation } from '../../../src/policy/load.js';
import type { Episode } from '../../../src/policy/freshness/episodes.js';
import { episodesIn } from '../../../src/policy/freshness/memory.js';
import type { FreshnessPromise } from '../../../src/policy/freshness/promise.js';
import { day, hour, minute, second } from '../../../src/workflows/contract.js';
import { freshnessMachine, type FreshnessEffect, type Input } from '../../../src/workflows/freshness/machine.js';
import { newFreshness, restoreFreshness } from '../../../src/workflows/freshness/state.js';
import { latestOf } from '../../../src/workflows/machine.js';
import { pino } from 'pino';
import { createRandom } from '../random.js';
import { createSite, lastSuccess, runBefore, timezone, type SimulatedItem } from './site.js';

const seed = Number(process.env['SIMULATION_SEED'] ?? 17);
/** `SIMULATED_QUARTER=1`: 500 items for 90 days, which takes minutes of processor time. */
const size = process.env['SIMULATED_QUARTER'] ? { items: 500, days: 90 } : { items: 60, days: 50 };
/** Over the beginning of summer time, on 28 March. */
const from = Temporal.PlainDate.from('2027-02-08');
const holidays = ['2027-03-08', '2027-03-26', '2027-03-29', '2027-04-30'];

const file = `
contacts: { ana: { phone: "+15550100001" }, lead: { phone: "+15550100002" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
operators: [lead]
`;
const promise: FreshnessPromise = {
  id: 'finance',
  items: { project: 'Finance/**' },
  due: {
    kind: 'by',
    minutes: 7 * 60,
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
    timezone,
    sinceMs: day,
    holidays: { address: '/holidays.ics', dates: holidays },
  },
  policy: 'default',
  shadow: false,
};

const learned: FreshnessPromise = {
  id: 'operations',
  items: { project: 'Operations' },
  due: { kind: 'learned', timezone },
  policy: 'default',
  shadow: true,
};

interface Report {
  luid: string;
  deadline: number;
  at: number;
}

test(`${size.items} items for ${size.days} days`, async (t) => {
  const random = createRandom(seed);
  const site = createSite({ random, ...size, from, bad: 0.015 });
  let now = from.toZonedDateTime(timezone).epochMilliseconds;
  const end = now + size.days * day;
  const escalation = fixedEscalation({ ...readEscalation('file', file), freshness: [promise, learned] });
  const publicUrl = 'https://alerts.example.com';
  const activities = createFreshnessActivities({
    escalation,
    tableau: site.client,
    publicUrl,
    logger: pino({ level: 'silent' }),
    clock: () => now,
  });
  let state = newFreshness();
  const reports: Report[] = [];
  const states = new Map<string, string>();
  const notices: string[] = [];
  /** Tableau is down, or no worker runs. */
  const outages = Array.from({ length: 4 }, (_, n) => {
    const begin = now + Math.floor(((n + 1) * size.days) / 5) * day + random.between(3, 7) * hour;
    return { begin, end: begin + random.between(20, 200) * minute, isWorker: n % 2 === 0 };
  });

  async function perform(effect: FreshnessEffect): Promise<Input | null> {
    if (effect.type !== 'activity') return null;
    const { id, call } = effect;
    switch (call.activity) {
      case 'checkFreshness': {
        site.at(now);
        site.goDown(outages.some((one) => !one.isWorker && one.begin <= now && now < one.end));
        const result = await activities.checkFreshness(call.input);
        for (const { item, deadline, state: found, policy } of result.found?.late ?? []) {
          if (policy === undefined) continue;
          const key = `${item.luid} ${deadline}`;
          states.set(key, states.get(key) ?? found);
        }
        now += random.between(1, 8) * second;
        return { type: 'completed', id, result: { activity: call.activity, result } };
      }
      case 'checkFlows':
        throw new Error('Flows are not watched.');
      case 'deliver': {
        now += random.between(50, 2_000);
        for (const entry of call.input.entries)
          if (entry.what === 'failure')
            reports.push({ luid: entry.event.item.luid, deadline: entry.event.createdAt, at: now });
        const report = { waiting: [], failed: [], hasEarlierBatch: false };
        return { type: 'completed', id, result: { activity: call.activity, result: report } };
      }
      case 'sweepLabels': {
        const result = { seen: 0, removed: 0, failed: 0 };
        return { type: 'completed', id, result: { activity: call.activity, result } };
      }
      case 'signalPagers':
        for (const { payload } of call.input.messages) if ('text' in payload) notices.push(payload.text);
        return { type: 'completed', id, result: { activity: call.activity, result: { unreached: [] } } };
    }
  }

  while (now < end) {
    const env = { now, draining: false };
    const inputs: Input[] = [];
    for (const effect of freshnessMachine.advance(state, env)) {
      const input = await perform(effect);
      if (input) inputs.push(input);
    }
    for (const input of inputs) freshnessMachine.handle(state, input, { now, draining: false });
    if (inputs.length > 0) continue;
    // What is carried to the next run is plain data.
    if (random.chance(0.1)) state = restoreFreshness(JSON.parse(JSON.stringify(state)));
    const wake = freshnessMachine.wakeAt(state, env);
    assert.ok(wake, 'it always has a next look');
    assert.ok(latestOf(wake) > now, `it would look again at once: ${wake.why}`);
    now = latestOf(wake);
    for (const one of outages) if (one.isWorker && one.begin <= now && now < one.end) now = one.end;
  }

  const isOut = (at: number): boolean => outages.some((one) => one.begin <= at && at < one.end + 2 * minute);
  const missed: string[] = [];
  const wrong: string[] = [];
  let absences = 0;
  const expected = new Set<string>();
  for (const deadline of deadlines(end)) {
    for (const item of promised(site.items)) {
      const data = lastSuccess(item, deadline);
      if (data !== undefined && data >= deadline - day) continue;
      const root = item.upstream ?? item;
      // Several items that are built on one are one report.
      if (expected.has(`${root.luid} ${deadline}`)) continue;
      expected.add(`${root.luid} ${deadline}`);
      absences += 1;
      const report = reports.find((one) => one.luid === root.luid && one.deadline === deadline);
      const recovered = lastSuccess(item, deadline + hour) !== data;
      if (!report) {
        if (!(isOut(deadline) && recovered))
          missed.push(`${root.name} ${iso(deadline)} ${runBefore(item, deadline)?.outcome}`);
        continue;
      }
      if (report.at - deadline > minute && !isOut(deadline))
        missed.push(`${root.name} late by ${report.at - deadline} ms`);
      const outcome = runBefore(item, deadline)?.outcome;
      const named = states.get(`${root.luid} ${deadline}`);
      if (outcome !== 'ok' && named !== outcome) wrong.push(`${root.name} ${iso(deadline)}: ${named} for ${outcome}`);
    }
  }
  const shadow = scoreOf(site.items, episodesIn(state.memory), end);
  t.diagnostic(
    `learned, in shadow: precision ${shadow.reallyLate} of ${shadow.episodes}, recall ${shadow.found} of ${shadow.troubles}`,
  );
  assert.ok(shadow.troubles > 0 && shadow.found >= 0.8 * shadow.troubles);
  assert.ok(shadow.reallyLate >= 0.8 * shadow.episodes);
  const falseReports = reports.filter(({ luid, deadline }) => !expected.has(`${luid} ${deadline}`));
  const itemDays = promised(site.items).length * size.days;
  t.diagnostic(
    `seed ${seed}: ${absences} absences, ${missed.length} missed, ${wrong.length} named wrongly, ${falseReports.length} false in ` +
      `${itemDays} item-days, ${Math.round(site.requests() / size.days)} requests a day, ${notices.length} notices`,
  );
  t.diagnostic(wrong.join('; '));
  assert.deepEqual(missed, []);
  assert.deepEqual(wrong, []);
  assert.ok(falseReports.length <= itemDays / 1_000, JSON.stringify(falseReports.slice(0, 5)));
  assert.ok(absences > size.items / 4, 'enough happened');
  assert.equal(new Set(reports.map(({ luid, deadline }) => `${luid} ${deadline}`)).size, reports.length, 'none twice');
});

/** Days after which the hours of every item are learnt. */
const learntAfter = from.add({ days: 24 }).toZonedDateTime(timezone).epochMilliseconds;

/** Of what only the learned promise covers: what it would have paged, against the runs that brought no data. */
function scoreOf(items: readonly SimulatedItem[], episodes: readonly Episode[], end: number) {
  const score = { episodes: 0, reallyLate: 0, troubles: 0, found: 0 };
  for (const item of items.filter(({ project, runs }) => project === 'Operations' && runs.length > 0)) {
    const keptFrom = Math.max(learntAfter, end - 34 * day);
    const own = episodes.filter(({ luid, deadline }) => luid === item.luid && deadline > keptFrom);
    const bad = item.runs.filter(({ plannedAt, outcome }) => outcome !== 'ok' && plannedAt > keptFrom - day);
    score.episodes += own.length;
    score.reallyLate += own.filter(({ deadline }) =>
      bad.some(({ plannedAt }) => plannedAt < deadline && deadline < plannedAt + day),
    ).length;
    // A schedule that is suspended for days is one trouble.
    const troubles = bad.filter(
      ({ plannedAt }) =>
        plannedAt > keptFrom && plannedAt < end - day && runBefore(item, plannedAt - 1)?.outcome === 'ok',
    );
    score.troubles += troubles.length;
    score.found += troubles.filter(({ plannedAt }) =>
      own.some(({ deadline }) => plannedAt < deadline && deadline < plannedAt + day),
    ).length;
  }
  return score;
}

const iso = (at: number): string => new Date(at).toISOString();
const promised = (items: readonly SimulatedItem[]): SimulatedItem[] =>
  items.filter(({ project }) => project === 'Finance');

/** By a rule of its own: seven o'clock on working days. */
function* deadlines(end: number): Generator<number> {
  for (let date = from; ; date = date.add({ days: 1 })) {
    const at = date.toZonedDateTime({ timeZone: timezone, plainTime: '07:00' }).epochMilliseconds;
    if (at >= end - hour) return;
    if (date.dayOfWeek <= 5 && !holidays.includes(date.toString())) yield at;
  }
}
