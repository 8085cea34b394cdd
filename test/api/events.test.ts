import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSuccess, readDelivery } from '../../src/api/intake/events.js';
import { familyOf, incidentIdFor, summaryOf } from '../../src/temporal/incident-ids.js';
import { oneLine } from '../../src/temporal/one-line.js';

const now = Date.parse('2026-11-24T03:00:00Z');
const read = (more: Record<string, unknown> = {}) =>
  readDelivery({ event_type: 'WorkbookRefreshFailed', resource_luid: 'w-1', ...more }, now);
function event(more: Record<string, unknown> = {}) {
  const delivery = read(more);
  assert.equal(delivery.what, 'event');
  return delivery.event;
}

describe('every event type has a family, a kind and a summary', () => {
  const table = [
    ['DatasourceCreated', 'datasource', 'datasource', 'Datasource created: Sales'],
    ['DatasourceUpdated', 'datasource', 'datasource', 'Datasource updated: Sales'],
    ['DatasourceDeleted', 'datasource', 'datasource', 'Datasource deleted: Sales'],
    ['DatasourceRefreshStarted', 'refresh', 'datasource', 'Datasource refresh started: Sales'],
    ['DatasourceRefreshSucceeded', 'refresh', 'datasource', 'Datasource refresh succeeded: Sales'],
    ['DatasourceRefreshFailed', 'refresh', 'datasource', 'Datasource refresh failed: Sales'],
    ['WorkbookCreated', 'workbook', 'workbook', 'Workbook created: Sales'],
    ['WorkbookUpdated', 'workbook', 'workbook', 'Workbook updated: Sales'],
    ['WorkbookDeleted', 'workbook', 'workbook', 'Workbook deleted: Sales'],
    ['WorkbookRefreshStarted', 'refresh', 'workbook', 'Workbook refresh started: Sales'],
    ['WorkbookRefreshSucceeded', 'refresh', 'workbook', 'Workbook refresh succeeded: Sales'],
    ['WorkbookRefreshFailed', 'refresh', 'workbook', 'Workbook refresh failed: Sales'],
    ['LabelCreated', 'label', 'label', 'Label created: Sales'],
    ['LabelUpdated', 'label', 'label', 'Label updated: Sales'],
    ['LabelDeleted', 'label', 'label', 'Label deleted: Sales'],
    ['SiteCreated', 'site', 'site', 'Site created: Sales'],
    ['SiteUpdated', 'site', 'site', 'Site updated: Sales'],
    ['SiteDeleted', 'site', 'site', 'Site deleted: Sales'],
    ['UserDeleted', 'user', 'user', 'User deleted: w-1'],
    ['ViewDeleted', 'view', 'view', 'View deleted: Sales'],
    ['AdminPromoted', 'admin', 'user', 'Admin promoted: w-1'],
    ['AdminDemoted', 'admin', 'user', 'Admin demoted: w-1'],
    // Not documented, and tolerated.
    ['FlowRefreshFailed', 'refresh', 'item', 'Flow refresh failed: Sales'],
    ['FlowRunFailed', 'flow-run', 'flow', 'Flow run failed: Sales'],
    ['flow.run/odd name', 'flow-run-odd-name', 'item', 'Flow run odd name: Sales'],
    ['---', 'event', 'item', '---: Sales'],
    ['constructor', 'constructor', 'item', 'Constructor: Sales'],
  ] as const;
  for (const [type, family, kind, summary] of table) {
    test(type, () => {
      const seen = event({ event_type: type, resource_name: 'Sales', resource: 'SOMETHING ELSE' });
      assert.equal(familyOf(type), family);
      assert.equal(seen.item.kind, kind);
      assert.equal(summaryOf(seen), summary);
      assert.equal(incidentIdFor(seen), `${family}:-:w-1`);
      assert.equal(isSuccess(type), type.endsWith('RefreshSucceeded'));
    });
  }
});

describe("Tableau's test call is recognised", () => {
  for (const body of [undefined, {}, { event_type: 'Test' }, { event_type: 'Test', resource_luid: 'w-1' }]) {
    test(JSON.stringify(body) ?? 'empty', () => assert.deepEqual(readDelivery(body, now), { what: 'test' }));
  }
});

describe('an invalid delivery is refused with the reason', () => {
  const table: [unknown, RegExp][] = [
    [null, /JSON object/],
    [[], /JSON object/],
    ['Test', /JSON object/],
    [7, /JSON object/],
    [{ resource_luid: 'w-1' }, /event_type is missing/],
    [{ event_type: 'WorkbookRefreshFailed' }, /resource_luid is missing/],
    [{ event_type: 7, resource_luid: 'w-1' }, /event_type must be a string/],
    [{ event_type: '', resource_luid: 'w-1' }, /event_type must be a string of 1 to 256/],
    [{ event_type: 'X', resource_luid: 7 }, /resource_luid must be a string/],
    [{ event_type: 'X', resource_luid: 'a'.repeat(257) }, /resource_luid must be a string of 1 to 256/],
    [{ event_type: 'X', resource_luid: 'a\u0000b' }, /resource_luid .* control characters/],
    [{ event_type: 'X', resource_luid: 'w-1', site_luid: 'a\nb' }, /site_luid .* control characters/],
    [{ event_type: 'X', resource_luid: 'w-1', site_luid: 7 }, /site_luid must be a string/],
    [{ event_type: 'X', resource_luid: 'w-1', resource_name: {} }, /resource_name must be a string/],
    [{ event_type: 'X', resource_luid: 'w-1', created_at: 1_700_000_000 }, /created_at must be a string/],
    [{ event_type: 'X', resource_luid: 'w-1', resource: [] }, /resource must be a string/],
  ];
  for (const [body, message] of table) {
    test(JSON.stringify(body), () => {
      const delivery = readDelivery(body, now);
      assert.equal(delivery.what, 'wrong');
      assert.match(delivery.message, message);
    });
  }
});

describe('the time of an event', () => {
  const table: [unknown, string][] = [
    ['2018-11-15T17:14:45Z', '2018-11-15T17:14:45.000Z'],
    ['2018-11-15T17:14:45.123Z', '2018-11-15T17:14:45.123Z'],
    ['2018-11-15T17:14:45+0200', '2018-11-15T15:14:45.000Z'],
    ['2018-11-15T17:14:45', '2018-11-15T17:14:45.000Z'],
    // A clock may be some minutes ahead; what is later or older cannot be true.
    ['2026-11-24T03:05:00Z', '2026-11-24T03:05:00.000Z'],
    ['2026-11-24T03:05:01Z', '2026-11-24T03:00:00.000Z'],
    ['2099-01-01T00:00:00Z', '2026-11-24T03:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '2026-11-24T03:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '2026-11-24T03:00:00.000Z'],
    ['2018-13-45T17:14:45Z', '2026-11-24T03:00:00.000Z'],
    ['yesterday', '2026-11-24T03:00:00.000Z'],
    ['2018', '2026-11-24T03:00:00.000Z'],
    ['', '2026-11-24T03:00:00.000Z'],
    [null, '2026-11-24T03:00:00.000Z'],
    [undefined, '2026-11-24T03:00:00.000Z'],
  ];
  for (const [created_at, expected] of table) {
    test(String(created_at), () => assert.equal(new Date(event({ created_at }).createdAt).toISOString(), expected));
  }
});

test('a time that cannot be true is kept beside the time of arrival', () => {
  assert.equal(event({ created_at: '2099-01-01T00:00:00Z' }).untrueCreatedAt, Date.parse('2099-01-01T00:00:00Z'));
  assert.equal(event({ created_at: '1969-12-31T23:59:59Z' }).untrueCreatedAt, -1_000);
  assert.ok(!('untrueCreatedAt' in event({ created_at: '2026-11-24T02:59:59Z' })));
});

test('unknown fields are ignored, and the luid replaces a missing name', () => {
  const { item } = event({ querystring: {}, resource_name: ' \n ', text: 7 });
  assert.deepEqual(item, { kind: 'workbook', luid: 'w-1', name: 'w-1', site: '-' });
});

test('the same luid in two sites is two incidents, and an id is at most 1,000 bytes', () => {
  assert.equal(incidentIdFor(event({ site_luid: 's-1' })), 'refresh:s-1:w-1');
  const emoji = '😀'.repeat(256);
  const long = incidentIdFor(event({ event_type: 'aB'.repeat(128), site_luid: emoji, resource_luid: emoji }));
  assert.ok(Buffer.byteLength(`incident:${long}`) <= 1000, long);
  assert.notEqual(
    long,
    incidentIdFor(event({ event_type: 'aB'.repeat(128), site_luid: emoji, resource_luid: `${emoji.slice(2)}😁` })),
  );
  const plain = 'x'.repeat(256);
  assert.equal(incidentIdFor(event({ site_luid: plain, resource_luid: plain })), `refresh:${plain}:${plain}`);
});

test('oneLine removes line breaks and never cuts within a character', () => {
  assert.equal(oneLine(' Sales\n\tand   more ', 200), 'Sales and more');
  assert.equal(oneLine('ééééé', 10), 'ééééé');
  assert.equal(oneLine('ééééé', 9), 'ééé…');
  assert.equal(oneLine('👩‍👩‍👧'.repeat(3), 30), '👩‍👩‍👧…');
});
