import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createSandbox } from '../../../sandbox/sandbox.js';
import { accountSid, authToken, pat } from '../world.js';
import { ask, codeOf, signIn } from './client.js';

async function open(t: TestContext) {
  const sandbox = createSandbox({ accountSid, authToken, pat });
  await sandbox.listen();
  t.after(() => sandbox.close());
  const token = await signIn(sandbox);
  const { luid } = sandbox.panel.add({ kind: 'datasource', name: 'Orders' });
  const contentList = { content: [{ contentType: 'datasource', id: luid }] };
  const call = (method: string, path: string, body?: object, version = '3.25') =>
    ask(sandbox, method, `/sites/${sandbox.siteLuid}/${path}`, { token, version, ...(body && { body }) });
  const label = (value: string, message: string) => ({ contentList, label: { value, message } });
  return { sandbox, luid, contentList, call, label };
}

test('a label is set, read, changed and removed by its id', async (t) => {
  const { sandbox, luid, contentList, call, label } = await open(t);
  assert.deepEqual((await call('POST', 'labels', { contentList })).body, { labelList: {} });
  assert.equal((await call('PUT', 'labels', label('Stale data', 'Old.'))).status, 200);
  const { body } = await call('POST', 'labels?categories=warning', { contentList });
  const [, id = ''] = /"id":"([^"]+)"/.exec(JSON.stringify(body)) ?? [];
  assert.match(JSON.stringify(body), new RegExp(`"contentId":"${luid}".*"category":"warning","message":"Old\\."`));
  assert.equal((await call('PUT', `labels/${id}`, { label: { value: 'Warning', message: 'New.' } })).status, 200);
  assert.deepEqual(sandbox.labels.list(luid), ['Warning: New. (Tableau Admin)']);
  assert.deepEqual((await call('POST', 'labels?categories=certification', { contentList })).body, { labelList: {} });
  assert.equal((await call('DELETE', `labels/${id}`)).status, 204);
  assert.deepEqual(codeOf(await call('GET', `labels/${id}`)), [404, '404003']);
  assert.match(JSON.stringify((await call('GET', 'labelValues')).body), /"name":"Stale data","category":"warning"/);
});

test('as in Tableau, setting overwrites the label of the same category, and removing by content removes that of everybody', async (t) => {
  const { sandbox, luid, contentList, call, label } = await open(t);
  sandbox.labels.set(luid, 'Do not use.');
  sandbox.labels.set(luid, 'Checked.', { value: 'Certified' });
  await call('PUT', 'labels', label('Stale data', 'Old.'));
  assert.deepEqual(sandbox.labels.list(luid), [
    'Stale data: Old. (Tableau Admin)',
    'Certified: Checked. (Sam Steward)',
  ]);
  assert.equal((await call('DELETE', 'labels?categories=certification', { contentList })).status, 204);
  assert.deepEqual(sandbox.labels.list(luid), ['Stale data: Old. (Tableau Admin)']);
  sandbox.reset();
  assert.deepEqual(sandbox.labels.list(), []);
});

test('labels can be refused, are unknown to older versions, and need content and a value that exist', async (t) => {
  const { sandbox, contentList, call, label } = await open(t);
  assert.deepEqual(codeOf(await call('POST', 'labels', { contentList }, '3.15')), [404, '404003']);
  assert.deepEqual(codeOf(await call('PUT', 'labels', label('Fresh', 'New.'))), [400, '400000']);
  const nowhere = { content: { contentType: 'datasource', id: 'nowhere' } };
  assert.deepEqual(codeOf(await call('POST', 'labels', { contentList: nowhere })), [404, '404004']);
  sandbox.settings.labels = 'read-only';
  assert.equal((await call('POST', 'labels', { contentList })).status, 200);
  assert.deepEqual(codeOf(await call('PUT', 'labels', label('Stale data', 'Old.'))), [403, '403004']);
  sandbox.settings.labels = 'unlicensed';
  assert.deepEqual(codeOf(await call('POST', 'labels', { contentList })), [403, '403004']);
  sandbox.settings.labels = 'off';
  assert.deepEqual(codeOf(await call('POST', 'labels', { contentList })), [404, '404003']);
});
