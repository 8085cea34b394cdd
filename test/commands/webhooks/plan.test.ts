import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Webhook } from '../../../src/tableau/rest/webhook-list.js';
import { eventOfSource, sourceOf } from '../../../src/tableau/rest/webhook-source.js';
import {
  addressAt,
  neededEvents,
  planDelete,
  planSync,
  targetOf,
  type Place,
} from '../../../src/commands/webhooks/plan.js';
import { shownAddress } from '../../../src/commands/webhooks/report.js';
import { knownEvents } from '../../../src/policy/events.js';
import { escalationFor } from '../../../src/policy/load.js';
import { eventNames, sourceName } from '../../../sandbox/tableau/event-names.js';

const place: Place = {
  publicUrl: 'https://pager.example.com/tableau',
  secrets: ['the-current-secret', 'an-older-secret'],
  name: 'tableau-webhooks',
};
const here = addressAt(place);

let count = 0;
const hook = (change: Partial<Webhook> = {}): Webhook => {
  const event = 'event' in change ? change.event : 'WorkbookRefreshFailed';
  count += 1;
  return {
    id: `id-${count}`,
    name: `tableau-webhooks ${event}`,
    event,
    enabled: true,
    reason: '',
    url: here,
    ...change,
  };
};
const plan = (found: Webhook[], needed: string[], canUpdate = true) =>
  planSync(found, needed, place, { canUpdate, shown: shownAddress });
const changes = (found: Webhook[], needed: string[], canUpdate = true) =>
  plan(found, needed, canUpdate).changes.map((change) => [
    change.do,
    change.event,
    ...('webhook' in change ? [change.webhook.id] : []),
    change.why,
  ]);
const routing = (...events: string[]) => ({
  ...escalationFor({ phone: '+15550100001' }, 60_000),
  routes: events.map((event) => ({ events: [event], policy: 'default' })),
});

describe('the events that webhooks are needed for', () => {
  test('a routed failure event also needs its success event', () => {
    assert.deepEqual(neededEvents(routing('*RefreshFailed')), {
      events: [
        'DatasourceDeleted',
        'DatasourceRefreshSucceeded',
        'DatasourceRefreshFailed',
        'WorkbookDeleted',
        'WorkbookRefreshSucceeded',
        'WorkbookRefreshFailed',
      ],
      notes: [],
    });
  });

  test('other events need no further one, and unknown events are accepted', () => {
    assert.deepEqual(neededEvents(routing('AdminDemoted', 'LabelDeleted', 'MetricCreated')).events, [
      'LabelDeleted',
      'AdminDemoted',
      'MetricCreated',
    ]);
  });

  test('what we find out ourselves needs none: Tableau has no webhook for it', () => {
    assert.deepEqual(neededEvents(routing('AdminDemoted', 'FlowRunFailed')).events, ['AdminDemoted']);
  });

  test('the wildcard * is every event but the two that Tableau refuses, with a note', () => {
    const { events, notes } = neededEvents(routing('*'));
    assert.equal(events.length, knownEvents.length - 2);
    assert.match(notes.join('\n'), /^SiteCreated is left out: .*\nSiteUpdated is left out: /);
  });
});

describe('where a webhook points', () => {
  for (const [url, target] of [
    [here, 'here'],
    ['https://pager.example.com/tableau/notifier?secret=the-current-secret', 'here'],
    ['https://pager.example.com/tableau/notifier/an-older-secret', 'old-secret'],
    ['https://pager.example.com/tableau/notifier/another', 'wrong-secret'],
    ['https://pager.example.com/tableau/notifier', 'wrong-secret'],
    ['https://pager.example.com/tableau/notifier-of-somebody', 'elsewhere'],
    ['https://pager.example.com/tableau/notifier/the-current-secret/more', 'elsewhere'],
    ['https://pager.example.com/notifier/the-current-secret', 'elsewhere'],
    ['', 'elsewhere'],
  ] as const) {
    test(`${url || 'an empty address'} is ${target}`, () => assert.equal(targetOf(hook({ url }), place), target));
  }

  test('an address is shown without its secret', () => {
    assert.equal(shownAddress(here), 'https://pager.example.com/tableau/notifier/****');
    assert.equal(shownAddress('https://a.example/notifier?secret=abc'), 'https://a.example/notifier?****');
    assert.equal(
      shownAddress('https://user:pass@hooks.example.com/T0/B0/abc?key=1#x'),
      'https://hooks.example.com/****',
    );
    assert.equal(shownAddress('nonsense'), 'an address that cannot be read');
  });
});

describe('the changes of a sync', () => {
  const needed = ['WorkbookRefreshFailed', 'WorkbookRefreshSucceeded'];

  test('a missing webhook is created, under our name', () => {
    assert.deepEqual(plan([], needed).changes[0], {
      do: 'create',
      event: 'WorkbookRefreshFailed',
      name: 'tableau-webhooks WorkbookRefreshFailed',
      why: '',
    });
  });

  test('a correct webhook is unchanged', () => {
    const found = needed.map((event) => hook({ event }));
    assert.deepEqual(plan(found, needed), { changes: [], kept: found, notes: [] });
  });

  test('a webhook that is disabled, has an older secret or another address is updated, with the reason', () => {
    const reasons = [
      hook({ enabled: false, reason: 'Webhook disabled by user' }),
      hook({ url: 'https://pager.example.com/tableau/notifier/an-older-secret' }),
      hook({ url: 'https://pager.example.com/tableau/notifier/stolen', name: 'by hand' }),
      hook({ url: 'https://old.example.com/notifier/secret', enabled: false }),
    ].map((webhook) => changes([webhook], ['WorkbookRefreshFailed'])[0]?.slice(-1));
    assert.deepEqual(reasons, [
      ['it is disabled (Webhook disabled by user)'],
      ['it has an older secret'],
      ['it has a secret that is not ours'],
      ['it is disabled, it goes to https://old.example.com/notifier/**** now'],
    ]);
  });

  test('where Tableau cannot update a webhook, a new one replaces it', () => {
    const [change] = plan([hook({ url: 'https://old.example.com/notifier/x' })], needed, false).changes;
    assert.deepEqual([change?.do, change && 'instead' in change && change.instead], ['update', true]);
  });

  test('of several webhooks for one event the best is kept', () => {
    const [off, good, old] = [
      hook({ enabled: false }),
      hook(),
      hook({ url: 'https://pager.example.com/tableau/notifier/an-older-secret' }),
    ];
    assert.deepEqual(
      changes([off, good, old], ['WorkbookRefreshFailed']).map(([what, , id]) => [what, id]),
      [
        ['delete', off.id],
        ['delete', old.id],
      ],
    );
  });

  test('our webhooks that no route needs are deleted, and those of others never are', () => {
    const stale = hook({ event: 'ViewDeleted' });
    const others = [
      hook({ event: 'ViewDeleted', name: 'Somebody', url: 'https://hooks.example.com/x' }),
      hook({ name: 'tableau-webhooks-staging WorkbookRefreshFailed', url: 'https://staging.example.com/notifier/x' }),
      hook({ name: 'tableau-webhooks', url: 'https://pager.example.com/tableau/other' }),
    ];
    assert.deepEqual(changes([stale, ...others, hook()], ['WorkbookRefreshFailed']), [
      ['delete', 'ViewDeleted', stale.id, 'no route needs this event'],
    ]);
    assert.deepEqual(
      planDelete([stale, ...others], place).changes.map((change) => 'webhook' in change && change.webhook.id),
      [stale.id],
    );
  });

  test('our webhook of an unreadable event is unchanged, with a note', () => {
    const { changes: none, notes } = plan([hook({ event: undefined, name: 'tableau-webhooks x' })], []);
    assert.deepEqual([none, notes], [[], ['"tableau-webhooks x" is left alone: its event cannot be read.']]);
  });
});

test('every event name maps to its older name and back', () => {
  for (const event of eventNames) {
    assert.equal(sourceOf(event), sourceName(event));
    assert.equal(eventOfSource(sourceOf(event)), event);
  }
  assert.equal(eventOfSource('something-else'), undefined);
});
