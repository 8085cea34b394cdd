import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { eventNames, eventOfSource, sourceName } from '../../../sandbox/tableau/event-names.js';
import { control, openWorld, type World } from '../world.js';
import { ask, codeOf, signIn } from './client.js';

describe("Tableau's webhooks", () => {
  let world: World;
  let token = '';
  let path = '';
  before(async () => {
    world = await openWorld();
    token = await signIn(world.sandbox);
    path = `/sites/${world.sandbox.siteLuid}/webhooks`;
  });
  after(() => world.close());
  beforeEach(async () => {
    world.receiver.received.length = 0;
    world.receiver.answers.length = 0;
    for (const [, id = ''] of JSON.stringify((await call('GET', '')).body).matchAll(
      /"webhook":\[|"id":"([^"]+)","name":"h/g,
    ))
      if (id !== '') await call('DELETE', `/${id}`);
  });
  const call = (method: string, rest: string, body?: unknown, version = '3.25') =>
    ask(world.sandbox, method, path + rest, { token, version, ...(body === undefined ? {} : { body }) });
  const hook = (change: Record<string, unknown> = {}, url = `${world.receiver.url}/notifier`) => ({
    webhook: {
      name: 'hook',
      event: 'WorkbookRefreshFailed',
      'webhook-destination': { 'webhook-destination-http': { method: 'POST', url } },
      ...change,
    },
  });
  const idOf = (body: unknown) => /"webhook":\{"id":"([^"]+)"/.exec(JSON.stringify(body))?.[1] ?? '';

  test('a webhook is created, read, listed, disabled, enabled and deleted', async () => {
    const created = await call('POST', '', hook());
    const id = idOf(created.body);
    assert.equal(created.status, 201);
    assert.match(created.headers.get('location') ?? '', new RegExp(`/webhooks/${id}$`));
    assert.match(
      JSON.stringify(created.body),
      /"webhook-source":\{"webhook-source-event-workbook-refresh-failed":\{\}\}/,
    );
    assert.match(JSON.stringify((await call('GET', '')).body), new RegExp(`"webhooks":\\{"webhook":\\[.*${id}`));
    const off = await call('PUT', `/${id}`, { webhook: { name: 'hook', isEnabled: false } });
    assert.match(JSON.stringify(off.body), /"isEnabled":false,"statusChangeReason":"Webhook disabled by user"/);
    const both = { webhook: { name: 'hook', isEnabled: true, statusChangeReason: 'x' } };
    assert.deepEqual(codeOf(await call('PUT', `/${id}`, both)), [400, '400127']);
    assert.match(
      JSON.stringify((await call('PUT', `/${id}`, { webhook: { isEnabled: true } })).body),
      /"isEnabled":true/,
    );
    assert.equal((await call('DELETE', `/${id}`)).status, 204);
    assert.deepEqual(codeOf(await call('GET', `/${id}`)), [400, '400113']);
    assert.deepEqual((await call('GET', '')).body, { webhooks: {} });
  });

  test('the event is named by webhook-source before API 3.9', async () => {
    assert.equal((await call('POST', '', hook(), '3.8')).status, 400);
    const source = { 'webhook-source-event-datasource-refresh-failed': {} };
    const { event: _, ...older } = hook().webhook;
    const created = await call('POST', '', { webhook: { ...older, 'webhook-source': source } }, '3.6');
    assert.match(JSON.stringify(created.body), /"event":"DatasourceRefreshFailed"/);
    assert.equal((await call('PUT', `/${idOf(created.body)}`, { webhook: { name: 'hook' } }, '3.6')).status, 404);
    const contradiction = hook({ 'webhook-source': source });
    assert.equal((await call('POST', '', contradiction)).status, 400);
  });

  test('only https is a destination, loopback apart, and only known events', async () => {
    assert.equal((await call('POST', '', hook({}, 'http://example.com/x'))).status, 400);
    assert.equal((await call('POST', '', hook({}, 'https://example.com/x'))).status, 201);
    assert.equal((await call('POST', '', hook({ event: 'CoffeeReady' }))).status, 400);
  });

  test('the test call sends an empty body and gives the answer', async () => {
    const id = idOf((await call('POST', '', hook())).body);
    world.receiver.answers.push({ status: 418, body: 'teapot' });
    const { body } = await call('GET', `/${id}/test`);
    assert.deepEqual(body, { webhookTestResult: { id, status: '418', body: 'teapot' } });
    assert.equal(world.receiver.received[0]?.raw, '');
  });

  test('a failure is delivered as six strings, only to its event, and repeated until it is accepted', async () => {
    await call('POST', '', hook());
    await call('POST', '', hook({ event: 'WorkbookRefreshSucceeded' }, `${world.receiver.url}/succeeded`));
    const { luid } = world.sandbox.panel.add({ kind: 'workbook', name: 'Sales' });
    world.receiver.answers.push({ status: 503 }, { cut: true });
    const { body } = await control(world.sandbox, 'POST', `tableau/items/${luid}/fail`, { wait: true });
    assert.deepEqual(body['deliveries'], [{ url: `${world.receiver.url}/notifier`, status: 200, tries: 3 }]);
    assert.deepEqual(new Set(world.receiver.received.map(({ raw }) => raw)).size, 1);
    const [first, second, third] = world.receiver.received;
    assert.ok(first && second && third);
    assert.ok(third.at - second.at >= 40 && second.at - first.at >= 20, 'the pauses must grow');
    assert.equal(first.headers['content-type'], 'application/json');
    const payload: unknown = JSON.parse(first.raw);
    assert.deepEqual(payload, body['event']);
    assert.match(
      first.raw,
      new RegExp(
        `^\\{"resource":"EXTRACTS","event_type":"WorkbookRefreshFailed","resource_name":"Sales","site_luid":"${world.sandbox.siteLuid}","resource_luid":"${luid}","created_at":"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"\\}$`,
      ),
    );
  });

  test('a delivery is given up after three repetitions', async () => {
    await call('POST', '', hook());
    const { luid } = world.sandbox.panel.add({ kind: 'workbook', name: 'Sales' });
    world.receiver.answers.push(...Array.from({ length: 6 }, () => ({ status: 500 })));
    const { body } = await control(world.sandbox, 'POST', `tableau/items/${luid}/fail`, { wait: true });
    assert.deepEqual(body['deliveries'], [{ url: `${world.receiver.url}/notifier`, status: 500, tries: 4 }]);
    assert.equal(world.receiver.received.length, 4);
  });

  test('two events of one item in one second differ in created_at', async () => {
    world.sandbox.subscribe(`${world.receiver.url}/all`);
    const { luid } = world.sandbox.panel.add({ kind: 'datasource', name: 'Stock' });
    for (const action of ['fail', 'recover', 'fail'])
      await control(world.sandbox, 'POST', `tableau/items/${luid}/${action}`, { wait: true });
    const times = world.receiver.received.map(({ raw }) => /"created_at":"([^"]+)"/.exec(raw)?.[1] ?? '');
    assert.equal(new Set(times).size, 3);
    assert.deepEqual(times, times.toSorted());
  });

  test('every event can be delivered', async () => {
    world.sandbox.subscribe(`${world.receiver.url}/all`, ['AdminPromoted']);
    const event = { event_type: 'AdminPromoted', resource_luid: '99', wait: true };
    await control(world.sandbox, 'POST', 'tableau/events', event);
    assert.match(
      world.receiver.received[0]?.raw ?? '',
      /"resource":"USER","resource_name":"Something".*"resource_luid":"99"/,
    );
  });
});

test('the 22 events and their older names', () => {
  assert.equal(new Set(eventNames).size, 22);
  assert.equal(sourceName('WorkbookRefreshFailed'), 'webhook-source-event-workbook-refresh-failed');
  assert.equal(sourceName('AdminDemoted'), 'webhook-event-user-demoted-admin');
  for (const event of eventNames) assert.equal(eventOfSource(sourceName(event)), event);
});
