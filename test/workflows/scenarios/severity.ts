/** Policies of low severity keep quiet hours, critical ones call at once. */
import assert from 'node:assert/strict';
import { day, hour, minute } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { failed, type Scenario } from './scenario.js';

const timeOfDay = (at: number): number => Math.floor((at % day) / minute);

const [first, ...others] = defaultPolicy.steps;

export const severityScenarios: Scenario[] = [
  {
    name: 'quiet-hours-with-digest',
    policy: { ...defaultPolicy, severity: 'low', steps: defaultPolicy.steps.slice(0, 2) },
    // They end less than 8 h after the service starts, and more than 8 h less a minute.
    quietHours: (now) => ({ from: timeOfDay(now - hour), to: timeOfDay(now + 8 * hour) }),
    async run({ ana, item, fails, recovers, later, incident, nothingElse }) {
      const [sales, hr, stock] = [item('Sales'), item('HR'), item('Stock')];
      for (const one of [sales, hr, stock]) await fails(one.item);
      await later(minute);
      await nothingElse();
      const { state, next, timeline } = await incident(sales.id);
      assert.deepEqual([state, next?.what], ['triggered', 'WhatsApp to ana after quiet hours']);
      assert.match(timeline.map(({ text }) => text).join('\n'), /^WhatsApp to ana: quiet hours until .* UTC$/m);
      await later(4 * hour);
      await recovers(hr.item);
      await later(3 * hour + 30 * minute);
      await nothingElse();
      await later(30 * minute);
      await ana.receives(
        'whatsapp',
        /^2 failed refreshes open, 2 new\.\n1 more failed in your quiet hours and works again\.\n(?=.*"Sales")(?=.*"Stock")(?!.*"HR").*\nReply ALL/s,
      );
      await ana.replies('ALL');
      await ana.receives('whatsapp', /^2 taken: "(Sales|Stock)", "(Sales|Stock)"\. Reminder in 4 h\.$/);
      assert.equal((await incident(stock.id)).state, 'acknowledged');
      assert.equal((await incident(hr.id)).state, 'resolved');
      await later(hour);
      await nothingElse();
    },
  },
  {
    name: 'a-critical-failure-calls-at-once',
    policy: { ...defaultPolicy, severity: 'critical', steps: first ? [{ ...first, calls: ['ana'] }, ...others] : [] },
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      const call = await ana.rings();
      await ana.picksUp(call);
      assert.match(await ana.presses(call, '1'), /Acknowledged/);
      await later(hour);
      const { state, timeline } = await incident(sales.id);
      assert.equal(state, 'acknowledged');
      const sent = timeline.filter(({ type }) => type === 'sent').map(({ text }) => text);
      assert.deepEqual(sent.toSorted(), ['Call to ana', 'WhatsApp to ana']);
      await nothingElse();
    },
  },
];
