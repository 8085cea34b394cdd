import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEscalation } from '../../src/policy/load.js';
import {
  addressOf,
  canPage,
  contactOf,
  decideRoute,
  matchesEvent,
  type Escalation,
  type Route,
} from '../../src/policy/route.js';

describe('an event pattern', () => {
  const table: [string, string, boolean][] = [
    ['WorkbookRefreshFailed', 'WorkbookRefreshFailed', true],
    ['WorkbookRefreshFailed', 'workbookrefreshfailed', false],
    ['WorkbookRefreshFailed', 'WorkbookRefreshFailedToo', false],
    ['*RefreshFailed', 'DatasourceRefreshFailed', true],
    ['*RefreshFailed', 'DatasourceRefreshSucceeded', false],
    ['Workbook*', 'WorkbookDeleted', true],
    ['Workbook*', 'MyWorkbookDeleted', false],
    ['*', 'anything', true],
    ['*Refresh*', 'WorkbookRefreshStarted', true],
    ['A*B*C', 'AxBxC', true],
    ['A*B*C', 'AxCxB', false],
    ['AB*BA', 'ABA', false],
    ['W.rkbookDeleted', 'WorkbookDeleted', false],
  ];
  for (const [pattern, name, fits] of table) {
    test(`${pattern} ${fits ? 'matches' : 'does not match'} ${name}`, () =>
      assert.equal(matchesEvent(pattern, name), fits));
  }
});

const escalation = readEscalation(
  'file',
  `
contacts:
  ana: { whatsapp: "whatsapp:+52 1 55 1234 5678", phone: "+15550000001" }
  bea: { whatsapp: "+55 11 98765-4321" }
  cid: { whatsapp: "+541123456789", phone: "+5411 2345 6780" }
  dee: { phone: "+15550000002" }
  eva: { whatsapp: "+55 11 93333-4444" }
policies:
  security: { steps: [{ page: [dee], by: sms, wait: 15m }] }
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
routes:
  - { events: [AdminPromoted, AdminDemoted], policy: security }
  - { events: ["*RefreshFailed"], policy: default }
  - { events: [DatasourceRefreshFailed], policy: security }
`,
);

describe('a route', () => {
  const decide = (event: string) => decideRoute(escalation, { event, item: 'Sales', site: '-', at: 0 });
  const policyOf = (event: string) => decide(event).policy?.name ?? null;
  test('the first that matches chooses the policy', () => {
    assert.equal(policyOf('AdminDemoted'), 'security');
    assert.equal(policyOf('DatasourceRefreshFailed'), 'default');
    assert.deepEqual([decide('DatasourceRefreshFailed').route, decide('DatasourceRefreshFailed').isCertain], [2, true]);
  });
  test('an event that no route matches has no policy', () => {
    assert.equal(policyOf('WorkbookRefreshSucceeded'), null);
    assert.equal(policyOf('adminDemoted'), null);
  });
});

describe('routes that depend on what only Tableau knows', () => {
  const events = ['*'];
  const [gold, finance] = [
    { events, tags: ['gold'], policy: 'security' },
    { events, project: 'Finance/**', policy: 'security' },
  ];
  const ignoresTrials = { events, project: 'Trials/**', ignore: 'not ours' };
  const all = { events, policy: 'default' };
  const decide = (routes: Route[], known: { tags?: string[]; project?: string } = {}) => {
    const { policies } = escalation;
    const facts = { event: 'WorkbookRefreshFailed', item: 'Sales', site: '-', at: 0, ...known };
    const { policy, ignore, route, isCertain } = decideRoute({ routes, policies }, facts);
    return [policy?.name ?? ignore ?? 'nobody', route, isCertain];
  };

  test('the first that fits counts until more is known', () => {
    assert.deepEqual(decide([gold, all]), ['default', 2, false]);
    assert.deepEqual(decide([gold, all], { tags: [] }), ['default', 2, true]);
    assert.deepEqual(decide([gold, all], { tags: ['gold'] }), ['security', 1, true]);
  });
  test('nobody is left unpaged until more is known', () => {
    assert.deepEqual(decide([gold]), ['security', 1, false]);
    assert.deepEqual(decide([gold], { tags: [] }), ['nobody', null, true]);
    assert.deepEqual(decide([ignoresTrials, gold, { events, ignore: 'the rest' }]), ['security', 2, false]);
    assert.deepEqual(decide([ignoresTrials, all]), ['default', 2, false]);
    assert.deepEqual(decide([ignoresTrials, all], { project: 'Trials' }), ['not ours', 1, true]);
  });
  test('what changes nothing need not be known', () => {
    assert.deepEqual(decide([{ events, project: 'Finance', policy: 'default' }, all]), ['default', 2, true]);
    assert.deepEqual(decide([ignoresTrials]), ['nobody', null, true]);
    assert.deepEqual(decide([all, gold]), ['default', 1, true]);
  });
  test('an earlier one that is missed is passed over, whatever is not known of it', () => {
    assert.deepEqual(decide([{ ...gold, item: 'HR' }, finance, all], { project: 'Finance' }), ['security', 2, true]);
  });
});

test('an event can page somebody unless no route fits it, or all of it is ignored before', () => {
  const [deleted, rest] = [
    { events: ['*Deleted'], ignore: 'wanted' },
    { events: ['*'], policy: 'default' },
  ];
  assert.equal(canPage({ routes: [deleted, rest] }, 'WorkbookDeleted'), false);
  assert.equal(canPage({ routes: [{ ...deleted, item: 'Old*' }, rest] }, 'WorkbookDeleted'), true);
  assert.equal(canPage({ routes: [deleted, rest] }, 'WorkbookRefreshFailed'), true);
  assert.equal(canPage({ routes: [deleted] }, 'WorkbookRefreshFailed'), false);
});

describe('the contact of a sender', () => {
  const table: [string, 'whatsapp' | 'sms' | 'call', string | null][] = [
    ['+15550000001', 'sms', 'ana'],
    ['+15550000001', 'call', 'ana'],
    ['+1 (555) 000-0002', 'sms', 'dee'],
    ['+15550000003', 'sms', null],
    ['+15550000001', 'whatsapp', null],
    ['whatsapp:+5215512345678', 'whatsapp', 'ana'],
    ['whatsapp:+525512345678', 'whatsapp', 'ana'],
    ['whatsapp:+551187654321', 'whatsapp', 'bea'],
    ['whatsapp:+5511987654321', 'whatsapp', 'bea'],
    ['whatsapp:+5491123456789', 'whatsapp', 'cid'],
    ['whatsapp:+551133334444', 'whatsapp', null],
    ['whatsapp:+5511933334444', 'whatsapp', 'eva'],
    ['', 'sms', null],
  ];
  for (const [number, channel, contact] of table) {
    test(`${number} by ${channel} is ${contact}`, () => assert.equal(contactOf(escalation, number, channel), contact));
  }

  test('the same spelling has precedence over another spelling of the same number', () => {
    const two: Escalation = {
      ...escalation,
      contacts: { old: { whatsapp: '+5215512345678' }, new: { whatsapp: '+525512345678' } },
    };
    assert.equal(contactOf(two, 'whatsapp:+525512345678', 'whatsapp'), 'new');
  });
});

test('the address of a contact depends on the channel', () => {
  assert.equal(addressOf(escalation, 'ana', 'whatsapp'), '+5215512345678');
  assert.equal(addressOf(escalation, 'ana', 'call'), '+15550000001');
  assert.equal(addressOf(escalation, 'dee', 'whatsapp'), undefined);
  assert.equal(addressOf(escalation, 'nobody', 'sms'), undefined);
  assert.equal(addressOf(escalation, 'toString', 'sms'), undefined);
});
