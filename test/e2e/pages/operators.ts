/** The pages of operators in Chromium: an api with a real Temporal, and incidents of which only the memo is there. */
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { freePort } from '../../../src/temporal/ports.js';
import { beginningRow } from '../../../src/temporal/incident-row.js';
import { incidentType, incidentWorkflowId, searchAttributes, type ItemKind } from '../../../src/workflows/contract.js';
import { memoKeys, type IncidentRow, type IncidentView } from '../../../src/workflows/view-contract.js';
import { openBrowser, type TestBrowser } from '../../helpers/browser.js';
import { buildTestApi, closeLater, config, type Changes } from '../../api/service.js';

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 900 };
export const narrowest = { width: 320, height: 640 };

export interface Operators {
  app: FastifyInstance;
  address: string;
  browser: TestBrowser;
  /** A page that is signed in by the token, at a path. */
  open: (path: string, size?: { width: number; height: number }) => Promise<Page>;
}

/** The api as a browser reaches it: by http at a port of loopback, so that its cookies are not `Secure`. */
export async function startOperators(client: Client, more: Changes = {}): Promise<Operators> {
  const port = await freePort(20_000 + Math.floor(Math.random() * 10_000));
  const address = `http://127.0.0.1:${port}`;
  const app = await buildTestApi(client, { config: { ...config, publicUrl: address }, ...more });
  await app.listen({ host: '127.0.0.1', port });
  const browser = await openBrowser();
  closeLater(() => browser.close());
  // One page, signed in once: this browser has few connections for all pages together, and each page that is open holds one for its events.
  let page: Page | undefined;
  const signIn = async (path: string): Promise<Page> => {
    const opened = await browser.open(address + path);
    await opened.getByLabel('Your name').fill('Ana Lima');
    await opened.locator('input[name=token]').fill(config.apiToken);
    await opened.getByRole('button', { name: 'Sign in' }).click();
    await opened.waitForURL(address + path);
    return opened;
  };
  return {
    app,
    address,
    browser,
    async open(path, size = desktop) {
      page ??= await signIn('/incidents');
      await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
      await page.setViewportSize(size);
      await page.goto(address + path);
      return page;
    },
  };
}

/** What axe finds wrong in both colour schemes, by WCAG 2.2 AA: nothing. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
    assert.deepEqual(found, [], `${what}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** No part of the page is wider than the window. */
export async function assertFits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate<string[]>(`
    Array.from(document.documentElement.scrollWidth > document.documentElement.clientWidth ? document.querySelectorAll('body *') : [])
      .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
      .map((one) => one.outerHTML.slice(0, 200))`);
  assert.deepEqual(wide, [], `${what} is wider than the window`);
}

const stateKey = defineSearchAttributeKey(searchAttributes.state, SearchAttributeType.KEYWORD);
let count = 0;

/** An incident that is as its memo says. No worker is needed to read it. @returns its id */
export async function remembered(
  client: Client,
  { name = 'Sales', kind = 'workbook', ...more }: Partial<IncidentView> & { name?: string; kind?: ItemKind } = {},
): Promise<string> {
  count += 1;
  const luid = `${process.pid}-${count}`;
  const { detail, timeline = [], pagesSent = [], ...row } = more;
  const id = `refresh:s:${luid}`;
  const item = { kind, luid, name, site: 's' };
  const begun = beginningRow({
    id,
    item,
    event: 'WorkbookRefreshFailed',
    at: Date.now() - 3_600_000,
    policy: 'default',
  });
  const shown: IncidentRow = { ...begun, ...row, id, item };
  await client.workflow.start(incidentType, {
    workflowId: incidentWorkflowId(id),
    taskQueue: 'without-workers',
    args: [],
    memo: {
      [memoKeys.row]: shown,
      ...(detail && { [memoKeys.detail]: detail }),
      ...Object.fromEntries(timeline.map((entry, index) => [memoKeys.entry(index + 1), entry])),
      ...Object.fromEntries(pagesSent.map((one) => [memoKeys.page(one.n), one])),
    },
    typedSearchAttributes: [{ key: stateKey, value: shown.state }],
  });
  return id;
}
