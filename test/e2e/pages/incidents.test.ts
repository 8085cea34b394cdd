import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { Page } from 'playwright-core';
import type { IncidentView, PageView } from '../../../src/workflows/view-contract.js';
import { config, eventually, startTemporal } from '../../api/service.js';
import { until } from '../../helpers/until.js';
import {
  assertAccessible,
  assertFits,
  narrowest,
  phone,
  remembered,
  startOperators,
  type Operators,
} from './operators.js';

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const ahead = (minutes: number) => ago(-minutes);
const hostile = '<img src=x onerror=alert(1)> & "quotes"';
const arabic = 'مبيعات الربع الأول';
const long = 'Quarterly-numbers-of-every-region-'.repeat(9).slice(0, 300);

const pageTo = (
  contact: string,
  more: Pick<PageView, 'n' | 'channel' | 'step' | 'status'> & Partial<PageView>,
): PageView => ({
  contact,
  requestedAt: ago(94),
  sentAt: null,
  readAt: null,
  heldUntil: null,
  why: null,
  ...more,
});

let client: Client;
let operators: Operators;
let sales: string;

const whole: Partial<IncidentView> = {
  state: 'triggered',
  cause: 'The database refused the password of the connection.',
  project: 'Finance/Daily',
  ownerRole: 'lead',
  failures: 3,
  firstFailedAt: ago(95),
  lastFailedAt: ago(12),
  step: 2,
  round: 1,
  pages: 3,
  next: { at: ahead(4), code: 'step', what: 'Call to ana, lead' },
  detail: {
    project: 'Finance/Daily',
    url: 'https://tableau.example.com/#/workbooks/7',
    tags: ['gold', arabic],
    problems: ['whether the schedule is suspended'],
    consecutiveFailures: 5,
    lastGoodAt: '2026-11-30T03:08:00Z',
    nextRunAt: ahead(60 * 20),
    downstreamWorkbooks: 12,
  },
  timeline: [
    { at: ago(95), type: 'failed', text: 'WorkbookRefreshFailed, the 1st failure' },
    { at: ago(94), type: 'sent', text: 'WhatsApp to ana was sent' },
    { at: ago(80), type: 'undelivered', text: `SMS to ana failed: ${hostile}` },
  ],
  pagesSent: [
    pageTo('ana', { n: 1, channel: 'whatsapp', step: 1, status: 'read', sentAt: ago(94), readAt: ago(93) }),
    pageTo('ana', { n: 2, channel: 'sms', step: 2, status: 'failed', why: '30003' }),
    pageTo('lead', { n: 3, channel: 'call', step: 3, status: 'held', heldUntil: ahead(5), why: 'quiet hours' }),
  ],
};

before(async () => {
  ({ client } = await startTemporal());
  operators = await startOperators(client, {
    links: { 'Temporal Web UI': 'http://127.0.0.1:8233' },
    liveLimits: { everyMs: 200 },
  });
  sales = await remembered(client, whole);
  await remembered(client, { name: hostile, state: 'unacknowledged', cause: hostile, project: hostile, failures: 17 });
  await remembered(client, { name: arabic, state: 'acknowledged', acknowledgedBy: 'ana', acknowledgedAt: ago(30) });
  await remembered(client, {
    name: long,
    kind: 'datasource',
    state: 'snoozed',
    snoozedBy: 'ana',
    snoozedUntil: ahead(50),
  });
  await remembered(client, {
    name: 'Payroll',
    state: 'resolved',
    endedAt: ago(5),
    firstFailedAt: ago(600),
    lastFailedAt: ago(600),
  });
  await eventually(
    async () => {
      const list = await operators.app.inject({ url: '/incidents', headers: bearer });
      return list.json<{ incidents: unknown[] }>().incidents.length;
    },
    (found) => found === 5,
  );
});

const bearer = { authorization: `Bearer ${config.apiToken}` };
const namesIn = (page: Page) => page.locator('table.incidents tbody tr th a').allInnerTexts();
const ask = async (query: string, headers: Record<string, string> = bearer) => {
  const answer = await operators.app.inject({ url: `/incidents${query}`, headers });
  return { status: answer.statusCode, type: String(answer.headers['content-type']), body: answer.body };
};

test('the list has open incidents first, and names from outside are text', async () => {
  const page = await operators.open('/incidents');
  await page.getByText('4 open: nobody has 2 of them; 1 over').waitFor();
  const names = await namesIn(page);
  assert.equal(names.length, 5);
  assert.deepEqual(new Set(names.slice(0, 2)), new Set(['Sales', hostile]));
  assert.equal(names[4], 'Payroll');
  assert.equal(await page.locator('bdi', { hasText: arabic }).count(), 1);
  assert.equal(await page.locator('img').count(), 0);
  await assertAccessible(page, 'incidents');
  await operators.browser.picture(page, 'incidents-1280');
});

for (const [what, size] of Object.entries({ phone, narrowest }))
  test(`the pages fit into the window of ${what}`, async () => {
    const page = await operators.open('/incidents', size);
    await assertFits(page, 'incidents');
    await assertAccessible(page, 'incidents');
    await operators.browser.picture(page, `incidents-${size.width}`);
    await page.getByRole('link', { name: 'Sales', exact: true }).click();
    await page.getByRole('heading', { name: 'Sales', level: 1 }).waitFor();
    await assertFits(page, 'incident');
    await assertAccessible(page, 'incident');
    await operators.browser.picture(page, `incident-${size.width}`);
  });

test('the filters are in the address, and what they mean nothing by is said on the page', async () => {
  const page = await operators.open('/incidents');
  await page.getByLabel('Search').fill('finance password');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('1 open: nobody has 1 of them').waitFor();
  assert.deepEqual(await namesIn(page), ['Sales']);
  await page.getByRole('link', { name: 'No filters' }).click();
  await page.waitForURL(/incidents$/);
  assert.equal(await page.getByRole('link', { name: 'No filters' }).count(), 0);
  await page.goto(`${operators.address}/incidents?contact=ana`);
  assert.equal((await namesIn(page)).length, 3);
  assert.equal(await page.getByLabel('Contact').inputValue(), 'ana');
  await page.goto(`${operators.address}/incidents?since=3h&state=resolved`);
  await page.getByText('No incident fits.').waitFor();
  const refused = await page.goto(`${operators.address}/incidents?since=yesterday&item=Sales`);
  assert.equal(refused?.status(), 400);
  await page.getByRole('alert').filter({ hasText: 'since must be a time back' }).waitFor();
  assert.equal(await page.getByLabel('Failed').getAttribute('aria-invalid'), 'true');
  await assertAccessible(page, 'a refused filter');
  await operators.browser.picture(page, 'incidents-refused');
});

test('scripts have the same filters, and a refusal says which is wrong', async () => {
  const count = async (query: string) =>
    (JSON.parse((await ask(query)).body) as { incidents: unknown[] }).incidents.length;
  for (const [query, expected] of [
    ['?item=SALES', 1],
    ['?project=finance/', 1],
    ['?site=s', 5],
    ['?site=other', 0],
    ['?contact=lead', 1],
    ['?contact=zoe', 0],
    ['?since=3h', 4],
    [`?since=${encodeURIComponent(ago(180))}`, 4],
    ['?q=password+finance', 1],
    ['?q=password+zebra', 0],
    ['?contact=ana&state=snoozed&limit=1', 1],
  ] as const)
    assert.equal(await count(query), expected, query);
  for (const [query, code] of [
    ['?state=open', 'BAD_STATE'],
    ['?contact=Ana%20Lima', 'BAD_CONTACT'],
    ['?since=soon', 'BAD_SINCE'],
    [`?item=${'x'.repeat(257)}`, 'BAD_REQUEST'],
  ] as const) {
    const { status, body } = await ask(query);
    assert.deepEqual([status, (JSON.parse(body) as { code: string }).code], [400, code], query);
  }
});

test('a long list has pages, each incident on one of them', async () => {
  const page = await operators.open('/incidents?limit=2');
  const found = await namesIn(page);
  for (let left = 2; left > 0; left -= 1) {
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.waitForURL(/cursor=/);
    found.push(...(await namesIn(page)));
  }
  assert.equal(new Set(found).size, 5);
  assert.equal(found.length, 5);
});

test('JSON is for whoever does not prefer HTML', async () => {
  for (const accept of ['*/*', 'application/json', 'application/json, text/html;q=0.5'])
    assert.match((await ask('', { ...bearer, accept })).type, /json/, accept);
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  const html = await ask('', { ...bearer, accept: browser });
  assert.match(html.type, /html/);
  assert.match((await ask('', { accept: browser })).body, /^$/, 'whoever is not signed in is led to the sign-in');
});

test('one incident shows what broke, who was paged, the timeline, and where to look', async () => {
  const page = await operators.open(`/incidents/${sales}`);
  for (const text of [
    /refused the password/,
    /3, the last at .*the 5th in a row/s,
    /Call to ana, lead at/,
    /12 workbooks/,
  ])
    await page.getByText(text).first().waitFor();
  await page.getByText(/WhatsApp to ana\s.*read\s+at/s).waitFor();
  assert.equal(await page.locator('.timeline li').count(), 3);
  const tableau = page.getByRole('link', { name: 'Open in Tableau' });
  assert.equal(await tableau.getAttribute('href'), 'https://tableau.example.com/#/workbooks/7');
  const webUi = await page.getByRole('link', { name: 'In the Temporal Web UI' }).getAttribute('href');
  assert.match(webUi ?? '', /^http:\/\/127\.0\.0\.1:8233\/namespaces\/tests-\d+\/workflows\/incident%3Arefresh%3As%3A/);
  await assertAccessible(page, 'incident');
  await operators.browser.picture(page, 'incident-1280');
  await page.emulateMedia({ media: 'print' });
  await operators.browser.picture(page, 'incident-print');
});

test('an answer is recorded under whoever is signed in, for the episode of the page, and a copy of the form is the same answer', async () => {
  const id = await remembered(client, { name: 'Answered', episode: 'an-episode' });
  const page = await operators.open(`/incidents/${id}`);
  const nonce = await page.locator('input[name=nonce]').inputValue();
  await page.getByRole('button', { name: 'Take it' }).click();
  await page.getByRole('status').filter({ hasText: 'Recorded.' }).waitFor();
  const history = await client.workflow.getHandle(`incident:${id}`).fetchHistory();
  const signals = (history.events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const data = signal?.input?.payloads?.[0]?.data;
    return data ? [JSON.parse(Buffer.from(data).toString()) as { answerId: string; by: string; verb: string }] : [];
  });
  assert.deepEqual(signals, [
    { answerId: `page:${nonce}:acknowledge`, episode: 'an-episode', verb: 'acknowledge', by: 'Ana Lima' },
  ]);
});

test('a form without its token, of another browser, or made up changes nothing', async () => {
  const url = `/incidents/${sales}/answers`;
  const send = (fields: Record<string, string>, headers: Record<string, string> = bearer) =>
    operators.app.inject({
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });
  const nonce = '00000000-0000-4000-8000-000000000000';
  assert.equal((await send({ verb: 'resolve', nonce })).statusCode, 403);
  assert.equal((await send({ verb: 'resolve', nonce, _csrf: 'x' })).statusCode, 403);
  assert.equal((await send({ verb: 'resolve', nonce }, {})).statusCode, 401);
});

test('pages are small, and load nothing from elsewhere', async () => {
  const sizes: string[] = [];
  for (const [what, path] of Object.entries({ list: '/incidents', incident: `/incidents/${sales}` })) {
    const page = await operators.app.inject({ url: path, headers: { ...bearer, accept: 'text/html' } });
    sizes.push(`${what} ${page.body.length} bytes`);
    assert.ok(page.body.length < 50_000);
    assert.doesNotMatch(page.body, /(?:src|href)="(?!\/|https:\/\/tableau\.example|http:\/\/127|#)/);
    assert.doesNotMatch(page.body, /\sstyle=|<style|\son\w+=(?!alert)/);
  }
  process.stdout.write(`# page weights: ${sizes.join(', ')}\n`);
  await until('no script error', async () => operators.browser.errors.length === 0);
});
