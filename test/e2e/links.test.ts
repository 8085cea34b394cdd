/** The link of a page, from the phone to the incident and back, in Chromium: with a script and without, on a phone and on a desk. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { createLinkTokens } from '../../src/links/token.js';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import { pagerId } from '../../src/workflows/pager-contract.js';
import { openBrowser, type TestBrowser } from '../helpers/browser.js';
import type { TestPhone } from '../helpers/phone.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { startService, type Service } from './service.js';
import { scriptOf, type Script } from './script.js';
import { seenInTemporal } from './seen-in-temporal.js';
import { waitingPhone } from './waiting-phone.js';

const numbers = { ana: '+15550100001', ben: '+15550100002' };
const linkSecret = 'link-secret-for-e2e-tests';
const onAPhone = { width: 390, height: 844 };
let service: Service;
let script: Script;
let ana: TestPhone;
let ben: TestPhone;

before(async () => {
  service = await startService({
    env: { LINK_SECRET: linkSecret },
    escalation: {
      contacts: {
        ana: { phone: numbers.ana, timezone: 'Europe/Berlin' },
        ben: { phone: numbers.ben, tableau: ['olga.owner@example.com'] },
      },
      policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '30m' }] } },
      routes: [{ events: ['*RefreshFailed'], policy: 'default' }],
      settings: { window: '1s' },
    },
  });
  script = scriptOf(service);
  ana = waitingPhone(service.sandbox, numbers.ana);
  ben = waitingPhone(service.sandbox, numbers.ben);
});
after(() => service?.close());
const programs = () => [service.api, service.worker, service.temporal];
/** Each in a browser of its own: this build of Chromium mixes up the cookies of several contexts. */
const scenario = (name: string, run: (browser: TestBrowser) => Promise<void>): void =>
  void test(
    name,
    printingOutputOnFailure(programs, async () => {
      const browser = await openBrowser();
      try {
        await run(browser);
      } finally {
        await browser.close();
      }
    }),
  );

const link = /^http:\/\/127\.0\.0\.1:\d+\/i\/[\w-]{32}$/m;
const linkIn = (body: string): string => link.exec(body)?.[0] ?? assert.fail(`no link in ${body}`);

/** A workbook fails, and ana gets an SMS with a link. */
async function failed(name: string) {
  const item = service.item('workbook', name);
  await service.fails(item);
  const { body } = await ana.receives('sms', new RegExp(name.slice(0, 8)));
  return { ...item, body, link: linkIn(body) };
}
const stateOf = async (id: string): Promise<string> => (await script.incident(id)).state;
const becomes = (id: string, state: string) =>
  until(`${id} to be ${state}`, async () => (await stateOf(id)) === state, slowMachineTimeoutMs);

async function withoutScript(browser: TestBrowser, address: string): Promise<Page> {
  const page = await browser.open('about:blank', onAPhone);
  const context = await page.context().browser()?.newContext({ viewport: onAPhone, javaScriptEnabled: false });
  const plain = (await context?.newPage()) ?? assert.fail('there is a browser');
  await plain.goto(address);
  return plain;
}

/** Violations of WCAG 2.2 AA in both colour schemes. */
async function assertAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    assert.deepEqual(found, [], colorScheme);
  }
}

scenario('a scanner that follows every link of every message changes nothing', async () => {
  const sales = await failed('Scanned sales');
  await service.quiet();
  const untouched = await script.incident(sales.id);
  for (const method of ['GET', 'HEAD']) {
    for (const [address = ''] of sales.body.matchAll(/https?:\/\/\S+/g)) {
      if (!address.startsWith(service.url)) continue;
      const response = await fetch(address, { method, headers: { 'user-agent': 'LinkScanner' } });
      assert.equal(response.status, 200, address);
      const page = await response.text();
      for (const [, path = ''] of page.matchAll(/(?:href|src|action)="(\/[^"]*)"/g))
        await fetch(`${service.url}${path.replaceAll('&amp;', '&')}`, { method }).then((one) => one.body?.cancel());
    }
  }
  await service.quiet();
  assert.deepEqual(await script.incident(sales.id), untouched);
  assert.deepEqual([untouched.state, untouched.acknowledgedBy], ['triggered', null]);
  await service.recovers(sales);
  await ana.receives('sms', /works again/);
});

scenario('ana takes it on her phone, without a script, and sees when she is reminded', async (browser) => {
  const sales = await failed('Sales by region');
  const page = await withoutScript(browser, sales.link);
  await browser.picture(page, 'link-1-triggered');
  await page.getByRole('button', { name: 'I take it' }).click();
  await page.getByText(/Taken\. You are reminded at/).waitFor();
  await browser.picture(page, 'link-2-taken');
  const { state, acknowledgedBy } = await script.incident(sales.id);
  assert.deepEqual([state, acknowledgedBy], ['acknowledged', 'ana']);
  await page.getByRole('button', { name: 'It is fixed' }).click();
  await page.getByText(/Marked as fixed/).waitFor();
  assert.equal(await stateOf(sales.id), 'resolved');
  await browser.picture(page, 'link-3-over');
});

scenario('each button does what it says, and a page that is open follows', async (browser) => {
  const sales = await failed('Rerun sales');
  const inTableau = service.sandbox.panel.find(sales.luid) ?? assert.fail('the item is not in Tableau');
  inTableau.condition = 'healthy';
  const page = await browser.open(sales.link, onAPhone);
  const other = await page.context().newPage();
  await other.setViewportSize({ width: 1280, height: 900 });
  await other.goto(sales.link);
  await page.getByRole('button', { name: 'Run it again' }).click();
  await page.getByText(/The refresh runs again|You ran the refresh again/).waitFor();
  await other.getByText(/You have it|There is nothing to do/).waitFor();
  await becomes(sales.id, 'resolved');
  await other.getByText(/There is nothing to do/).waitFor();
  await ana.receives('sms', /works again/);

  const costs = await failed('Snoozed costs');
  await page.goto(costs.link);
  await page.getByText('Snooze', { exact: true }).click();
  await browser.picture(page, 'link-4-snooze');
  await page.getByRole('button', { name: '15 min' }).click();
  await page.getByText(/Snoozed until/).waitFor();
  assert.equal(await stateOf(costs.id), 'snoozed');
});

scenario('ana tells the owner, hands it to ben, who is paged with a link of his own and takes it', async (browser) => {
  const sales = await failed('Handed sales');
  const page = await browser.open(sales.link, onAPhone);
  await page.getByRole('button', { name: 'Tell the owner, ben' }).click();
  await page.getByText(/The owner gets a message/).waitFor();
  await ben.receives('sms', /^Your workbook "Handed sales": refresh failed/);
  await page.getByText('Hand it to somebody else').click();
  await page.getByLabel('To whom').selectOption('ben');
  await browser.picture(page, 'link-8-hand');
  await page.getByRole('button', { name: 'Hand it over' }).click();
  await page.getByText(/^Handed on/).waitFor();
  const { body } = await ben.receives('sms', /Handed sales/);
  assert.notEqual(linkIn(body), sales.link);
  await page.goto(linkIn(body));
  await page.getByText('This page is for ben alone').waitFor();
  await page.getByRole('button', { name: 'I take it' }).click();
  await page.getByText(/^Taken\. You are reminded/).waitFor();
  await page.goto(sales.link);
  await page.getByText('ben has it.').waitFor();
  const { state, acknowledgedBy } = await script.incident(sales.id);
  assert.deepEqual([state, acknowledgedBy], ['acknowledged', 'ben']);
  await ana.receives('sms', /ben/);
});

scenario(
  'ana takes all that is open from the list of a bundle, which says so, and gets no text of it',
  async (browser) => {
    const open = [await failed('First listed'), await failed('Second listed')];
    const target = { number: 0, incident: '', episode: '', at: Date.now() };
    const page = await browser.open(`${service.url}/i/${createLinkTokens(linkSecret).write('ana', target)}`, onAPhone);
    await assertAccessible(page);
    await browser.picture(page, 'link-9-list');
    await page.getByRole('button', { name: 'Take all' }).click();
    await page.getByText(/\d+ taken: /).waitFor();
    for (const { id } of open) assert.equal((await script.incident(id)).acknowledgedBy, 'ana');
    await service.quiet();
    const { messages } = service.sandbox.phones.get(numbers.ana);
    assert.deepEqual(
      messages.filter(({ body }) => body.includes('taken: ')),
      [],
    );
  },
);

scenario('what only Tableau knows comes by itself, also where the page did not wait for it', async (browser) => {
  const sales = await failed('Owned sales');
  const page = await browser.open(sales.link, onAPhone);
  await page.getByText('Olga Owner').waitFor();
  await page.getByText(/The only one that Tableau tells of failed/).waitFor();
  await browser.picture(page, 'link-7-background');
});

scenario(
  'the page holds its promises: weight, no other host, no violation of the policy or of WCAG',
  async (browser) => {
    const sales = await failed('Weight of sales');
    const page = await browser.open('about:blank', onAPhone);
    const requested: string[] = [];
    const said: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    page.on('console', (message) => said.push(message.text()));
    await page.goto(sales.link);
    await assertAccessible(page);
    await browser.picture(page, 'link-5-dark');
    await page.setViewportSize({ width: 320, height: 640 });
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    assert.equal(overflow, 0, 'nothing is wider than 320 px');
    await browser.picture(page, 'link-6-narrow');
    assert.deepEqual(
      requested.filter((address) => !address.startsWith(service.url)),
      [],
    );
    assert.deepEqual(said, []);
    const bytes = Buffer.byteLength(await (await fetch(sales.link)).text());
    process.stdout.write(`# page of a link: ${bytes} bytes\n`);
    assert.ok(bytes < 50_000);
  },
);

scenario('no link is in Temporal', async () => {
  const sales = await failed('Secret sales');
  for (const workflow of [pagerId('ana'), incidentWorkflowId(sales.id)]) {
    const { everything } = await seenInTemporal(service.client, workflow);
    assert.doesNotMatch(everything, /\/i\/[\w-]{32}/, workflow);
    if (workflow === pagerId('ana')) assert.match(everything, /<link:_+>/);
  }
});
