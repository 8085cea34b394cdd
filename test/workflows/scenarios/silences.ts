/** Silences: what they cover is recorded, and nobody is paged until they end. */
import assert from 'node:assert/strict';
import { endSilence } from '../../../src/temporal/on-call.js';
import { hour, minute } from '../../../src/workflows/contract.js';
import { failed, type Scenario } from './scenario.js';

export const silenceScenarios: Scenario[] = [
  {
    name: 'a-silence-ends-while-it-is-still-broken',
    async run({ ana, item, fails, recovers, later, incident, post, nothingElse }) {
      const [sales, hr] = [item('Sales'), item('Salaries')];
      const made = await post('/silences', { match: { project: 'Fin*', item: 'Sal*' }, for: '1h', reason: 'Upgrade' });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      await ana.receives(
        'sms',
        /^The API has silenced what matches item "Sal\*" and project "Fin\*" until \w{3} \d\d:\d\d \(UTC\)\. Upgrade\.$/,
      );
      await fails(sales.item);
      await fails(hr.item);
      await later(30 * minute);
      await nothingElse();
      const { state, next, timeline } = await incident(sales.id);
      assert.deepEqual([state, next?.what.slice(0, 14)], ['triggered', 'Silenced until']);
      assert.ok(timeline.some(({ text }) => /^Silenced until .* by api \(Upgrade\)$/.test(text)));
      await recovers(hr.item);
      await later(30 * minute);
      // By two channels at the same time.
      await ana.receivesTogether({
        sms: /^The silence of what matches item "Sal\*" and project "Fin\*" is over: what is still broken and taken by nobody is paged now\.$/,
        whatsapp: failed,
      });
      await ana.replies('1', 'whatsapp');
      await ana.receives('whatsapp', /^Taken: "Sales"\./);
      assert.equal((await incident(hr.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'a-silence-in-the-middle-is-ended-early',
    async run({ ana, item, fails, later, post, client, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      const { body } = await post('/silences', { match: { item: 'Sales' }, for: '1d', reason: 'Known' });
      await ana.receives('sms', /^The API has silenced every item named "Sales" until .* Known\.$/);
      await later(12 * minute);
      await nothingElse();
      await endSilence(client, (body as { id: string }).id);
      await ana.receives(
        'sms',
        /^The silence of every item named "Sales" was ended early: what is still broken and taken by nobody is paged within 5 minutes\.$/,
      );
      await later(5 * minute);
      await ana.receives('whatsapp', /Workbook refresh failed: "Sales"/);
      await ana.replies('ACK', 'whatsapp');
      await ana.receives('whatsapp', /^Taken: "Sales"\./);
      await later(hour);
      await nothingElse();
    },
  },
  {
    name: 'a-silence-by-text',
    schedules: () => ({
      data: {
        timezone: 'Europe/Berlin',
        rotations: [{ contacts: ['lead'], every: { days: 1 }, start: '2020-01-01T00:00' }],
        overrides: [],
      },
    }),
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      await ana.replies('MUTE Finance 2h', 'sms');
      const asked = /^Reply (\d{4}) to silence project "Finance\/\*\*" until \w{3} \d\d:\d\d \(Europe\/Berlin\)\.$/;
      const { body } = await ana.receives('sms', asked);
      await ana.replies(asked.exec(body)?.[1] ?? '', 'sms');
      await ana.receives('sms', /^Done: project "Finance\/\*\*" is silent until /);
      await lead.receives(
        'sms',
        /^ana has silenced project "Finance\/\*\*" until \w{3} \d\d:\d\d \(Europe\/Berlin\)\. By text\.$/,
      );
      const sales = item('Sales');
      await fails(sales.item);
      await later(30 * minute);
      await nothingElse();
      const { timeline } = await incident(sales.id);
      assert.match(timeline.map(({ text }) => text).join('\n'), /^Silenced until .* by ana \(By text\)$/m);
      await later(91 * minute);
      const over =
        /^The silence of project "Finance\/\*\*" is over: what is still broken and taken by nobody is paged now\.$/;
      await ana.receivesTogether({ sms: over, whatsapp: failed });
      await lead.receives('sms', over);
      await ana.replies('1', 'whatsapp');
      await ana.receives('whatsapp', /^Taken: "Sales"\./);
      await nothingElse();
    },
  },
];
