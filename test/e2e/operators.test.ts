/** The operators' page of an incident with the whole product behind it: from the failure in Tableau to the answer on the page. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../helpers/browser.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { scriptOf, type Script } from './script.js';
import { secrets, startService, type Service } from './service.js';

let service: Service;
let script: Script;
let browser: TestBrowser;
let page: Page;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { phone: '+15550100001' }, ben: { phone: '+15550100002' } },
      policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '30m' }] } },
      routes: [{ events: ['*RefreshFailed'], policy: 'default' }],
      settings: { window: '0s' },
    },
    env: { TEMPORAL_UI_URL: 'https://temporal.example.com/' },
  });
  script = scriptOf(service);
  browser = await openBrowser();
  page = await browser.open(`${service.url}/incidents`, { width: 390, height: 844 });
  await page.getByLabel('Your name').fill('Olaf Operator');
  await page.locator('input[name=token]').fill(secrets.API_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Incidents' }).waitFor();
});
after(() => browser?.close());
after(() => service?.close());
const programs = () => [service.api, service.worker, service.temporal];
const scenario = (name: string, run: () => Promise<void>): void =>
  void test(name, printingOutputOnFailure(programs, run));

scenario('an incident appears in the list by itself, is taken on its page, and follows what happens', async () => {
  const sales = service.item('workbook', 'Sales');
  await service.fails(sales);
  await page.getByRole('link', { name: 'Sales' }).click();
  await page
    .getByText(/SMS to ana/)
    .first()
    .waitFor();
  await page.getByText('sent', { exact: true }).first().waitFor();
  const webUi = await page.getByRole('link', { name: 'In the Temporal Web UI' }).getAttribute('href');
  assert.match(webUi ?? '', /^https:\/\/temporal\.example\.com\/namespaces\/default\/workflows\/incident/);
  await page.getByRole('button', { name: 'Take it' }).click();
  await page.getByRole('status').filter({ hasText: 'Taken: nobody is paged any more.' }).waitFor();
  assert.equal((await script.incident(sales.id)).state, 'acknowledged');
  assert.equal(await page.getByRole('button', { name: 'Take it' }).count(), 0);
  await browser.picture(page, 'operator-taken');
  // The list names who took it, although no name is in the memo.
  await page.getByRole('link', { name: 'All incidents' }).click();
  await page.getByText(/Olaf Operator since/).waitFor();
  await page.getByRole('link', { name: 'Sales' }).click();

  // It works again: the page says so without a reload, and what was open is over.
  await service.recovers(sales);
  await page.getByText('Nothing: it is over.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Fixed' }).count(), 0);
});

scenario('an answer that comes when it is over changes nothing, and the page says so', async () => {
  const orders = service.item('workbook', 'Orders');
  await service.fails(orders);
  await until(
    'the incident',
    async () => (await script.incident(orders.id)).state === 'triggered',
    slowMachineTimeoutMs,
  );
  await page.goto(`${service.url}/incidents/${orders.id}`);
  // The page stays as it was while somebody chooses.
  await page.getByLabel('Snooze for').focus();
  await service.recovers(orders);
  await until('the end', async () => (await script.incident(orders.id)).state === 'resolved', slowMachineTimeoutMs);
  await page.getByLabel('Snooze for').selectOption('4h');
  await page.getByRole('button', { name: 'Snooze' }).press('Enter');
  await page.getByRole('status').filter({ hasText: 'It was over already' }).waitFor();
  assert.equal((await script.incident(orders.id)).state, 'resolved');
});

test('no page had an error', () => assert.deepEqual(browser.errors, []));
