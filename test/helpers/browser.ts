import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Page } from 'playwright-core';
import { patience } from './processes.js';
import { until } from './until.js';

export interface TestBrowser {
  /** A page of its own. What is waited for in it may come late. */
  open: (address: string, size?: { width: number; height: number }) => Promise<Page>;
  /** Keeps `<name>.png` in the directory that the variable SCREENSHOTS names, if it is set. */
  picture: (page: Page, name: string) => Promise<void>;
  /** Errors of the scripts of all pages. */
  errors: string[];
  close: () => Promise<void>;
}

/** A real browser without a screen: the Chromium that comes as a package. Nothing outside of this machine is asked. */
export async function openBrowser(): Promise<TestBrowser> {
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: true,
    timeout: patience,
  });
  const errors: string[] = [];
  const directory = process.env['SCREENSHOTS'];
  if (directory) await mkdir(directory, { recursive: true });
  return {
    async open(address, viewport = { width: 1400, height: 1200 }) {
      const context = await browser.newContext({ viewport, locale: 'en-GB' });
      context.setDefaultTimeout(patience);
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

/** All that can be read in a page and in the frames in it, as soon as every pattern is there. */
export async function readIn(page: Page, ...patterns: RegExp[]): Promise<string> {
  let read = '';
  return until(
    () => `${patterns.map(String).join(' and ')} in:\n${read}`,
    async () => {
      const texts = await Promise.all(page.frames().map(textOf));
      read = texts.join('\n');
      return patterns.every((pattern) => pattern.test(read)) ? read : null;
    },
    patience,
  );
}

/** Frames come and go while one reads. */
const textOf = (frame: ReturnType<Page['mainFrame']>): Promise<string> =>
  frame
    .locator('body')
    .innerText({ timeout: 1_000 })
    .catch(() => '');
