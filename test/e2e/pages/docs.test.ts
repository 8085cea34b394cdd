/** `/docs` in Chromium. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../../helpers/browser.js';
import { buildTestApi, clientWithoutServer, closeLater } from '../../api/service.js';

let browser: TestBrowser;
let address: string;
before(async () => {
  const app = await buildTestApi(clientWithoutServer());
  address = await app.listen({ host: '127.0.0.1', port: 0 });
  browser = await openBrowser();
  closeLater(() => browser.close());
});

const fits = 'document.documentElement.scrollWidth <= innerWidth';
const openAll = "document.querySelectorAll('details').forEach((one) => { one.open = true; })";
const widths = { narrow: 320, desktop: 1280 };

/** A long page: each look takes seconds. */
async function assertAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    assert.deepEqual(found, []);
  }
}

for (const [name, width] of Object.entries(widths))
  test(`/docs is readable on ${width} px, without a violation of WCAG or of our content security policy`, async () => {
    const page = await browser.open('about:blank', { width, height: 844 });
    const problems: string[] = [];
    const requested: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(`${address}/docs`);
    await page.getByRole('link', { name: 'Snooze an incident' }).click();
    const operation = page.getByRole('article', { name: 'Snooze an incident' });
    await operation.getByText('Request and answers').click();
    await operation.getByText('BAD_DURATION').waitFor();
    await page.getByRole('heading', { name: 'For programs' }).waitFor();
    assert.equal(await page.evaluate(fits), true);
    await page.evaluate(openAll);
    if (name === 'desktop') await assertAccessible(page);
    assert.equal(await page.evaluate(fits), true);
    await browser.picture(page, `docs-${name}`);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      requested.filter((url) => !url.startsWith(address)),
      [],
    );
    assert.deepEqual(browser.errors, []);
  });
