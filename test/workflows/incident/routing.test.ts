import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute, second, type AnswerSignal, type Policy } from '../../../src/workflows/contract.js';
import { createIncident, policy } from '../../helpers/incident.js';

const step = { by: 'sms', waitMs: 5 * minute } as const;
const urgent: Policy = { ...policy, name: 'urgent', steps: [{ ...step, page: ['boss'] }] };
/** Pages everybody whom the default policy pages, and one more. */
const wider: Policy = { ...policy, name: 'wider', steps: [{ ...step, page: ['boss', 'ana', 'lead'] }] };
const certain = (chosen: Policy) => ({ policy: chosen, route: 2, isCertain: true });
const ignored = { ignored: 'not ours', route: 1, isCertain: true };
const texts = (sales: ReturnType<typeof createIncident>) => sales.incident.timeline.map(({ text }) => text);

/** A failure whose policy may change by what Tableau knows; the answer is still to come. */
function failing() {
  const sales = createIncident();
  sales.failsUnrouted();
  return sales;
}

describe('an incident whose policy depends on what Tableau knows', () => {
  test('pages nobody before it is known, and then by that policy, with what is known of the item', () => {
    const sales = failing();
    assert.deepEqual(sales.pages(), []);
    sales.routes.answers(certain(urgent));
    assert.deepEqual(sales.pages(), ['sms boss']);
    assert.equal(sales.incident.policy?.name, 'urgent');
    assert.equal(sales.firstLookUps.length, 1);
    assert.ok(texts(sales).includes('Route 2: policy urgent'));
    assert.equal(sales.routes.requests(), 1);
  });

  test('is over without a page when its route is to be ignored, and asks again at the next failure', () => {
    const sales = failing();
    sales.routes.answers(ignored);
    assert.equal(sales.incident.state, 'resolved');
    assert.equal(texts(sales).at(-1), 'Ignored by route 1: not ours, so that nobody is paged');
    sales.later(minute);
    sales.failsUnrouted();
    assert.equal(sales.routes.requests(), 2);
    sales.routes.answers(certain(urgent));
    assert.deepEqual(sales.pages(), ['sms boss']);
  });

  test('goes on by the policy of the event after two seconds without an answer', () => {
    const sales = failing();
    sales.later(2 * second - 1);
    assert.deepEqual(sales.pages(), []);
    sales.later(1);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('goes on at once by the policy that counts until Tableau tells more, and asks again', () => {
    const sales = failing();
    sales.routes.answers({ ...certain(policy), isCertain: false });
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    for (const seconds of [5, 15, 60]) {
      sales.later(seconds * second);
      sales.routes.answers({ ...certain(policy), isCertain: false });
    }
    assert.equal(sales.routes.requests(), 4);
    sales.later(2 * minute);
    assert.equal(sales.routes.requests(), 4);
  });

  test('takes a later answer where it pages everybody whom the first policy would', () => {
    const sales = failing();
    sales.later(2 * second);
    sales.routes.answers(certain(wider));
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'sms boss', 'sms ana', 'sms lead']);
    assert.ok(texts(sales).includes('Route 2: policy wider in place of default'));
  });

  test('keeps its policy where a later answer would page fewer people, or nobody', () => {
    for (const answer of [certain(urgent), ignored]) {
      const sales = failing();
      sales.later(2 * second);
      sales.routes.answers(answer);
      assert.equal(sales.incident.policy?.name, 'default');
      assert.equal(sales.incident.state, 'triggered');
      assert.match(texts(sales).at(-1) ?? '', /policy default has paged people, and stays$/);
    }
  });

  test('asks again when no worker answered, and in the next run when this one had to end', () => {
    const sales = failing();
    sales.routes.fails();
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    sales.later(5 * second);
    assert.equal(sales.routes.requests(), 2);
    sales.cancelsReads();
    sales.continuesAsNew();
    assert.equal(sales.routes.requests(), 3);
    sales.routes.answers(certain(wider));
    assert.equal(sales.incident.policy?.name, 'wider');
  });

  test('pages nobody by a late answer when somebody has taken it', () => {
    const sales = failing();
    sales.later(2 * second);
    sales.answers({ by: 'ana' });
    sales.routes.answers(certain(wider));
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    assert.equal(sales.incident.state, 'acknowledged');
  });

  test('takes a later answer before anybody is paged, also while it looks for whoever is on call', () => {
    const sales = createIncident({ ...policy, steps: [{ ...step, page: ['schedule/data'] }] });
    sales.onCall.isSlow();
    sales.failsUnrouted();
    sales.later(2 * second);
    assert.deepEqual(sales.onCall.requests(), [['schedule/data']]);
    sales.routes.answers(certain(urgent));
    sales.onCall.answers({ 'schedule/data': 'ana' }, 0);
    assert.deepEqual(sales.pages(), ['sms boss']);
    const hr = createIncident();
    hr.failsUnrouted();
    hr.answers({ by: 'script', verb: 'snooze', durationMs: minute });
    hr.routes.answers(certain(urgent));
    hr.later(minute);
    assert.deepEqual(hr.pages(), ['sms boss']);
  });

  test('takes a later answer while a silence covers it', () => {
    const sales = createIncident();
    sales.silence.is({ id: 'a', until: sales.now() + 30 * minute, by: 'lead', reason: 'Upgrade.' });
    sales.failsUnrouted();
    sales.later(2 * second);
    assert.deepEqual(sales.pages(), []);
    sales.routes.answers(certain(urgent));
    sales.later(30 * minute);
    assert.deepEqual(sales.pages(), ['sms boss']);
  });

  test('keeps whoever it was handed to before the steps of the policy that takes over', () => {
    const toBen: Partial<AnswerSignal> = {
      verb: 'hand',
      contact: 'ana',
      to: { contact: 'ben', channels: ['whatsapp', 'sms'] },
    };
    const sales = failing();
    sales.later(2 * second);
    sales.answers(toBen);
    sales.routes.answers(certain(wider));
    assert.equal(sales.incident.policy?.name, 'wider');
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp ben'], 'and pages them once');
    sales.later(10 * minute);
    assert.deepEqual(sales.pages().slice(2), ['sms ben', 'sms boss', 'sms ana', 'sms lead']);
    const hr = createIncident();
    hr.silence.is({ id: 'a', until: hr.now() + 30 * minute, by: 'lead', reason: 'Upgrade.' });
    hr.failsUnrouted();
    hr.later(2 * second);
    hr.answers(toBen);
    hr.routes.answers(certain(urgent));
    assert.equal(hr.incident.policy?.name, 'urgent');
    hr.later(30 * minute);
    assert.deepEqual(hr.pages(), ['whatsapp ben']);
  });

  test('is not held back by the rerun of a policy that another one replaces', () => {
    const sales = createIncident({ ...policy, rerun: { attempts: 1, waitMs: 30 * minute } });
    sales.failsUnrouted();
    sales.routes.answers({ ...certain({ ...policy, rerun: { attempts: 1, waitMs: 30 * minute } }), isCertain: false });
    assert.notEqual(sales.incident.rerun, null);
    sales.later(5 * second);
    sales.routes.answers(certain(urgent));
    assert.equal(sales.incident.rerun, null);
    assert.deepEqual(sales.pages(), ['sms boss']);
  });

  test('still asks, and pages by a later answer, when the first policy reached nobody', () => {
    const sales = createIncident({ ...policy, repeat: 0, steps: [{ ...step, page: ['schedule/data'] }] });
    sales.onCall.is({ 'schedule/data': null });
    sales.failsUnrouted();
    sales.routes.answers({ ...certain(sales.incident.policy ?? policy), isCertain: false });
    assert.equal(sales.incident.state, 'unacknowledged');
    sales.later(5 * second);
    assert.equal(sales.routes.requests(), 2);
    sales.routes.answers(certain(urgent));
    assert.deepEqual(sales.pages(), ['sms boss']);
    assert.equal(sales.incident.state, 'triggered');
  });

  test('is not ignored any more when Twilio has accepted a message or a call, though it reached nobody', () => {
    const sales = failing();
    sales.later(2 * second);
    sales.reports.failed(sales.pageIds().at(-1) ?? '', '63024');
    sales.routes.answers(ignored);
    assert.equal(sales.incident.state, 'triggered');
    assert.match(texts(sales).at(-1) ?? '', /policy default has paged people, and stays$/);
  });

  test('goes by the newer of two policies of one name', () => {
    const sales = createIncident({
      ...policy,
      steps: [
        { ...step, page: ['schedule/data'] },
        { ...step, page: ['lead'] },
      ],
    });
    sales.onCall.isSlow();
    sales.failsUnrouted();
    sales.later(2 * second);
    sales.routes.answers(certain({ ...policy, steps: [{ ...step, page: ['owner'] }] }));
    assert.deepEqual(sales.onCall.requests().at(-1), ['owner']);
    sales.onCall.answers({ 'schedule/data': 'ana' }, 0);
    sales.onCall.answers({ owner: 'ben' }, 1);
    assert.deepEqual(sales.pages(), ['sms ben']);
  });

  test('runs the refresh again only if the policy that is chosen says so', () => {
    const sales = failing();
    assert.equal(sales.incident.rerun, null);
    sales.routes.answers(certain({ ...urgent, rerun: { attempts: 1, waitMs: 10 * minute } }));
    assert.notEqual(sales.incident.rerun, null);
    assert.deepEqual(sales.pages(), []);
  });
});
