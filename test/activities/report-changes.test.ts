import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { createReportActivities } from '../../src/activities/report-changes.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import { readEscalation } from '../../src/policy/load.js';
import type { ChangesSignal, ReportInput } from '../../src/workflows/webhook-contract.js';
import { change } from '../outgoing/changes.js';

const file = (webhooks: string) => `contacts: { ana: { phone: "+15550000001" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
webhooks: ${webhooks}
`;

function create(webhooks: string, isDown: (endpoint: string) => boolean = () => false) {
  const signals: Record<string, ChangesSignal[]> = {};
  const activities = createReportActivities({
    escalation: fixedEscalation(readEscalation('e.yaml', file(webhooks))),
    variables: { WEBHOOK_A: 'https://a.example.com' },
    signal: async (endpoint, signal) => {
      if (isDown(endpoint)) throw new Error('signal limit');
      (signals[endpoint] ??= []).push(signal);
    },
    logger: pino({ level: 'silent' }),
  });
  const types = (endpoint: string) =>
    (signals[endpoint] ?? []).flatMap(({ changes }) => changes.map(({ type }) => type));
  return { reportChanges: (input: ReportInput) => activities.reportChanges(input), signals, types };
}

describe('a report of changes', () => {
  test('goes to each endpoint that wants them, by type, policy and project', async () => {
    const { reportChanges, types } = create(
      `{ all: { url: $WEBHOOK_A }, ends: { url: $WEBHOOK_A, events: [recovered] }, hr: { url: $WEBHOOK_A, projects: [HR] }, urgent: { url: $WEBHOOK_A, policies: [default] } }`,
    );
    const result = await reportChanges({ changes: [change('triggered'), change('recovered', {}, 2)], told: [] });
    assert.deepEqual(result, { told: ['all', 'ends', 'urgent'], unreached: [] });
    assert.deepEqual(types('all'), ['triggered', 'recovered']);
    assert.deepEqual(types('ends'), ['recovered']);
    assert.deepEqual(types('hr'), []);
  });

  test('of an episode goes on to whoever heard of it before its project was known', async () => {
    const { reportChanges, types } = create(`{ hr: { url: $WEBHOOK_A, projects: [HR] } }`);
    const unknown = change('triggered');
    delete unknown.incident.project;
    const { told } = await reportChanges({ changes: [unknown], told: [] });
    assert.deepEqual(told, ['hr']);
    await reportChanges({ changes: [change('recovered', {}, 2)], told });
    assert.deepEqual(types('hr'), ['triggered', 'recovered']);
  });

  test('reaches the others where one endpoint cannot be signalled, and fails where none can', async () => {
    const two = `{ a: { url: $WEBHOOK_A }, b: { url: $WEBHOOK_A } }`;
    const some = create(two, (endpoint) => endpoint === 'a');
    assert.deepEqual(await some.reportChanges({ changes: [change()], told: [] }), {
      told: ['a', 'b'],
      unreached: ['a'],
    });
    assert.deepEqual(some.types('b'), ['triggered']);
    await assert.rejects(create(two, () => true).reportChanges({ changes: [change()], told: [] }), {
      type: 'temporal-unavailable',
    });
  });

  test('reaches an endpoint without its variables, too: it waits there, and is an alarm', async () => {
    const { reportChanges, signals } = create(`{ a: { url: $WEBHOOK_B } }`);
    await reportChanges({ changes: [change()], told: [] });
    assert.equal(signals['a']?.[0]?.version, 'incomplete');
  });

  test('is nothing to anybody when the file has no webhooks any more', async () => {
    const { reportChanges, signals } = create('{}');
    assert.deepEqual(await reportChanges({ changes: [change()], told: ['gone'] }), { told: ['gone'], unreached: [] });
    assert.deepEqual(signals, {});
  });
});
