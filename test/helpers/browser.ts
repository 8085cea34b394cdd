import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Page } from 'playwright-core';
import { slowMachineTimeoutMs } from './processes.js';
import { until } from './until.js';

export interface TestBrowser {
  /** A page in a context of its own, with long timeouts. */
  open: (address: string, size?: { width: number; height: number }) => Promise<Page>;
  /** Writes `<name>.png` to the directory in the variable SCREENSHOTS, if it is set. */
  picture: (page: Page, name: string) => Promise<void>;
  /** Script errors of all pages. */
  errors: string[];
  close: () => Promise<void>;
}

/** Headless Chromium from a package. Requests to other hosts are blocked. */
export async function openBrowser(): Promise<TestBrowser> {
  // Nothing here draws in 3D; without this flag a third of all CPU time goes to a software renderer.
  chromium.setGraphicsMode = false;
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    // In one process contexts share what is sent with a request of a script: the cookies of another context, or none.
    args: chromium.args.filter((arg) => arg !== '--single-process'),
    headless: true,
    timeout: slowMachineTimeoutMs,
  });
  const errors: string[] = [];
  const directory = process.env['SCREENSHOTS'];
  if (directory) await mkdir(directory, { recursive: true });
  return {
    async open(address, viewport = { width: 1400, height: 1200 }) {
      const context = await browser.newContext({ viewport, locale: 'en-GB' });
      context.setDefaultTimeout(slowMachineTimeoutMs);
      await context.route(
        ({ protocol, hostname }) => protocol.startsWith('http') && hostname !== '127.0.0.1',
        (route) => route.abort(),
      );
      const page = await context.newPage();
      page.on('pageerror', ({ message }) => errors.push(`${new URL(page.url()).pathname}: ${message}`));
      await page.goto(address);
      return page;
    },
    async picture(page, name) {
      if (directory) await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
    },
    errors,
    close: () => browser.close(),
  };
}

/** The text of a page and its frames, as soon as it matches every pattern. */
export async function readIn(page: Page, ...patterns: RegExp[]): Promise<string> {
  let read = '';
  return until(
    () => `${patterns.map(String).join(' and ')} in:\n${read}`,
    async () => {
      const texts = await Promise.all(page.frames().map(textOf));
      read = texts.join('\n');
      return patterns.every((pattern) => pattern.test(read)) ? read : null;
    },
    slowMachineTimeoutMs,
  );
}

/** Empty for a frame that was removed meanwhile. */
const textOf = (frame: ReturnType<Page['mainFrame']>): Promise<string> =>
  frame
    .locator('body')
    .innerText({ timeout: 1_000 })
    .catch(() => '');
