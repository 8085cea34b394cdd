/** The sign-in, the overview and the page of health in Chromium, with an identity provider that runs as a process of its own. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { incidentType, incidentWorkflowId } from '../../../src/workflows/contract.js';
import { pagerId, pagerType } from '../../../src/workflows/pager-contract.js';
import { openBrowser, readIn, type TestBrowser } from '../../helpers/browser.js';
import { freePort } from '../../helpers/free-port.js';
import { identityProvider, type TestIdentityProvider } from '../../helpers/identity-provider.js';
import { startOnCallWorker } from '../../api/on-call-worker.js';
import { buildTestApp, config, escalation, eventually, startTemporal, textsTo } from '../../api/service.js';

let temporal: TestWorkflowEnvironment;
let provider: TestIdentityProvider;
let browser: TestBrowser;
let app: FastifyInstance;
let url = '';

const phone = { width: 390, height: 844 };
const desk = { width: 1280, height: 900 };
const withoutWorkers = { taskQueue: 'without-workers', args: [] };

before(async () => {
  temporal = await startTemporal();
  await startOnCallWorker(temporal);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  provider = await identityProvider({
    redirectUri: `${url}/sign-in/callback`,
    accounts: {
      ana: { email: 'ana.lima@example.com', email_verified: true },
      olga: { email: 'olga@example.com', email_verified: true, groups: ['platform'] },
    },
  });
  await provider.start();
  const people = { viewer: ['*@example.com'], responder: [], admin: ['group:platform'] };
  const { issuer, clientId, clientSecret } = provider;
  const signIn = { issuer, clientId, clientSecret, scope: 'openid email groups', people };
  const ana = { ...escalation.contacts['ana'], timezone: 'Europe/Berlin' };
  ({ app } = await buildTestApp(temporal.client, {
    config: { ...config, publicUrl: url, signIn },
    escalation: {
      ...escalation,
      contacts: { ...escalation.contacts, ana },
      owners: { 'ana.lima@example.com': 'ana' },
    },
    liveLimits: { everyMs: 200 },
  }));
  await app.listen({ host: '127.0.0.1', port });
  await pagerWith([{ code: 'contact-stopped', since: '2026-11-24T04:00:00.000Z', channel: 'sms' }]);
  await incidentCalled('Sales');
  browser = await openBrowser();
});
after(() => browser?.close());
after(() => provider?.stop());

const pagerWith = (alarms: object[]) =>
  temporal.client.workflow.start(pagerType, {
    ...withoutWorkers,
    workflowId: pagerId('lead'),
    memo: { pager: { contact: 'lead', alarms } },
  });

const incidentCalled = (name: string) =>
  temporal.client.workflow.start(incidentType, {
    ...withoutWorkers,
    workflowId: incidentWorkflowId(`refresh:site:${name}`),
    memo: {
      incident: {
        id: `refresh:site:${name}`,
        state: 'unacknowledged',
        item: { kind: 'workbook', luid: name, name, site: 'site' },
        event: 'WorkbookRefreshFailed',
        failures: 3,
        firstFailedAt: '2026-11-24T23:30:00.000Z',
        lastFailedAt: '2026-11-24T23:40:00.000Z',
        acknowledgedBy: null,
        policy: 'default',
        step: 3,
        next: null,
      },
    },
    searchAttributes: { IncidentState: ['unacknowledged'] },
  });

/** No violation of WCAG 2.2 AA, in both colour schemes, and nothing beyond the edge of the window. */
async function isAccessible(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [size, viewport] of Object.entries({ phone, desk })) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      assert.deepEqual(found, [], `${name}, ${colorScheme}, ${size}`);
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      assert.ok(beyond <= 0, `${name} is ${beyond} px too wide on the ${size}`);
      await browser.picture(page, `${name}-${size}-${colorScheme}`);
    }
}

/** From a page of ours that is not for strangers, by the provider and back. */
async function signInAs(account: string, path: string, size = desk): Promise<Page> {
  const page = await browser.open(`${url}${path}`, size);
  await page.getByRole('link', { name: /^Go to 127\.0\.0\.1/ }).click();
  await page.locator('[name=login]').fill(account);
  await page.locator('[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${url}${path}`);
  return page;
}

test('a contact signs in by the provider on the phone, sees what is wrong in its own time, and signs out', async () => {
  const stranger = await browser.open(`${url}/`, phone);
  assert.doesNotMatch(await readIn(stranger, /1 incident is unacknowledged/), /Sales|lead/);
  await isAccessible(stranger, 'overview-stranger');
  const page = await signInAs('ana', '/health', phone);
  await page.getByRole('link', { name: 'Overview' }).click();
  // 23:30 UTC is half past midnight in Berlin.
  await readIn(page, /Sales/, /failing since Wed 25 Nov, 00:30/, /lead \(sms\)/, /reply START/);
  await isAccessible(page, 'overview');
  const incidents = await page.getByRole('link', { name: 'Sales' }).getAttribute('href');
  assert.equal(incidents, '/incidents/refresh:site:Sales');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${url}/sign-in`);
  await page.goto(`${url}/health`);
  assert.match(page.url(), /\/sign-in\?to=%2Fhealth$/);
  await isAccessible(page, 'sign-in');
});

test('an open overview shows a new incident by itself', async () => {
  const page = await signInAs('ana', '/health');
  await page.getByRole('link', { name: 'Overview' }).click();
  await readIn(page, /Sales/);
  await incidentCalled('People');
  await readIn(page, /People/);
});

test('an admin reads the page of health, sends a test page by the keyboard and ends the sessions of a contact', async () => {
  const ana = await signInAs('ana', '/health');
  const page = await signInAs('olga', '/health');
  await readIn(page, /lead\s+SMS:\s+has replied STOP/, /Temporal answers/);
  await isAccessible(page, 'health');
  await page.getByRole('button', { name: 'Send a test by SMS to ana' }).focus();
  await page.keyboard.press('Enter');
  await readIn(page, /A test to ana by SMS is recorded/);
  await browser.picture(page, 'health-test-sent');
  await eventually(
    () => textsTo(temporal.client, 'ana'),
    (texts) => texts.length === 1,
  );
  // A session that began in the same second would end as well.
  await page.getByRole('textbox', { name: 'Whose' }).fill('ana');
  await page.getByRole('button', { name: 'End all their sessions' }).click();
  await readIn(page, /Their sessions have ended/);
  await ana.goto(`${url}/health`);
  assert.match(ana.url(), /\/sign-in/);
});

test('the API token signs in as well, a wrong one does not, and the address bar never has it', async () => {
  const page = await browser.open(`${url}/sign-in?to=/health`, phone);
  const fill = async (token: string) => {
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
    await page.getByRole('textbox', { name: 'API token' }).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await fill('not-the-token');
  await readIn(page, /This is not the API token/);
  await isAccessible(page, 'sign-in-wrong');
  await fill(config.apiToken);
  await page.waitForURL(`${url}/health`);
  await readIn(page, /Ben/);
  assert.deepEqual(browser.errors, []);
});

test('an error is a page that leads on', async () => {
  const page = await browser.open(`${url}/nothing`, phone);
  await readIn(page, /Nothing is at this address/);
  await isAccessible(page, 'error');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.waitForURL(`${url}/`);
});
