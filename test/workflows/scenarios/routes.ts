/** Routes that depend on what Tableau knows of the item. */
import assert from 'node:assert/strict';
import { hour, minute, type Policy } from '../../../src/workflows/contract.js';
import { failed, type Scenario } from './scenario.js';

const finance: Policy = {
  name: 'finance',
  steps: [{ page: ['lead'], by: 'sms', waitMs: 5 * minute }],
  repeat: 0,
  remindMs: 4 * hour,
};
const routes = [
  { events: ['*RefreshFailed'], project: 'Trials/**', ignore: 'not ours' },
  { events: ['*RefreshFailed'], project: 'Finance/**', policy: 'finance' },
  { events: ['*'], policy: 'default' },
];

export const routeScenarios: Scenario[] = [
  {
    name: 'route-by-project',
    routes: { routes, policies: { finance } },
    async run({ lead, item, fails, quiet, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await lead.receives('sms', failed);
      await lead.replies('1', 'sms');
      await lead.receives('sms', /^Taken: "Sales"\./);
      const { policy, timeline } = await incident(sales.id);
      assert.equal(policy, 'finance');
      assert.ok(timeline.some(({ text }) => text === 'Route 2: policy finance'));
      await quiet();
      await nothingElse();
    },
  },
  {
    name: 'route-ignores-by-project',
    routes: { routes, policies: { finance } },
    async run({ item, fails, quiet, later, incident, nothingElse }) {
      const trial = item('Trial', 'broken', 'Trials');
      await fails(trial.item);
      await quiet();
      const { state, timeline } = await incident(trial.id);
      assert.equal(state, 'resolved');
      assert.equal(timeline.at(-1)?.text, 'Ignored by route 1: not ours, so that nobody is paged');
      await later(30 * minute);
      await nothingElse();
    },
  },
];
