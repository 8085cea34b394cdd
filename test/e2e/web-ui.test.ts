/** The embedded Web UI opens with what says something of incidents. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readEnvironment } from '../../src/config/config.js';
import { findBinary } from '../../src/temporal/binaries.js';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { startEmbedded, type EmbeddedTemporal } from '../../src/temporal/embedded.js';
import { signalFailure } from '../../src/temporal/incidents.js';
import { freePort } from '../../src/temporal/ports.js';
import { createSearchAttributes } from '../../src/temporal/search-attributes.js';
import { createLogger } from '../../src/service/logger.js';
import { openBrowser, readIn, type TestBrowser } from '../helpers/browser.js';

const publicUrl = 'https://pager.example';

describe('the embedded Web UI', { timeout: 300_000 }, () => {
  let directory: string;
  let server: EmbeddedTemporal;
  let temporal: Temporal;
  let browser: TestBrowser;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'web-ui-'));
    const port = await freePort(25_000 + (process.pid % 1000), [0, 1000]);
    server = await startEmbedded({ binary: await findBinary('temporal', readEnvironment()), port, directory });
    temporal = connectTemporal({ connectionOptions: { address: server.address } });
    const logger = createLogger({ level: 'silent', pretty: false, secrets: [] });
    assert.ok(await createSearchAttributes(temporal, logger)(), 'the server has our search attributes');
    await signalFailure(
      temporal.client,
      {
        incident: 'refresh:site:sales',
        event: {
          type: 'WorkbookRefreshFailed',
          item: { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' },
          createdAt: Date.now(),
          receivedAt: Date.now(),
        },
        policy: { name: 'default', steps: [], repeat: 0, remindMs: 1_000 },
        summary: 'Workbook refresh failed: Sales',
      },
      { settings: { lingerMs: 1_000, forgetMs: 1_000 }, searchAttributes: true },
      publicUrl,
    );
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await temporal?.close();
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  test('lists incidents by item and state, and has views of those that nobody has', async () => {
    const page = await browser.open(server.webUi, { width: 1280, height: 800 });
    const list = await readIn(
      page,
      /TableauItem\s+IncidentState\s+TableauEvent/,
      /Sales\s+triggered\s+WorkbookRefreshFailed/,
    );
    assert.match(page.url(), /\/namespaces\/default\/workflows\?query=/);
    assert.doesNotMatch(list, /Run ID/);
    await browser.picture(page, 'temporal-0-embedded-list');
    await page
      .getByText('Saved Views')
      .or(page.getByRole('button', { name: 'Incidents' }))
      .first()
      .click();
    await page.getByText('Nobody has it').click();
    await readIn(page, /Sales\s+triggered/);
    await browser.picture(page, 'temporal-0-nobody-has-it');
    await page.goto(
      `${server.webUi}/namespaces/default/workflows?query=${encodeURIComponent('`IncidentState`="acknowledged"')}`,
    );
    await readIn(page, /IncidentState = "acknowledged"/);
    assert.doesNotMatch(await page.locator('body').innerText(), /Sales/);
  });

  test('keeps the columns that somebody has chosen', async () => {
    const page = await browser.open(`${server.webUi}/namespaces/default/workflows`, { width: 1280, height: 800 });
    const columns = JSON.stringify({ default: [{ label: 'Workflow ID', pinned: true }] });
    await page.evaluate(`localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(columns)})`);
    await page.goto(server.webUi);
    await page.waitForURL(/query=/);
    const list = await readIn(page, /incident:refresh:site:sales/);
    assert.doesNotMatch(list, /TableauItem/);
  });

  test('leads to the list in a browser that lets no page keep anything', async () => {
    const page = await browser.open('about:blank');
    await page.addInitScript(`Object.defineProperty(window, 'localStorage', {
      get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
    });`);
    // The list itself is Temporal's.
    await page.route('**/namespaces/**', (route) => route.fulfill({ contentType: 'text/html', body: 'the list' }));
    await page.goto(server.webUi);
    await page.waitForURL(/\/namespaces\/default\/workflows\?query=/);
  });

  test('says at the top of an incident where its state is', async () => {
    const page = await browser.open(`${server.webUi}/namespaces/default/workflows/incident:refresh:site:sales`);
    const text = await readIn(
      page,
      /about.*User Metadata.*https:\/\/pager\.example\/incidents\/refresh%3Asite%3Asales/s,
    );
    assert.ok(text.indexOf('User Metadata') >= 0);
  });

  test('no page had an error', () => assert.deepEqual(browser.errors, []));
});
