/** The machine of a site's freshness with flows that are watched: what it asks for, what it delivers, and what operators are told. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, second, type Policy } from '../../../src/workflows/contract.js';
import type { FlowsCheck, FlowsFound, FlowsInput } from '../../../src/workflows/flows-contract.js';
import type { FreshnessCheck } from '../../../src/workflows/freshness-contract.js';
import { freshnessMachine, type FreshnessEffect, type Input } from '../../../src/workflows/freshness/machine.js';
import { newFreshness, restoreFreshness } from '../../../src/workflows/freshness/state.js';
import { detailsOf } from '../../../src/workflows/freshness/view.js';
import type { IntakeEntry } from '../../../src/workflows/intake-contract.js';

const start = Date.parse('2026-03-02T06:00:00Z');
const policy: Policy = {
  name: 'default',
  steps: [{ page: ['ana'], by: 'sms', waitMs: minute }],
  repeat: 0,
  remindMs: hour,
};
const settings = { lingerMs: hour, forgetMs: hour };
const nothing: FlowsFound = {
  failed: [],
  more: 0,
  succeeded: [],
  newestAt: null,
  policies: {},
  settings,
  searchAttributes: false,
};
const answer = (found: Partial<FlowsFound>): FlowsCheck => ({ found: { ...nothing, ...found }, alarms: [] });
const unavailable: FlowsCheck = { found: null, alarms: [] };
const refused: FlowsCheck = { found: null, alarms: [{ code: 'flows-refused', text: 'We may not see the flow runs.' }] };

const item = (luid: string) => ({ kind: 'flow', luid, name: `Flow ${luid}`, site: 'site' }) as const;
function failed(luid: string, endedAt: number, { isPaged = true, run = `${luid}-${endedAt}` } = {}): FlowsCheck {
  const common = { run, item: item(luid), incident: `flow-run:site:${luid}`, summary: 'Flow run failed', endedAt };
  return answer({
    failed: [{ ...common, why: 'Out of memory.', ...(isPaged && { policy: 'default' }) }],
    newestAt: endedAt,
    policies: isPaged ? { default: policy } : {},
  });
}
const succeeded = (luid: string, at: number): FlowsCheck => answer({ succeeded: [{ luid, at }], newestAt: at });

/** The machine, whose looks at promises find that nothing is promised, and whose looks at flows find what is given. */
function watching({ every = 5 * minute, promised = 0 } = {}) {
  let state = newFreshness();
  let now = start;
  let everyMs: number | null = every;
  let isDown = false;
  const answers: FlowsCheck[] = [];
  const asked: FlowsInput[] = [];
  const delivered: IntakeEntry[] = [];
  const notices: string[] = [];
  const log: string[] = [];
  let ended = false;

  const lookOf = (): FreshnessCheck => ({
    promises: everyMs === null && promised === 0 ? '' : `${promised} ${everyMs}`,
    memory: 'memory',
    found:
      isDown && promised > 0
        ? null
        : { promised, late: [], isComplete: true, more: 0, fresh: [], policies: {}, settings, searchAttributes: false },
    alarms: [],
    ...(everyMs !== null && { flows: { everyMs } }),
    operators: [{ contact: 'lead', channel: 'sms' }],
    next: { at: now + hour, what: 'Look again' },
  });

  function perform(effect: FreshnessEffect): Input | null {
    if (effect.type === 'log') log.push(effect.line.message);
    if (effect.type === 'end') ended = true;
    if (effect.type !== 'activity') return null;
    const { id, call } = effect;
    const completed = (result: Extract<Input, { type: 'completed' }>['result']): Input => ({
      type: 'completed',
      id,
      result,
    });
    switch (call.activity) {
      case 'checkFreshness':
        return completed({ activity: call.activity, result: lookOf() });
      case 'checkFlows':
        asked.push(call.input);
        return completed({ activity: call.activity, result: isDown ? unavailable : (answers.shift() ?? answer({})) });
      case 'deliver':
        delivered.push(...call.input.entries);
        return completed({ activity: call.activity, result: { waiting: [], failed: [], hasEarlierBatch: false } });
      case 'sweepLabels': {
        const result = { seen: 0, removed: 0, failed: 0 };
        return completed({ activity: call.activity, result });
      }
      case 'signalPagers':
        for (const { payload } of call.input.messages) if ('text' in payload) notices.push(payload.text);
        return completed({ activity: call.activity, result: { unreached: [] } });
    }
  }

  function settle(): void {
    for (let more = !ended; more;) {
      const inputs = freshnessMachine
        .advance(state, { now, draining: false })
        .flatMap((effect) => perform(effect) ?? []);
      for (const input of inputs) freshnessMachine.handle(state, input, { now, draining: false });
      more = inputs.length > 0 && !ended;
    }
    // What is carried to the next run is plain data.
    if (!ended) state = restoreFreshness(JSON.parse(JSON.stringify(state)));
  }

  /** Moves on to `at`, past every wake. */
  function goTo(at: number): void {
    for (;;) {
      const wake = ended ? null : freshnessMachine.wakeAt(state, { now, draining: false });
      if (!wake || wake.at > at) break;
      now = Math.max(now, wake.at);
      settle();
    }
    now = at;
    settle();
  }

  settle();
  return {
    asked,
    delivered,
    notices,
    log,
    later: (ms: number) => goTo(now + ms),
    /** The next look at flows finds this. */
    finds: (check: FlowsCheck) => void answers.push(check),
    setDown: (down: boolean) => void (isDown = down),
    /** The file has changed: flows are watched this often, or not at all. */
    watch(next: number | null) {
      everyMs = next;
      freshnessMachine.handle(state, { type: 'promises', signal: { promises: 'changed' } }, { now, draining: false });
      settle();
    },
    view: () => freshnessMachine.view(state),
    details: () => detailsOf(state),
    now: () => now,
    hasEnded: () => ended,
  };
}

describe('the watch of flows', () => {
  test('looks as often as the file says, from its start on', () => {
    const site = watching();
    site.later(10 * minute);
    assert.deepEqual(
      site.asked,
      Array.from({ length: 3 }, () => ({ since: start, reported: [], open: [] })),
    );
    site.watch(minute);
    site.later(5 * minute);
    assert.equal(site.asked.length, 3 + 5);
  });

  test('begins with the second of its start, since the times of Tableau have no milliseconds', () => {
    const site = watching({ promised: 1 });
    site.watch(null);
    site.later(700);
    site.watch(minute);
    assert.equal(site.asked.at(-1)?.since, start);
  });

  test('delivers a failure once, with its reason and its time, and ends it by the next success', () => {
    const site = watching();
    const endedAt = start + 2 * minute;
    site.finds(failed('a', endedAt));
    // Tableau shows the same run again, whatever it was told.
    site.finds(failed('a', endedAt));
    site.later(5 * minute);
    site.later(5 * minute);
    const event = { type: 'FlowRunFailed', item: item('a'), createdAt: endedAt, why: 'Out of memory.' };
    const [failure, ...more] = site.delivered.splice(0);
    assert.deepEqual(more, []);
    assert.ok(failure?.what === 'failure');
    assert.deepEqual({ ...failure.event, receivedAt: 0 }, { ...event, receivedAt: 0 });
    assert.equal(failure.policy, 'default');
    assert.deepEqual(site.asked.at(-1)?.reported, [`a-${endedAt}`]);
    assert.deepEqual(site.asked.at(-1)?.open, [{ luid: 'a', failedAt: endedAt }]);
    assert.match(site.details(), /\*\*1\*\* flows failed.*\n- Flow \*\*Flow a\*\* · failed 2026-03-02 06:02:00 UTC/s);

    site.finds(succeeded('a', start + 12 * minute));
    site.later(5 * minute);
    assert.deepEqual(
      site.delivered.map(({ what, incident }) => [what, incident]),
      [['end', 'flow-run:site:a']],
    );
    assert.deepEqual(site.view().flows?.failed, []);
    // Once more after that, by an answer that lacks the success.
    site.finds(failed('a', endedAt));
    site.later(5 * minute);
    assert.equal(site.delivered.length, 1);
  });

  test('asks again for what ended shortly before the newest run, since Tableau may show it late', () => {
    const site = watching();
    const endedAt = start + 30 * minute;
    site.later(31 * minute);
    site.finds(failed('a', endedAt));
    site.later(5 * minute);
    site.later(5 * minute);
    assert.deepEqual(site.asked.at(-1), {
      since: endedAt - 10 * minute,
      reported: [`a-${endedAt}`],
      open: [{ luid: 'a', failedAt: endedAt }],
    });
  });

  test('goes on at once where more failed than one look reports, from where it was', () => {
    const site = watching();
    const { found } = failed('a', start + minute);
    assert.ok(found);
    site.finds({ found: { ...found, more: 3, newestAt: start + 4 * minute }, alarms: [] });
    site.later(5 * minute);
    const looks = site.asked.length;
    site.later(15 * second);
    assert.equal(site.asked.length, looks + 1);
    assert.equal(site.asked.at(-1)?.since, start);
  });

  test('says once that a flow fails for which no route pages, and delivers nothing of it', () => {
    const site = watching();
    site.finds(failed('a', start + minute, { isPaged: false }));
    site.finds(failed('a', start + 6 * minute, { isPaged: false }));
    site.finds(succeeded('a', start + 11 * minute));
    site.later(15 * minute);
    assert.equal(site.log.filter((line) => line === 'A run of a flow has failed, for which no route pages').length, 1);
    assert.deepEqual(site.delivered, []);
  });

  test('tells the operators once that Tableau refuses, asks hourly then, and says when that is over', () => {
    const site = watching({ promised: 1 });
    for (let n = 0; n < 2; n += 1) site.finds(refused);
    site.later(2 * hour + minute);
    assert.equal(site.asked.length, 3, 'the first look found nothing');
    assert.deepEqual(site.notices, ['Tableau alerts: We may not see the flow runs.']);
    assert.deepEqual(
      site.view().alarms.map(({ code }) => code),
      ['flows-refused'],
    );
    site.later(hour);
    assert.deepEqual(site.view().alarms, []);
    assert.equal(site.log.filter((line) => line === 'We may not see the flow runs.').length, 1);
    assert.equal(site.log.filter((line) => line === 'An alarm is over').length, 1);
  });

  test('tells the operators once when Tableau has not answered for an hour, whatever else is asked of it', () => {
    for (const promised of [0, 1]) {
      const site = watching({ promised });
      site.setDown(true);
      site.later(59 * minute);
      assert.deepEqual(site.notices, []);
      site.later(2 * hour);
      assert.equal(site.notices.length, 1);
      assert.match(site.notices[0] ?? '', /nobody knows which data is late or which runs of flows failed/);
      site.setDown(false);
      site.later(hour);
      assert.deepEqual(site.view().alarms, []);
    }
  });

  test('forgets what it knew when flows are watched no more, and begins anew from then on', () => {
    const site = watching({ promised: 1 });
    site.finds(failed('a', start + minute));
    site.later(5 * minute);
    site.watch(null);
    const looks = site.asked.length;
    site.later(3 * hour);
    assert.equal(site.asked.length, looks);
    assert.equal(site.view().flows, undefined);
    site.watch(10 * minute);
    assert.deepEqual(site.asked.at(-1), { since: site.now(), reported: [], open: [] });
    // A run that was under way in a look before.
    site.finds(failed('b', site.now() - minute));
    site.delivered.splice(0);
    site.later(10 * minute);
    assert.deepEqual(site.delivered, []);
  });

  test('ends the workflow with the last of what is watched', () => {
    const site = watching();
    assert.equal(site.hasEnded(), false);
    site.watch(null);
    assert.equal(site.hasEnded(), true);
  });
});
