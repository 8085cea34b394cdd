/** Promises change while items are late by them: what the phone gets, on Temporal, with the sandbox's Tableau asked over HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchedText } from '../../src/policy/freshness/memory.js';
import type { FreshnessPromise } from '../../src/policy/freshness/promise.js';
import { announcePromises } from '../../src/temporal/freshness.js';
import { minute } from '../../src/workflows/contract.js';
import { freshnessWorkflowId } from '../../src/workflows/freshness-contract.js';
import { addItem } from '../helpers/tableau-items.js';
import { defaultPolicy, escalationFor } from '../helpers/service-settings.js';
import { onTimeSkippingService, type TimeSkippingService } from '../helpers/time-skipping-service.js';
import { untilQuiet } from '../helpers/until-quiet.js';
import { maxAge } from '../policy/freshness/sites.js';

interface Site extends TimeSkippingService {
  /** From now on this is promised, and the workflow has looked by that. */
  promise: (...promises: FreshnessPromise[]) => Promise<void>;
  /** As `later`, and whatever is late then is reported. */
  looksLater: (ms: number) => Promise<void>;
}

/** Plays with a service whose promises can be changed. */
async function withPromises(play: (site: Site) => Promise<void>): Promise<void> {
  const escalation = escalationFor(defaultPolicy);
  await onTimeSkippingService({ escalation, ownTemporal: true }, async (service) => {
    const { client, later, quiet } = service;
    const id = freshnessWorkflowId('');
    const settle = async (): Promise<void> => {
      await untilQuiet(client, [id]);
      await quiet();
    };
    try {
      await play({
        ...service,
        async promise(...promises) {
          escalation.freshness = promises;
          await announcePromises(client, '', watchedText(escalation));
          await settle();
        },
        async looksLater(ms) {
          await later(ms);
          await settle();
        },
      });
    } finally {
      await client.workflow
        .getHandle(id)
        .terminate()
        .catch(() => undefined);
    }
  });
}

const notLate = /^"Sales" is not late any more: what is promised of its data has changed\. Nothing to do\.$/;
const noNewData = /^\[\d\] Workbook has no new data: "Sales"\n/;

test('a promise that is removed while an item is late by it ends its incident, with one notice and no further page', () =>
  withPromises(async ({ ana, item, recovers, promise, looksLater, later, incident, nothingElse }) => {
    const sales = item('Sales');
    await recovers(sales.item);
    await promise(maxAge(1));
    await looksLater(61 * minute);
    await ana.receives('whatsapp', noNewData);
    await promise();
    await ana.receives('whatsapp', notLate);
    assert.equal((await incident(sales.id)).state, 'resolved');
    await later(30 * minute);
    await nothingElse();

    // By another promise it is another trouble.
    await promise(maxAge(2));
    await looksLater(30 * minute);
    await ana.receives('whatsapp', noNewData);
    assert.equal((await incident(sales.id)).state, 'triggered');
  }));

test('an incident in which a refresh has failed stays open when its promise is removed', () =>
  withPromises(async ({ ana, item, fails, recovers, promise, looksLater, later, incident, nothingElse }) => {
    const sales = item('Sales');
    await recovers(sales.item);
    await promise(maxAge(1));
    await looksLater(61 * minute);
    await ana.receives('whatsapp', noNewData);
    await fails(sales.item);
    await promise();
    await nothingElse();
    assert.equal((await incident(sales.id)).state, 'triggered');
    await later(5 * minute);
    await ana.receives('sms', /Sales/);
    await recovers(sales.item);
    await ana.receives('sms', /^"Sales" works again/);
    await nothingElse();
  }));

test('an item that is late because of its data source from now on has its end together with it', () =>
  withPromises(async ({ ana, sandbox, item, recovers, now, promise, later, looksLater, incident, nothingElse }) => {
    const sales = item('Sales');
    const orders = addItem(sandbox, { kind: 'datasource', name: 'Orders', project: 'Private' });
    const workbook = sandbox.panel.find(sales.item.luid);
    assert.ok(workbook);
    workbook.upstream = [orders.luid];
    const refreshes = (one: typeof orders) => sandbox.panel.recover(one, { createdAt: now(), wait: true });
    await recovers(sales.item);
    await later(2 * minute);
    await refreshes(orders);
    await promise(maxAge(1, { items: { item: 'Sales' } }));
    await looksLater(59 * minute);
    await ana.receives('whatsapp', noNewData);
    await ana.replies('ACK');
    await ana.receives('whatsapp', /taken/i);
    // Of this refresh Tableau sends no webhook.
    workbook.refreshedAt = now();
    await looksLater(6 * minute);
    await ana.receives('whatsapp', /^\[2\] Data source has no new data: "Orders"\n/);
    assert.equal((await incident(sales.id)).state, 'acknowledged');
    await ana.replies('ACK');
    await ana.receives('whatsapp', /taken/i);
    await refreshes(orders);
    await looksLater(20 * minute);
    assert.equal((await incident(sales.id)).state, 'resolved');
    // In one text, or in two that leave one after the other.
    const { body } = await ana.receives('whatsapp', /work(s|ing) again/);
    if (!body.startsWith('2 ')) await ana.receives('whatsapp', /^"(Sales|Orders)" works again/);
    await nothingElse();
  }));
