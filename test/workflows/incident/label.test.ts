import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day, hour, minute, second } from '../../../src/workflows/contract.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

const ending = 'Times in UTC, 1 Mar 2026. (Tableau Webhooks)';
const stale = `Stale since 03:00. ${ending}`;

/** An incident of a data source, paged while labels are on. */
function paged({ who = false, nextRunAt = 0 } = {}) {
  const orders = createIncident(policy, 'datasource');
  if (nextRunAt > 0) orders.tableau.knows({ nextRunAt });
  orders.failsLabelled(who);
  return orders;
}
type Orders = ReturnType<typeof createIncident>;
const texts = ({ labels }: Orders) => labels.requests.map(({ text }) => text);
const labelled = (orders: Orders) => {
  orders.labels.answers({ did: 'set', labelId: 'l-1' });
  return orders;
};

describe('the label of a data source', () => {
  test('is set when somebody has been paged, changed when somebody takes it, and removed on recovery', () => {
    const orders = labelled(paged({ nextRunAt: start + 4 * hour }));
    orders.later(4 * minute);
    orders.answers({ contact: 'ana' });
    orders.labels.answers({ did: 'set', labelId: 'l-1' });
    orders.later(hour);
    orders.succeeds();
    assert.deepEqual(texts(orders), [
      `Stale since 03:00. Next run 07:00. ${ending}`,
      `Stale since 03:00. Somebody has it since 03:04. Next run 07:00. ${ending}`,
      null,
    ]);
    assert.deepEqual(
      orders.labels.requests.map(({ labelId }) => labelId),
      [null, 'l-1', 'l-1'],
    );
    orders.labels.answers({ did: 'removed' });
    orders.later(hour);
    assert.ok(orders.ended());
    assert.equal(orders.labels.requests.length, 3);
  });

  test('names the contact only where that is wanted, and never whom a script names', () => {
    const orders = labelled(paged({ who: true }));
    orders.answers({ contact: 'ana' });
    assert.match(texts(orders).at(-1) ?? '', /^Stale since 03:00\. ana has it since 03:00\. /);
    const prices = labelled(paged({ who: true }));
    prices.answers({ by: 'Olga Owner' });
    assert.match(texts(prices).at(-1) ?? '', /^Stale since 03:00\. Somebody has it since 03:00\. /);
  });

  test('says the day of what is on another day, and no next run that has failed', () => {
    const orders = labelled(paged({ nextRunAt: start + day }));
    assert.match(texts(orders)[0] ?? '', /Next run 2 Mar 03:00\. Times in UTC, 1 Mar 2026\./);
    orders.later(day);
    orders.failsLabelled();
    assert.equal(texts(orders).at(-1), stale);
  });

  test('is not set while a silence covers it, while the first page is not reported, or without labels in the event', () => {
    const silenced = createIncident(policy, 'datasource');
    silenced.silence.is({ id: 'a', until: start + hour, by: 'ana', reason: 'Upgrade' });
    silenced.failsLabelled();
    assert.deepEqual(texts(silenced), []);
    silenced.later(hour);
    assert.deepEqual(texts(silenced), [stale]);

    const silent = createIncident(policy, 'datasource');
    silent.pagersAre('silent');
    silent.failsLabelled();
    assert.deepEqual(texts(silent), []);
    silent.reports.held(silent.pageIds()[0] ?? '', start + minute);
    assert.deepEqual(texts(silent), [stale]);

    const off = createIncident(policy, 'datasource');
    off.fails(start, 'DatasourceRefreshFailed');
    const workbook = createIncident(policy, 'workbook');
    workbook.failsLabelled();
    assert.deepEqual([texts(off), texts(workbook)], [[], []]);
  });

  test('of what is missing is set at once', () => {
    const missing = createIncident(policy, 'datasource');
    missing.pagersAre('silent');
    missing.failsLabelled(false, { type: 'RefreshMissing' });
    assert.deepEqual(texts(missing), [stale]);
  });

  test('never delays a page', () => {
    const orders = paged();
    orders.later(5 * minute);
    assert.deepEqual(orders.pages(), ['whatsapp ana', 'sms ana']);
  });

  test('is set again in the next episode', () => {
    const orders = labelled(paged());
    orders.succeeds(start + second);
    orders.labels.answers({ did: 'removed' });
    orders.later(minute);
    orders.failsLabelled();
    assert.match(texts(orders).at(-1) ?? '', /^Stale since 03:01\./);
  });
});

describe('a label that is not done', () => {
  test('is tried again after growing pauses, one try at a time', () => {
    const orders = paged();
    orders.later(hour);
    assert.equal(orders.labels.requests.length, 1);
    orders.labels.fails();
    orders.later(9 * second);
    assert.equal(orders.labels.requests.length, 1);
    orders.later(second);
    assert.equal(orders.labels.requests.length, 2);
    orders.labels.answers({ did: 'later', why: 'HTTP 503' });
    orders.later(29 * second);
    assert.equal(orders.labels.requests.length, 2);
    orders.later(second);
    assert.equal(orders.labels.requests.length, 3);
  });

  test('waits for as long as it is told to in a storm', () => {
    const orders = paged();
    orders.labels.answers({ did: 'later', why: 'its turn', afterMs: 7 * minute });
    orders.later(7 * minute - 1);
    assert.equal(orders.labels.requests.length, 1);
    orders.later(1);
    assert.equal(orders.labels.requests.length, 2);
  });

  test('is removed at once when it has recovered, also where a try may have set it', () => {
    const orders = paged();
    orders.labels.fails();
    orders.succeeds(start + second);
    assert.deepEqual(texts(orders), [stale, null]);
  });

  test('keeps an incident from its end until it is gone, and no longer than a day, with an alarm', () => {
    const orders = labelled(paged());
    orders.succeeds(start + second);
    for (let tries = 0; tries < 100; tries += 1) {
      orders.labels.answers({ did: 'later', why: 'HTTP 503' });
      orders.later(15 * minute);
      if (orders.now() <= start + 23 * hour) assert.ok(!orders.ended());
    }
    orders.later(hour);
    assert.ok(orders.ended());
    assert.deepEqual(
      orders.errors.map(({ about }) => about['alarm']),
      ['label-given-up'],
    );
  });

  test('ends with the incident when a person cancels it', () => {
    const orders = labelled(paged());
    orders.isCancelled();
    assert.equal(texts(orders).at(-1), null);
    assert.ok(!orders.ended());
    orders.labels.answers({ did: 'removed' });
    orders.later(1);
    assert.ok(orders.ended());
  });

  test('is not cancelled when the run continues as new, and is known to the next one', () => {
    const orders = paged();
    orders.cancelsReads();
    labelled(orders);
    orders.continuesAsNew();
    orders.later(minute);
    assert.deepEqual(texts(orders), [stale]);
    orders.succeeds();
    assert.deepEqual(texts(orders), [stale, null]);
  });
});

describe('a label that cannot be', () => {
  test('is left to somebody else, and tried again only with another text', () => {
    const orders = paged();
    orders.labels.answers({ did: 'left', because: 'not-ours' });
    orders.later(4 * hour);
    assert.equal(orders.labels.requests.length, 1);
    orders.answers({ contact: 'ana' });
    assert.equal(orders.labels.requests.length, 2);
    orders.labels.answers({ did: 'left', because: 'monitored' });
    orders.succeeds();
    orders.later(hour);
    assert.ok(orders.ended(), 'nothing of ours is to be removed');
    assert.equal(orders.labels.requests.length, 2);
  });

  test('is not set again in the episode in which somebody took it away', () => {
    const orders = labelled(paged());
    orders.answers({ contact: 'ana' });
    orders.labels.answers({ did: 'left', because: 'taken-away' });
    orders.later(minute);
    orders.answers({ answerId: 'later', verb: 'snooze', by: 'ben', durationMs: hour });
    assert.equal(orders.labels.requests.length, 2);
    orders.succeeds();
    orders.later(minute);
    orders.failsLabelled();
    assert.equal(orders.labels.requests.length, 3);
  });

  test('is given up where Tableau refuses, and the pages go on', () => {
    const orders = paged();
    orders.labels.answers({ did: 'refused', why: 'no licence' });
    orders.later(10 * minute);
    assert.deepEqual(orders.pages(), ['whatsapp ana', 'sms ana', 'call ana', 'call lead']);
    orders.succeeds();
    orders.later(hour);
    assert.ok(orders.ended());
    assert.equal(orders.labels.requests.length, 1);
  });

  test('is still removed at the end where Tableau refused to change it', () => {
    const orders = labelled(paged());
    orders.answers({ contact: 'ana' });
    orders.labels.answers({ did: 'refused', why: 'no right' });
    orders.succeeds(start + second);
    assert.deepEqual(orders.labels.requests.at(-1), { ...orders.labels.requests.at(-1), text: null, labelId: 'l-1' });
  });
});
