import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FailureFacts } from '../../src/policy/conditions.js';
import { contactFor } from '../../src/policy/contact-for.js';
import { plannedPages, triedRoutes } from '../../src/policy/explain.js';
import { readEscalation } from '../../src/policy/load.js';
import type { Schedule } from '../../src/policy/on-call.js';
import { quietUntil } from '../../src/policy/quiet-hours.js';
import { severities } from '../../src/policy/schema.js';
import { withSeverity } from '../../src/policy/severity.js';
import { decideRoute, type Escalation, type Route } from '../../src/policy/route.js';
import { channels, minute, second, type Policy } from '../../src/workflows/contract.js';
import { createIncident, start } from '../helpers/incident.js';
import { caseCount } from '../helpers/case-count.js';

/** A CI has more time than whoever waits for `npm test`. */
const runs = caseCount(5_000);
const base: Escalation = {
  ...readEscalation(
    'e.yaml',
    `contacts:
  ana: { whatsapp: "+15550000001", phone: "+15550000001", tableau: [ana] }
  ben: { phone: "+15550000002", tableau: [ben] }
  lead: { whatsapp: "+15550000003" }
policies:
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
  urgent: { steps: [{ page: [ana], by: call, wait: 5m }] }
`,
  ),
};

describe('the routes that were tried', () => {
  test('are those until the one that decides, each with what is met', () => {
    const routes: Route[] = [
      { events: ['*Deleted'], policy: 'urgent' },
      { events: ['*'], project: 'Finance', tags: ['gold'], policy: 'urgent' },
      { events: ['*'], policy: 'default' },
      { events: ['*'], ignore: 'never reached' },
    ];
    const tried = triedRoutes({ routes }, { event: 'WorkbookRefreshFailed', at: 0, project: 'Finance' });
    assert.deepEqual(
      tried.map(({ route, verdict, conditions }) => [route, verdict, conditions.map((one) => one.verdict).join()]),
      [
        [1, 'missed', 'missed'],
        [2, 'unknown', 'met,met,unknown'],
        [3, 'met', 'met'],
      ],
    );
  });
});

const facts: fc.Arbitrary<Required<FailureFacts>> = fc.record({
  event: fc.constant('WorkbookRefreshFailed'),
  at: fc.constant(0),
  item: fc.constantFrom('Sales', 'HR'),
  site: fc.constantFrom('s1', 's2'),
  siteName: fc.constantFrom('eu', 'us'),
  project: fc.constantFrom('', 'Finance', 'Finance/Daily', 'Trials'),
  tags: fc.constantFrom([], ['gold'], ['gold', 'eu']),
  owner: fc.constantFrom([], ['ana'], ['carl']),
  failures: fc.integer({ min: 1, max: 4 }),
});
const route: fc.Arbitrary<Route> = fc
  .record(
    {
      item: fc.constant('Sales'),
      site: fc.constantFrom('s1', 'eu'),
      project: fc.constantFrom('Finance/**', 'Trials', '*'),
      tags: fc.constantFrom(['gold'], ['eu']),
      owner: fc.constant('a*'),
      failures: fc.record({ is: fc.constantFrom('>=' as const, '=' as const), count: fc.integer({ min: 1, max: 3 }) }),
    },
    { requiredKeys: [] },
  )
  .chain((conditions) =>
    fc.constantFrom<Route>(
      { events: ['*'], ...conditions, policy: 'default' },
      { events: ['*'], ...conditions, policy: 'urgent' },
      { events: ['*'], ...conditions, ignore: 'not ours' },
    ),
  );
const hidden = fc.subarray(['siteName', 'project', 'tags', 'owner', 'failures'] as const);

test('a decision that is certain is the one that is made when all is known, and no other leaves anybody unpaged', () => {
  let certain = 0;
  const property = fc.property(fc.array(route, { maxLength: 5 }), facts, hidden, (routes, all, unknown) => {
    const escalation = { routes, policies: base.policies };
    const known: FailureFacts = { ...all };
    for (const name of unknown) delete known[name];
    const [decided, final] = [decideRoute(escalation, known), decideRoute(escalation, all)];
    assert.equal(final.isCertain, true);
    if (decided.isCertain) assert.equal(decided.policy, final.policy);
    else assert.notEqual(decided.policy, null);
    if (decided.isCertain && unknown.length > 0) certain += 1;
    const last = triedRoutes(escalation, all).at(-1);
    assert.equal(final.route, last?.verdict === 'met' ? last.route : null);
  });
  fc.assert(property, { numRuns: runs, seed: 1 });
  assert.ok(certain > runs / 20);
});

const schedule: fc.Arbitrary<Schedule> = fc.record({
  timezone: fc.constantFrom('Europe/Berlin', 'Asia/Kolkata'),
  rotations: fc.array(
    fc.record({
      contacts: fc.constantFrom(['ana', 'ben'], ['lead'], ['ben', 'lead', 'ana']),
      every: fc.record({ hours: fc.integer({ min: 1, max: 3 }) }),
      start: fc.constantFrom('2026-02-01T00:00', '2026-03-01T09:00'),
      hours: fc.constantFrom(
        [{ days: ['sun' as const], from: 0, to: 5 * 60 }],
        [{ days: ['sun' as const], from: 240, to: 24 * 60 }],
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  overrides: fc.constantFrom([], [{ contact: 'lead', from: start + 7 * minute, to: start + 25 * minute }]),
});
const time = fc.constantFrom(0, 2 * 60 + 10, 3 * 60 + 25, 9 * 60, 22 * 60);
const quietHours = fc.option(
  fc.tuple(time, time).filter(([from, to]) => from !== to && (to - from + 1_440) % 1_440 <= 12 * 60),
);
const policy: fc.Arbitrary<Policy> = fc.record({
  name: fc.constant('default'),
  steps: fc.array(
    fc.record({
      page: fc.subarray(['schedule/one', 'ana', 'owner', 'schedule/two', 'ben'], { minLength: 1 }),
      by: fc.constantFrom(...channels),
      waitMs: fc.constantFrom(second, minute, 5 * minute, 40 * minute),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  repeat: fc.integer({ min: 0, max: 2 }),
  remindMs: fc.constant(minute),
});

test('the pages that are planned are those that an incident makes when nobody answers', () => {
  let planned = 0;
  let held = 0;
  const property = fc.property(
    policy,
    fc.constantFrom(...severities),
    fc.record({ ana: quietHours, ben: quietHours, lead: quietHours }),
    schedule,
    schedule,
    fc.option(fc.constantFrom('lead', 'ana'), { nil: undefined }),
    fc.constantFrom([], ['BEN'], ['carl']),
    (made, severity, quiet, one, two, fallback, owner) => {
      const contacts = Object.fromEntries(
        Object.entries(quiet).map(([key, times]) => [
          key,
          { ...base.contacts[key], ...(times && { quiet: { from: times[0], to: times[1] } }) },
        ]),
      );
      const escalation: Escalation = { ...base, contacts, schedules: { one, two }, ...(fallback && { fallback }) };
      const channelsOf = fallback === 'lead' ? (['whatsapp'] as const) : (['whatsapp', 'sms'] as const);
      const withFallback = { ...made, ...(fallback && { fallback: { contact: fallback, channels: [...channelsOf] } }) };
      const chosen = withSeverity(withFallback, severity, ['ana', 'ben']);
      const pages = plannedPages(escalation, chosen, { at: start, owner });
      const incident = createIncident(chosen);
      incident.onCall.by((references, by) =>
        Object.fromEntries(
          references.map((each) => [each, contactFor(escalation, each, { by, at: incident.now(), owner })] as const),
        ),
      );
      incident.isQuiet((contact) => quietUntil(escalation, contact, incident.now()));
      incident.fails();
      incident.later(5 * 24 * 60 * minute);
      assert.equal(incident.incident.state, 'unacknowledged');
      assert.deepEqual(
        incident.incident.pages.flatMap(({ sentAt, channel, contact }) =>
          sentAt === undefined ? [] : [[sentAt, channel, contact]],
        ),
        pages.map(({ at, by, contact }) => [at, by, contact]),
      );
      planned += pages.length;
      held += pages.filter(({ wasQuiet }) => wasQuiet).length;
    },
  );
  fc.assert(property, { numRuns: runs, seed: 1 });
  assert.ok(planned > runs && held > runs / 10, `${planned} pages, ${held} of them after quiet hours`);
});
