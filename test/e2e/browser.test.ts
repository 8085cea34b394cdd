import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import { openBrowser, readIn, type TestBrowser } from '../helpers/browser.js';
import { slowMachineTimeoutMs, printingOutputOnFailure } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { secrets, startService, owner, type Service } from './service.js';
import { scriptOf, type Script } from './script.js';
import { seenInTemporal } from './seen-in-temporal.js';

const numbers = { ana: '+15550100001', lead: '+15550100002' };
let service: Service;
let script: Script;
let browser: TestBrowser;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { whatsapp: numbers.ana, phone: numbers.ana }, lead: { phone: numbers.lead } },
      policies: {
        default: {
          steps: [
            { page: ['ana'], by: 'whatsapp', wait: '2s' },
            { page: ['ana'], by: 'sms', wait: '10m' },
            { page: ['ana', 'lead'], by: 'call', wait: '10m' },
          ],
        },
        calls: { steps: [{ page: ['ana'], by: 'call', wait: '10m' }] },
      },
      routes: [
        { events: ['Workbook*'], policy: 'default' },
        { events: ['*RefreshFailed'], policy: 'calls' },
      ],
      settings: { window: '0s', callWindow: '0s' },
    },
  });
  script = scriptOf(service);
  browser = await openBrowser();
});
after(() => service?.close());
after(() => browser?.close());
const programs = () => [service.api, service.worker, service.temporal];
const scenario = (name: string, run: () => Promise<void>): void =>
  void test(name, printingOutputOnFailure(programs, run));

const messages = (page: Page, text: RegExp) => page.getByTestId('message').filter({ hasText: text });
const failIn = (page: Page, name: string) =>
  page.getByTestId('item').filter({ hasText: name }).getByTestId('item-fail').click();

scenario('a workbook fails in the panel, the phone shows the page, and ACK acknowledges it', async () => {
  const sales = service.item('workbook', 'Sales');
  const page = await browser.open(service.sandbox.url);
  await browser.picture(page, 'phone-1-nothing-yet');
  await failIn(page, 'Sales');
  await messages(page, /Workbook refresh failed: "Sales"/)
    .and(page.locator('[data-channel=whatsapp]'))
    .waitFor();
  await messages(page, /Workbook refresh failed: "Sales"/)
    .and(page.locator('[data-channel=sms]'))
    .waitFor();
  await browser.picture(page, 'phone-2-paged');

  await page.getByTestId('reply-channel').selectOption('whatsapp');
  await page.getByTestId('reply-input').fill('ACK');
  await page.getByTestId('reply-send').click();
  await messages(page, /^ACK/).and(page.locator('[data-direction=inbound]')).waitFor();
  await messages(page, /Taken: "Sales"\./).waitFor();
  await browser.picture(page, 'phone-3-taken');
  const { state, acknowledgedBy } = await script.incident(sales.id);
  assert.deepEqual({ state, acknowledgedBy }, { state: 'acknowledged', acknowledgedBy: 'ana' });
});

scenario('a call rings, is answered, reads the page out, and accepts the key 1', async () => {
  const people = service.item('datasource', 'People');
  const page = await browser.open(service.sandbox.url, { width: 390, height: 844 });
  await failIn(page, 'People');
  await page.getByTestId('call-answer').waitFor();
  await browser.picture(page, 'call-1-rings');
  await page.getByTestId('call-answer').click();
  const spoken = page.getByTestId('call-spoken');
  await spoken.filter({ hasText: /The data source People, in project Finance, failed to refresh/ }).waitFor();
  await spoken.filter({ hasText: /Press 1 to acknowledge/ }).waitFor();
  await browser.picture(page, 'call-2-speaks');
  await page.getByTestId('call-key-1').click();
  const past = page.getByTestId('past-call').and(page.locator('[data-status=completed]'));
  await past.filter({ hasText: /Acknowledged\. Good night\./ }).waitFor();
  await browser.picture(page, 'call-3-taken');
  assert.equal((await script.incident(people.id)).state, 'acknowledged');
});

scenario('the page shows the incident beside the phone: who has it, what comes next, and when', async () => {
  const orders = service.item('workbook', 'Orders');
  const control = (path: string, body: object) =>
    fetch(`${service.sandbox.url}/sandbox/${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await control('service', { url: service.url, apiToken: secrets.API_TOKEN });
  const page = await browser.open(service.sandbox.url, { width: 1280, height: 800 });
  await failIn(page, 'Orders');
  const incident = page.getByTestId('incident').filter({ hasText: 'Orders' });
  await incident.getByText('nobody has it yet').waitFor();
  await incident.getByText(/Next: Call to ana, lead in \d+:\d\d/).waitFor();
  await browser.picture(page, 'phone-4-incident');
  const phone = page.locator(`[data-testid=phone][data-number="${numbers.ana}"]`);
  await phone.getByTestId('reply-channel').selectOption('sms');
  await phone.getByTestId('reply-input').fill('ACK');
  await phone.getByTestId('reply-send').click();
  await incident.getByText('ana has it').waitFor();
  await incident.getByText(/Next: Reminder in 3:59:\d\d/).waitFor();
  await service.recovers(orders);
  await page.getByTestId('incident').and(page.locator('[data-state=resolved]')).filter({ hasText: 'Orders' }).waitFor();
});

scenario('who answered is named to whoever reads the incident, and nowhere that more people can read', async () => {
  const stock = service.item('datasource', 'Stock');
  await service.fails(stock);
  await until('the incident', () => script.incident(stock.id).then(Boolean, () => false), slowMachineTimeoutMs);
  assert.equal((await script.post(stock.id, 'acknowledge', { by: 'Ana Lima' })).status, 200);
  const { acknowledgedBy, timeline } = await script.incident(stock.id);
  assert.equal(acknowledgedBy, 'Ana Lima');
  assert.ok(
    timeline.some(({ text }) => text === 'Acknowledged by Ana Lima'),
    JSON.stringify(timeline),
  );
  const { incidents } = await script.list('?state=acknowledged');
  assert.equal(incidents.find(({ id }) => id === stock.id)?.acknowledgedBy, 'api');
  const { memo } = await service.client.workflow.getHandle(incidentWorkflowId(stock.id)).describe();
  assert.doesNotMatch(JSON.stringify(memo), /Ana Lima/);
});

scenario("Temporal's Web UI shows the state of an incident, and no number and no person's name", async () => {
  const inventory = service.item('workbook', 'Inventory');
  await service.fails(inventory);
  const received = () =>
    service.sandbox.phones.get(numbers.ana).messages.filter(({ body }) => /Inventory[^]*Olga Owner/.test(body));
  await until('WhatsApp and SMS', () => received().length === 2, slowMachineTimeoutMs);
  await service.quiet();
  const id = incidentWorkflowId(inventory.id);
  const { runId, staticSummary } = await service.client.workflow.getHandle(id).describe();
  assert.equal(await staticSummary(), 'Workbook refresh failed: Inventory');

  const read = new Map<string, string>();
  const list = `${service.webUi}/namespaces/default/workflows`;
  const page = await browser.open(list);
  read.set('list', await readIn(page, new RegExp(id), /pager:ana/));
  await browser.picture(page, 'temporal-1-list');
  const detail = `${list}/${encodeURIComponent(id)}/${runId}`;
  await page.goto(`${detail}/user-metadata`);
  const details = await readIn(page, /Workbook refresh failed: Inventory/, /Next: Call to ana, lead/);
  await browser.picture(page, 'temporal-2-user-metadata');
  assert.match(details, /Current Details, on this page/);
  assert.match(details, new RegExp(`The same with buttons: .*/incidents/refresh`));
  assert.match(details, /triggered · Workbook Inventory/);
  assert.match(details, /Project: Finance/);
  assert.match(details, /ana · WhatsApp · sent[^]*ana · SMS · sent/);
  assert.doesNotMatch(details, /\*\*|\|---/, 'the Markdown is rendered');
  read.set('details', details);
  const tabs: [string, RegExp[]][] = [
    [
      'Timeline',
      [
        /about.*tab .*User Metadata.*\/incidents\//,
        /signalPagers • Ask Tableau what broke, then WhatsApp to ana/,
        /Wait for ana to answer \(SMS\)/,
      ],
    ],
    ['Event History', [/Summary\s+Ask Tableau what broke, then WhatsApp to ana/, /Summary\s+SMS to ana/]],
    ['Search Attributes', [/"IncidentState": "triggered"/, /"TableauItem": "Inventory"/, /WorkbookRefreshFailed/]],
    ['Memo', [/"state": "triggered"/, /"what": "Call to ana, lead"/]],
  ];
  for (const [tab, patterns] of tabs) {
    await page.getByRole('tab', { name: tab }).click();
    read.set(tab, await readIn(page, ...patterns));
    await browser.picture(page, `temporal-3-${tab.toLowerCase().replace(' ', '-')}`);
  }
  await page.goto(`${list}/${encodeURIComponent('pager:ana')}`);
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  read.set('pager', await readIn(page, /Pager of ana: 1 open, 0 held/, /Inventory/));
  await browser.picture(page, 'temporal-4-pager');

  await page.getByRole('tab', { name: 'Timeline' }).click();
  read.set('timeline of the pager', await readIn(page, /send • SMS to ana: Inventory/));
  await script.post(inventory.id, 'acknowledge', { by: owner });
  await page.goto(`${detail}/timeline`);
  read.set('timeline after the answer', await readIn(page, /api acknowledged: wait for a refresh that works/));

  const digits = Object.values(numbers).map((number) => number.slice(1));
  for (const [where, text] of read) {
    // Payloads in the history may contain the owner.
    for (const word of where === 'Event History' ? digits : [...digits, owner]) {
      assert.ok(!text.includes(word), `${where} shows ${word}`);
    }
  }
  for (const workflowId of [id, 'pager:ana']) {
    const { shown, summaries, everything } = await seenInTemporal(service.client, workflowId);
    for (const word of [...digits, owner]) assert.ok(!shown.includes(word), `${workflowId} shows ${word}`);
    for (const number of digits) assert.ok(!everything.includes(number), `the history of ${workflowId} has ${number}`);
    assert.ok(everything.includes(owner), 'the payloads contain the owner, so the search works');
    assert.ok(summaries.length > 3, `${workflowId} has the summaries ${summaries.join(', ')}`);
  }
});

test('no page had an error', () => assert.deepEqual(browser.errors, []));
