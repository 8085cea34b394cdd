/** An incident of which Tableau sends nothing for long: Tableau is asked about the item, and whoever was paged is notified. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day, hour, minute, type Policy } from '../../../src/workflows/contract.js';
import { detailsOf } from '../../../src/workflows/incident/view.js';
import { createIncident, policy } from '../../helpers/incident.js';

const once: Policy = { ...policy, steps: [{ page: ['ana'], by: 'whatsapp', waitMs: 5 * minute }], repeat: 0 };
const withFallback: Policy = { ...once, fallback: { contact: 'boss', channels: ['sms', 'call'] } };

/** Taken by ana, and then there was no event for seven days. */
function silent(chosen: Policy = once) {
  const sales = createIncident(chosen);
  sales.fails();
  sales.later(minute);
  sales.answers({ contact: 'ana' });
  sales.later(7 * day - minute);
  return sales;
}

type Sales = ReturnType<typeof silent>;
/** The reason in the newest notice. */
const whyOf = (sales: Sales): string | undefined =>
  sales.messages
    .flatMap((message) => (message.signal === 'notice' && 'why' in message.payload ? [message.payload.why] : []))
    .at(-1);
const lastLine = (sales: Sales): string | undefined => sales.incident.timeline.at(-1)?.text;

describe('after seven days without an event Tableau is asked about the item', () => {
  test('once, and the incident goes on until it answers', () => {
    const sales = createIncident(once);
    sales.fails();
    sales.later(7 * day - 1);
    assert.equal(sales.itemChecks(), 0);
    assert.match(
      detailsOf(sales.incident),
      /- Next: Tableau is asked whether it still fails at 2026-03-08 03:00:00 UTC/,
    );
    sales.later(1);
    assert.equal(sales.itemChecks(), 1);
    assert.equal(sales.incident.state, 'unacknowledged');
    assert.match(detailsOf(sales.incident), /- Next: Tableau is asked whether it still fails\n/);
    sales.later(30_000);
    assert.equal(sales.itemChecks(), 1);
  });

  test('and one that has recovered since is resolved, with a notice that says when', () => {
    const sales = silent();
    const at = sales.now() - 6 * day;
    sales.tableau.reportsItem({ state: 'recovered', at });
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.notices().slice(-1), ['recovered ana']);
    assert.equal(whyOf(sales), 'It was refreshed 6 days ago, of which Tableau sent no event.');
    assert.match(
      detailsOf(sales.incident),
      /\*\*resolved\*\*.*\n(.*\n)*- Ended: Refreshed at 2026-03-02T03:00:00\.000Z, /,
    );
    // A failure from before that success came late.
    sales.fails(at - hour);
    assert.equal(sales.incident.state, 'resolved');
  });

  test('and one that was deleted is resolved, with a notice', () => {
    const sales = silent();
    sales.tableau.reportsItem({ state: 'deleted' });
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.notices().slice(-1), ['deleted ana']);
  });

  const forgotten = [
    [{ state: 'suspended' }, 'suspended', undefined, 'Tableau has suspended its schedule.'],
    [
      { state: 'failing' },
      'forgotten',
      /^Tableau has sent nothing for 7 days\. It still fails there\.$/,
      'It still fails there.',
    ],
    [
      { state: 'failing', inARow: 6 },
      'forgotten',
      /^Tableau has sent nothing for 7 days\. It still fails there, 6 times in a row: Tableau may have suspended its schedule\.$/,
      'It still fails there, 6 times in a row: Tableau may have suspended its schedule.',
    ],
    [
      { state: 'unknown', why: 'We may not see it.' },
      'forgotten',
      /^Tableau has sent nothing for 7 days\. We may not see it\.$/,
      'We may not see it.',
    ],
  ] as const;
  for (const [status, kind, why, text] of forgotten)
    test(`and is not watched any more, with a notice, when it is ${JSON.stringify(status)}`, () => {
      const sales = silent();
      sales.tableau.reportsItem(status);
      assert.equal(sales.incident.state, 'forgotten');
      assert.deepEqual(sales.notices().slice(-1), [`${kind} ana`]);
      if (why !== undefined) assert.match(whyOf(sales) ?? '', why);
      assert.equal(lastLine(sales), `There was no event for 7 days. ${text}`);
      assert.match(detailsOf(sales.incident), /- Ended: There was no event for 7 days\. /);
      assert.doesNotMatch(detailsOf(sales.incident), /- Next:/);
      assert.ok(sales.ended());
    });

  test('again on the next two days when it does not answer, and then the notice says so', () => {
    const sales = silent();
    for (const checks of [1, 2]) {
      assert.equal(sales.itemChecks(), checks);
      sales.tableau.failsToReportItem();
      assert.equal(sales.incident.state, 'acknowledged');
      sales.later(day - 1);
      assert.equal(sales.itemChecks(), checks);
      assert.match(detailsOf(sales.incident), /- Next: Tableau is asked whether it still fails at /);
      sales.later(1);
    }
    assert.equal(sales.itemChecks(), 3);
    sales.tableau.failsToReportItem();
    assert.equal(sales.incident.state, 'forgotten');
    assert.equal(whyOf(sales), 'Tableau has sent nothing for 9 days. It did not answer on 3 days in a row.');
    assert.ok(sales.ended());
  });

  test('but an event that comes meanwhile counts: what Tableau then answers does not', () => {
    const sales = silent();
    sales.fails();
    sales.tableau.reportsItem({ state: 'suspended' });
    assert.equal(sales.incident.state, 'acknowledged');
    sales.later(7 * day - 1);
    assert.equal(sales.itemChecks(), 1);
    sales.later(1);
    assert.equal(sales.itemChecks(), 2);
  });

  test('and an answer that ends the incident meanwhile stands', () => {
    const sales = silent();
    sales.answers({ answerId: 'done', verb: 'resolve', contact: 'ana' });
    sales.tableau.reportsItem({ state: 'failing' });
    assert.equal(sales.incident.state, 'resolved');
  });

  test('anew by the next run, when the run ends before the answer', () => {
    const sales = silent();
    sales.cancelsReads();
    sales.continuesAsNew();
    assert.equal(sales.itemChecks(), 2);
    sales.tableau.reportsItem({ state: 'deleted' });
    assert.equal(sales.incident.state, 'resolved');
  });
});

describe('the fallback contact', () => {
  const ofBoss = (sales: Sales) =>
    sales.messages.flatMap((message) =>
      message.signal === 'notice' && message.contact === 'boss'
        ? [[message.payload.kind, message.payload.channel]]
        : [],
    );

  test('who was not paged gets the notice of what is not watched any more by text, and no other', () => {
    const suspended = silent(withFallback);
    suspended.tableau.reportsItem({ state: 'suspended' });
    assert.deepEqual(ofBoss(suspended), [['suspended', 'sms']]);
    const recovered = silent(withFallback);
    recovered.tableau.reportsItem({ state: 'recovered', at: recovered.now() - day });
    assert.deepEqual(ofBoss(recovered), []);
  });

  test('who was paged gets one notice', () => {
    const sales = createIncident(withFallback);
    sales.fails();
    sales.later(7 * day);
    sales.tableau.reportsItem({ state: 'failing' });
    assert.deepEqual(sales.notices(), ['forgotten ana', 'forgotten boss']);
  });
});

test('an item without a refresh is forgotten with a notice and without a request', () => {
  const admin = createIncident(once, 'user');
  admin.fails(admin.now(), 'AdminPromoted');
  admin.later(7 * day);
  assert.equal(admin.itemChecks(), 0);
  assert.equal(admin.incident.state, 'forgotten');
  assert.deepEqual(admin.notices(), ['forgotten ana']);
});

test('an incident that an earlier version handed over has not asked yet', () => {
  const sales = createIncident(once);
  sales.fails();
  const { itemCheck: _unknown, ...older } = sales.incident;
  sales.takesOver(older);
  sales.later(7 * day);
  assert.equal(sales.itemChecks(), 1);
});
