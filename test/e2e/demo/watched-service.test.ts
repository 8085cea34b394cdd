/** The page shows what a service says of its incidents: the sandbox reads its HTTP API. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { hasNoViolation } from '../../helpers/accessible.js';
import { openBrowser, type TestBrowser } from '../../helpers/browser.js';
import { until } from '../../helpers/until.js';
import { control, openWorld, type World } from '../../sandbox/world.js';

/** An HTTP server with the two endpoints that the sandbox reads. */
interface Service {
  url: string;
  rows: object[];
  pages: object[];
  requests: IncomingMessage[];
  status: number;
  close: () => Promise<void>;
}

async function startService(): Promise<Service> {
  const service: Service = { url: '', rows: [], pages: [], requests: [], status: 200, close: async () => undefined };
  const server = createServer((request, response) => {
    service.requests.push(request);
    const isList = request.url?.startsWith('/incidents?') ?? false;
    const body = isList ? { incidents: service.rows, next: null } : { pagesSent: service.pages };
    response.writeHead(service.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a TCP server has a port');
  service.url = `http://127.0.0.1:${address.port}`;
  service.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return service;
}

const rowOf = (name: string, more: object = {}) => ({
  id: `refresh:site:${name}`,
  state: 'triggered',
  item: { kind: 'workbook', luid: name, name, site: 'site' },
  failures: 1,
  acknowledgedBy: null,
  snoozedBy: null,
  next: null,
  ...more,
});
const later = (ms: number): string => new Date(Date.now() + ms).toISOString();

describe('the incidents beside the phones', { timeout: 120_000 }, () => {
  let world: World;
  let service: Service;
  let browser: TestBrowser;
  let page: Page;
  before(async () => {
    world = await openWorld();
    service = await startService();
    browser = await openBrowser();
    page = await browser.open(world.sandbox.url, { width: 1280, height: 800 });
  });
  after(async () => {
    await browser.close();
    await world.close();
    await service.close();
    assert.deepEqual(browser.errors, []);
  });
  const incident = (name: string) => page.getByTestId('incident').filter({ hasText: name });

  test('are not shown where no service is named', async () => {
    await page.getByText('live', { exact: true }).waitFor();
    assert.ok(!(await page.getByTestId('service').isVisible()));
    assert.equal(service.requests.length, 0);
  });

  test('have a state, who has it, what comes next, and a countdown to it', async () => {
    service.rows = [rowOf('Sales', { next: { at: later(90_000), code: 'step', what: 'SMS to ana' } })];
    const { status, body } = await control(world.sandbox, 'PUT', 'service', {
      url: service.url,
      apiToken: 'the-token',
      links: { Service: service.url },
    });
    assert.equal(status, 200);
    assert.ok(!JSON.stringify(body).includes('the-token'), 'the token stays in the sandbox');
    await incident('Sales').getByText('nobody has it yet').waitFor();
    assert.match(await incident('Sales').getByTestId('next').innerText(), /^Next: SMS to ana in 1:[0-3]\d$/);
    const countdown = incident('Sales').getByTestId('countdown');
    const earlier = await countdown.innerText();
    await until('the countdown goes on', async () => (await countdown.innerText()) < earlier);
    assert.equal(service.requests[0]?.headers.authorization, 'Bearer the-token');
  });

  test('show who took one, and that another is over', async () => {
    service.rows = [
      rowOf('Old', { state: 'resolved' }),
      rowOf('Sales', { state: 'acknowledged', acknowledgedBy: 'ana' }),
    ];
    await incident('Sales').getByText('ana has it').waitFor();
    assert.match((await page.getByTestId('incident').allInnerTexts()).join(), /Sales[^]*Old\s+resolved\s+over/);
    assert.equal(await page.getByTestId('counts').innerText(), '1 open, 1 taken');
  });

  test('show who snoozed one, whoever took it before', async () => {
    service.rows = [
      rowOf('Sales', { state: 'snoozed', acknowledgedBy: 'ana', snoozedBy: 'ben' }),
      rowOf('Stock', { state: 'snoozed', snoozedBy: 'ana' }),
    ];
    await incident('Sales').getByText('ben snoozed it').waitFor();
    await incident('Stock').getByText('ana snoozed it').waitFor();
    assert.equal(await page.getByTestId('counts').innerText(), '2 open, 2 taken');
  });

  test('show what limits hold back, by contact and reason, and until when', async () => {
    service.rows = ['North', 'South'].map((name) => rowOf(name));
    const why = 'a message is unanswered; all that came since goes in one';
    const held = { contact: 'ana', channel: 'whatsapp', status: 'held', heldUntil: later(50_000), why };
    service.pages = [{ ...held, status: 'sent', heldUntil: null, why: null }, held];
    const shown = page.getByTestId('held');
    await shown.waitFor();
    assert.match(
      await shown.innerText(),
      /^2 pages to ana by WhatsApp held back, next message in 0:\d\d: a message is unanswered/,
    );
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const body = JSON.stringify({ text: ':red_circle: *Refresh failed* <https://pager.example/incidents/1|Open>' });
    await fetch(`${world.sandbox.url}/receivers/slack/team`, { ...post, body });
    await page.getByTestId('chat-message').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await hasNoViolation(page);
    }
    service.pages = [];
    await shown.waitFor({ state: 'hidden' });
  });

  test('count those for which there is no room', async () => {
    service.rows = Array.from({ length: 30 }, (_, index) => rowOf(`Region ${index}`));
    await page.getByText('and 24 more').waitFor();
    assert.equal(await page.getByTestId('counts').innerText(), '30 open, 0 taken');
  });

  test('say that the service is away, why, and when it is back', async () => {
    service.status = 503;
    const problem = page.getByTestId('service-problem');
    await problem.getByText('it answered 503').waitFor();
    service.status = 200;
    await problem.waitFor({ state: 'hidden' });
    await service.close();
    await problem.getByText('it cannot be reached').waitFor();
    await control(world.sandbox, 'PUT', 'service', null);
    await page.getByTestId('service').waitFor({ state: 'hidden' });
  });

  test('a service is refused that has no address or token', async () => {
    const { status, body } = await control(world.sandbox, 'PUT', 'service', { url: 'http://127.0.0.1:1' });
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /apiToken/);
  });
});
