/** Steps that page by a schedule, or the owner. */
import assert from 'node:assert/strict';
import { hour, minute, second } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { failed, type Scenario } from './scenario.js';

const page = ['schedule/data'];

export const onCallScenarios: Scenario[] = [
  {
    name: 'on-call-hands-over-in-the-middle',
    policy: {
      ...defaultPolicy,
      steps: [
        { page, by: 'whatsapp', waitMs: 5 * minute },
        { page, by: 'sms', waitMs: 5 * minute },
      ],
      repeat: 0,
    },
    schedules: (now) => ({
      data: {
        timezone: 'Europe/Berlin',
        rotations: [{ contacts: ['lead'], every: { days: 1 }, start: '2020-01-01T00:00' }],
        overrides: [{ contact: 'ana', from: now - hour, to: now + 3 * minute }],
      },
    }),
    async run({ ana, lead, item, fails, later, quiet, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await quiet();
      assert.equal((await incident(sales.id)).next?.what, 'SMS to whoever is on call (data)');
      await later(3 * minute);
      await lead.receives(
        'sms',
        /^You are on call now \(data\)\. Open and taken by nobody: \[1\] "Sales"\. Reply 1 to take it\.$/,
      );
      await ana.receives('sms', /^On call now \(data\): lead\. Open and taken by nobody: \[1\] "Sales"\.$/);
      await later(2 * minute);
      await lead.receives('sms', failed);
      await lead.replies('1', 'sms');
      await lead.receives('sms', /^Taken: "Sales"\./);
      await ana.receives('whatsapp', /"Sales" was taken by lead/);
      assert.equal((await incident(sales.id)).acknowledgedBy, 'lead');
      await nothingElse();
    },
  },
  {
    name: 'on-call-hands-over-what-is-taken',
    policy: { ...defaultPolicy, steps: [{ page, by: 'sms', waitMs: 5 * minute }], repeat: 0 },
    schedules: (now) => ({
      data: {
        timezone: 'Europe/Berlin',
        rotations: [{ contacts: ['lead'], every: { days: 1 }, start: '2020-01-01T00:00' }],
        overrides: [{ contact: 'ana', from: now - hour, to: now + 90 * minute }],
      },
    }),
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      const [sales, taxes] = [item('Sales'), item('Taxes')];
      for (const [index, one] of [sales, taxes].entries()) {
        await fails(one.item);
        await ana.receives('sms', /^\[\d\] Workbook refresh failed: /);
        await ana.replies(`${index + 1}`, 'sms');
        await ana.receives('sms', /^Taken: /);
      }
      await later(90 * minute);
      const both = /\[(\d)\] "Sales".*\[(\d)\] "Taxes"|\[(\d)\] "Taxes".*\[(\d)\] "Sales"/;
      const { body } = await lead.receives('sms', /^You are on call now \(data\)\. 2 open and taken by ana: /);
      assert.match(body, both);
      await ana.receives('sms', /^On call now \(data\): lead\. 2 open and yours: /);
      await nothingElse();
      const number = /\[(\d)\] "Sales"/.exec(body)?.[1] ?? '';
      await lead.replies(`DONE ${number}`, 'sms');
      await lead.receives('sms', /^Resolved: "Sales"\./);
      await ana.receives('sms', /"Sales" was resolved by lead/);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'on-call-override-in-the-middle',
    policy: {
      ...defaultPolicy,
      steps: [
        { page, by: 'sms', waitMs: 5 * minute },
        { page, by: 'sms', waitMs: 5 * minute },
      ],
      repeat: 0,
    },
    schedules: () => ({
      data: {
        timezone: 'Europe/Berlin',
        rotations: [{ contacts: ['ana'], every: { days: 1 }, start: '2020-01-01T00:00' }],
        overrides: [],
      },
    }),
    async run({ ana, lead, item, fails, later, incident, now, post, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('sms', failed);
      const [from, to] = [now(), now() + hour].map((at) => new Date(at).toISOString());
      const made = await post('/schedules/data/overrides', { contact: 'lead', from, to });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      await lead.receives('sms', /^You are on call \(data\) from \w+ \d\d:\d\d to \w+ \d\d:\d\d in place of ana\.$/);
      await ana.receives('sms', /^lead is on call \(data\) .* in your place\.$/);
      await later(5 * minute);
      await lead.receives('sms', failed);
      // The step has noticed that the schedule has handed over.
      await later(5 * second);
      await lead.receives('sms', /^You are on call now \(data\)\. Open and taken by nobody: \[1\] "Sales"\. Reply 1 /);
      await ana.receives('sms', /^On call now \(data\): lead\. Open and taken by nobody: \[1\] "Sales"\.$/);
      await lead.replies('1', 'sms');
      await lead.receives('sms', /^Taken: "Sales"\./);
      await ana.receives('sms', /"Sales" was taken by lead/);
      assert.equal((await incident(sales.id)).acknowledgedBy, 'lead');
      await nothingElse();
    },
  },
  {
    name: 'who-is-on-call-by-text',
    schedules: (now) => ({
      data: {
        timezone: 'Europe/Berlin',
        rotations: [{ contacts: ['lead'], every: { days: 1 }, start: '2020-01-01T00:00' }],
        overrides: [{ contact: 'ana', from: now - hour, to: now + 3 * hour }],
      },
      ops: { timezone: 'UTC', rotations: [], overrides: [] },
    }),
    async run({ ana, lead, now, post, nothingElse }) {
      await ana.replies("Who's on call?");
      await ana.receives('whatsapp', /^data: ana until \w{3} \d\d:\d\d, then lead\.\nops: nobody\.$/);
      const [from, to] = [now(), now() + hour].map((at) => new Date(at).toISOString());
      const made = await post('/schedules/data/overrides', { contact: 'lead', from, to });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      await lead.receives('sms', /^You are on call \(data\)/);
      await ana.receives('sms', /^lead is on call \(data\) .* in your place\.$/);
      await lead.replies('WHO', 'sms');
      await lead.receives('sms', /^data: lead until \w{3} \d\d:\d\d, then ana\.\nops: nobody\.$/);
      await nothingElse();
    },
  },
  {
    name: 'on-call-swapped-by-text',
    policy: { ...defaultPolicy, steps: [{ page, by: 'sms', waitMs: 5 * minute }], repeat: 0 },
    schedules: () => ({
      data: {
        timezone: 'Europe/Berlin',
        rotations: [{ contacts: ['ana'], every: { days: 1 }, start: '2020-01-01T00:00' }],
        overrides: [],
      },
    }),
    async run({ ana, lead, item, fails, later, nothingElse }) {
      const asked = /^Reply (\d{4}) to put lead on call \(data\) from \w{3} \d\d:\d\d to \w{3} \d\d:\d\d\.$/;
      // A forged sender: the code goes to ana's phone, and never comes back.
      await ana.replies('SWAP lead 2h', 'sms');
      await ana.receives('sms', asked);
      await later(11 * minute);
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('sms', failed);
      await ana.replies('1', 'sms');
      await ana.receives('sms', /^Taken: "Sales"\./);
      await nothingElse();

      await ana.replies('SWAP lead 2h', 'sms');
      const { body } = await ana.receives('sms', asked);
      await ana.replies(asked.exec(body)?.[1] ?? '', 'sms');
      await lead.receives('sms', /^You are on call \(data\) from \w{3} \d\d:\d\d to .* in place of ana\.$/);
      // The confirmation and the notice come from two workflows, in either order.
      const theirs = /^Done: lead is on call \(data\) from |^lead is on call \(data\) .* in your place\.$/;
      const texts = [await ana.receives('sms', theirs), await ana.receives('sms', theirs)].map((one) => one.body);
      assert.equal(texts.filter((text) => text.startsWith('Done: ')).length, 1, texts.join('\n'));
      const taxes = item('Taxes');
      await fails(taxes.item);
      await lead.receives('sms', /^\[1\] Workbook refresh failed: "Taxes"/);
      await lead.replies('1', 'sms');
      await lead.receives('sms', /^Taken: "Taxes"\./);
      await nothingElse();
    },
  },
  {
    name: 'the-owner-is-paged-or-else-the-fallback',
    policy: {
      ...defaultPolicy,
      steps: [{ page: ['owner'], by: 'sms', waitMs: 5 * minute }],
      repeat: 0,
      fallback: { contact: 'lead', channels: ['sms', 'call'] },
    },
    owners: { owners: { 'olga.owner@example.com': 'ana' }, fallback: 'lead' },
    async run({ ana, lead, item, fails, quiet, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('sms', failed);
      await ana.replies('1', 'sms');
      await ana.receives('sms', /^Taken: "Sales"\./);
      await nothingElse();

      // Nobody of the contacts has this name in Tableau.
      const taxes = item('Taxes', 'broken', 'Finance', 'Otto Other');
      await fails(taxes.item);
      await lead.receives('sms', /^\[1\] Workbook refresh failed: "Taxes"/);
      // In the step, not because nobody answered.
      assert.equal((await incident(taxes.id)).state, 'triggered');
      await lead.replies('1', 'sms');
      await lead.receives('sms', /^Taken: "Taxes"\./);
      await quiet();
      const paged = async (id: string) =>
        (await incident(id)).timeline.filter(({ type }) => type === 'sent').map(({ text }) => text);
      assert.deepEqual(await paged(sales.id), ['SMS to ana']);
      assert.deepEqual(await paged(taxes.id), ['SMS to lead']);
      await nothingElse();
    },
  },
];
