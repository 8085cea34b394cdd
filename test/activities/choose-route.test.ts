import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { createRoutingActivities } from '../../src/activities/choose-route.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import { readEscalation } from '../../src/policy/load.js';
import type { RoutingFact, RoutingFacts } from '../../src/tableau/look-ups/routing-facts.js';

const escalation = readEscalation(
  'e.yaml',
  `contacts: { ana: { phone: "+15550000001" } }
policies:
  urgent: { steps: [{ page: [ana], by: call, wait: 5m }] }
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
routes:
  - { events: ["*RefreshFailed"], item: "Sales*", project: "Finance/**", site: eu, policy: urgent }
  - { events: ["*RefreshFailed"], failures: ">= 3", policy: urgent }
  - { events: ["Datasource*"], owner: "*@example.com", ignore: not ours }
  - { events: ["*RefreshFailed"], policy: default }
`,
);

async function route(
  { name = 'Sales', event = 'WorkbookRefreshFailed', site = '-', failures = 1 },
  {
    facts = {},
    ownSite = async () => 'site-eu',
    siteName = 'EU',
  }: {
    facts?: RoutingFacts;
    ownSite?: () => Promise<string>;
    siteName?: string;
  } = {},
) {
  const asked: RoutingFact[] = [];
  const activities = createRoutingActivities({
    escalation: fixedEscalation(escalation),
    factsOf: async (_item, wanted) => {
      asked.push(...wanted);
      return facts;
    },
    ownSite,
    siteName,
    logger: pino({ level: 'silent' }),
  });
  const item = { kind: 'workbook', luid: 'w', name, site } as const;
  const routed = await activities.chooseRoute({ item, event, receivedAt: 0, failures, withinMs: 500 });
  const chosen = 'policy' in routed ? routed.policy.name : routed.ignored;
  return { chosen: [chosen, routed.route, routed.isCertain], asked };
}

describe('the policy of a failure', () => {
  test('by what Tableau knows of its item, and nothing else is asked', async () => {
    const { chosen, asked } = await route({}, { facts: { project: 'Finance/Daily', failures: 1 } });
    assert.deepEqual(chosen, ['urgent', 1, true]);
    assert.deepEqual(asked, ['project', 'failures']);
    assert.deepEqual((await route({ name: 'HR' }, { facts: { failures: 1 } })).asked, ['failures']);
  });

  test('by the failures of the episode where Tableau counts fewer', async () => {
    const facts = { project: 'HR', failures: 1 };
    assert.deepEqual((await route({ failures: 3 }, { facts })).chosen, ['urgent', 2, true]);
    assert.deepEqual((await route({ failures: 2 }, { facts })).chosen, ['default', 4, true]);
  });

  test('by the name of the site that we sign in to', async () => {
    const facts = { project: 'Finance', failures: 1 };
    assert.deepEqual((await route({ site: 'SITE-EU' }, { facts })).chosen, ['urgent', 1, true]);
    assert.deepEqual((await route({}, { facts, siteName: '' })).chosen, ['default', 4, true]);
    const down = { facts, ownSite: () => Promise.reject(new Error('down')) };
    assert.deepEqual((await route({ site: 'SITE-EU' }, down)).chosen, ['default', 4, false]);
  });

  test('until Tableau tells more, by the first route that needs nothing', async () => {
    assert.deepEqual((await route({}, {})).chosen, ['default', 4, false]);
  });

  test('or none, with the reason', async () => {
    const facts = { project: 'HR', failures: 1, owner: ['ana@example.com'] };
    assert.deepEqual((await route({ event: 'DatasourceRefreshFailed' }, { facts })).chosen, ['not ours', 3, true]);
  });
});
