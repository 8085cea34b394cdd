import assert from 'node:assert/strict';
import { test } from 'node:test';
import { control } from '../world.js';
import { openSite } from './site.js';

test('subscriptions state what they send, to whom, by which schedule, and whether they are suspended', async (t) => {
  const { sandbox, panel, get, text } = await openSite(t);
  assert.match(await text('subscriptions'), /"totalAvailable":"0"\},"subscriptions":\{\}\}$/);
  panel.add({ kind: 'workbook', name: 'Sales', luid: 'wb' });
  const add = (body: object) => control(sandbox, 'POST', 'tableau/subscriptions', { workbook: 'wb', ...body });
  assert.equal((await add({ subject: 'Daily', suspended: true })).status, 201);
  await add({ subject: 'Cloud', kind: 'cloud', user: 'Bo Berg' });
  await add({ subject: 'Fresh', refreshTriggered: true });
  assert.equal((await add({ subject: 'None', workbook: 'none' })).status, 404);
  const answer = JSON.stringify((await get('subscriptions')).body['subscriptions']);
  const [daily = '', cloud = '', fresh = ''] = answer.split('"subject":').slice(1);
  const content = /"content":\{"id":"wb","type":"Workbook"/;
  assert.match(
    daily,
    /^"Daily",.*"suspended":"true".*"schedule":\{"id":"[^"]+","name":"[^"]+"\},"user":\{"id":"[^"]+","name":"ana\.silva"/,
  );
  assert.match(daily, content);
  assert.match(
    cloud,
    /^"Cloud",.*"suspended":"false".*"schedule":\{"frequency":"Daily","nextRunAt".*"name":"bo\.berg"/,
  );
  assert.match(fresh, /^"Fresh",.*"refreshExtractTriggered":"true"/);
  assert.doesNotMatch(fresh, /schedule/);
  assert.match(await text('subscriptions?pageSize=1&pageNumber=2'), /"totalAvailable":"3".*"subject":"Cloud"/);
});

test('data-driven alerts state their view, owner and recipients', async (t) => {
  const { sandbox, panel, text } = await openSite(t);
  assert.match(await text('dataAlerts'), /"dataAlerts":\{\}\}$/);
  panel.add({ kind: 'workbook', name: 'Sales', luid: 'wb', project: 'Finance' });
  await control(sandbox, 'POST', 'tableau/alerts', { workbook: 'wb', subject: 'Stock is low', frequency: 'Hourly' });
  assert.match(
    await text('dataAlerts'),
    /"dataAlert":\[\{"id":"[^"]+","subject":"Stock is low","frequency":"Hourly","public":"false".*"suspended":"false","owner":\{"id":"[^"]+","name":"ana\.silva"\},"view":\{"id":"view-wb","name":"Sales 1","workbook":\{"id":"wb","name":"Sales"\},"project":\{"id":"[^"]+","name":"Finance"\}\},"recipients":\{"recipient":\[\{/,
  );
});
