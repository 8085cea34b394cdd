/** Posts to the receivers of the sandbox, by real HTTP. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { createSandbox } from '../../sandbox/sandbox.js';
import { createPostActivities } from '../../src/activities/post-changes.js';
import { createPost } from '../../src/outgoing/post.js';
import { fixedEscalation, type EscalationSource } from '../../src/policy/escalation-source.js';
import { readEscalation } from '../../src/policy/load.js';
import type { WebhookForm } from '../../src/policy/webhooks.js';
import type { IncidentChange, PostResult } from '../../src/workflows/webhook-contract.js';
import { change, publicUrl } from '../outgoing/changes.js';

const secret = `whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`;
const three = [change('triggered'), change('acknowledged', { by: 'ana' }, 2), change('recovered', {}, 3)];

async function world(t: TestContext, as: WebhookForm = 'standard') {
  const sandbox = createSandbox({ accountSid: `AC${'0'.repeat(32)}`, authToken: 't', pat: { name: 'p', secret: 's' } });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const keys = as === 'pagerduty' ? 'key: $WEBHOOK_KEY' : `secret: $WEBHOOK_SECRET`;
  const file = `contacts: { ana: { phone: "+15550000001" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
webhooks: { team: { as: ${as}, url: "${url}/receivers/${as}/team", ${keys}, private: true } }
`;
  const inForce = readEscalation('e.yaml', file);
  const create = (escalation: EscalationSource) =>
    createPostActivities({
      escalation,
      variables: { WEBHOOK_SECRET: secret, WEBHOOK_KEY: 'routing-key' },
      publicUrl,
      post: createPost({ timeoutMs: 1_000 }),
      logger: pino({ level: 'silent' }),
    });
  const run = (
    changes: IncidentChange[],
    heartbeatDetails?: object,
    escalation = fixedEscalation(inForce),
  ): Promise<PostResult> =>
    new MockActivityEnvironment(heartbeatDetails ? { heartbeatDetails } : {}).run(
      (some: IncidentChange[]) => create(escalation).postChanges({ endpoint: 'team', changes: some }),
      changes,
    );
  const { receivers } = sandbox;
  receivers.set('team', as === 'pagerduty' ? {} : { secret });
  const got = () => receivers.received('team');
  return { run, receivers, got, inForce };
}

describe('changes', () => {
  test('arrive one after the other, signed, each with its id', async (t) => {
    const { run, got } = await world(t);
    assert.deepEqual(await run(three), { posted: ['aaaa-bbbb-1', 'aaaa-bbbb-2', 'aaaa-bbbb-3'], pauseMs: 0 });
    assert.deepEqual(
      got().map(({ id, isSigned, status }) => [id, isSigned, status]),
      ['aaaa-bbbb-1', 'aaaa-bbbb-2', 'aaaa-bbbb-3'].map((id) => [id, true, 204]),
    );
  });

  test('in every form are what the receiver takes', async (t) => {
    for (const as of ['slack', 'teams', 'alertmanager', 'pagerduty'] as const) {
      const { run, got } = await world(t, as);
      const { posted, failed } = await run(three);
      assert.deepEqual([posted.length, failed], [3, undefined], as);
      assert.ok(
        got().every(({ status }) => status !== null && status < 300),
        as,
      );
      assert.equal(got().length, as === 'slack' || as === 'teams' ? 1 : 3, as);
    }
  });

  test('that an earlier attempt has posted are not posted again', async (t) => {
    const { run, got } = await world(t);
    await run(three, { posted: ['aaaa-bbbb-1', 'aaaa-bbbb-2'] });
    assert.deepEqual(
      got().map(({ id }) => id),
      ['aaaa-bbbb-3'],
    );
  });

  test('end with what the receiver says', async (t) => {
    const { run, receivers, got } = await world(t);
    const after = async (behaviour: Parameters<typeof receivers.set>[1]) => {
      receivers.set('team', { status: null, retryAfter: null, isDown: false, delayMs: 0, ...behaviour });
      return (await run(three)).failed;
    };
    assert.deepEqual(await after({ status: 500 }), { how: 'unavailable', why: 'answered 500' });
    assert.deepEqual(await after({ status: 429, retryAfter: 7 }), {
      how: 'unavailable',
      why: 'answered 429',
      afterMs: 7_000,
    });
    assert.deepEqual(await after({ status: 410 }), { how: 'gone' });
    assert.deepEqual(await after({ status: 400 }), { how: 'refused', why: 'answered 400', ids: ['aaaa-bbbb-1'] });
    assert.deepEqual(await after({ isDown: true }), { how: 'unavailable', why: 'not reached (ECONNRESET)' });
    assert.deepEqual(await after({ delayMs: 1_500 }), { how: 'unavailable', why: 'no answer within 1 s' });
    assert.equal(got().length, 6);
  });

  test('for an endpoint that a newer file has are posted, and for none that is gone from it', async (t) => {
    const { run, inForce, got } = await world(t);
    const { webhooks: _none, ...older } = inForce;
    let current = older as typeof inForce;
    const checked = { current: () => current, alarms: () => [], check: async () => void (current = inForce) };
    assert.equal((await run(three, undefined, checked)).posted.length, 3);
    assert.deepEqual((await run(three, undefined, fixedEscalation(older))).failed, { how: 'removed' });
    assert.equal(got().length, 3);
  });
});
