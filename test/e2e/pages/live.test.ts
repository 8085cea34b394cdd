/** A page that stays open, in Chromium. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { startTemporal } from '../../api/service.js';
import { assertAccessible, remembered, startOperators, type Operators } from './operators.js';

let client: Client;
let operators: Operators;
before(async () => {
  ({ client } = await startTemporal());
  operators = await startOperators(client, { liveLimits: { everyMs: 200 } });
});

test('the list follows what happens without a reload', async () => {
  const page = await operators.open('/incidents?q=later');
  await page.getByText('No incident fits.').waitFor();
  await remembered(client, { name: 'Later' });
  await page.getByRole('link', { name: 'Later' }).waitFor();
  assert.match(await page.title(), /^1 open/);
});

test('an open page says as of when it is where it cannot be renewed, or somebody is in a field', async () => {
  const page = await operators.open('/incidents');
  const looksAgain = () => page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  const status = (text: RegExp) => page.getByRole('status').filter({ hasText: text });
  await page.getByLabel('Search').focus();
  await looksAgain();
  await status(/^Not renewed while you are in a field: what you see is as of \w+ \d+ \w+, \d\d:\d\d\.$/).waitFor();
  await page.getByLabel('Search').blur();
  await status(/./).waitFor({ state: 'detached' });

  await page.route(
    ({ pathname }) => pathname === '/incidents',
    (route) => route.fulfill({ status: 503 }),
  );
  await looksAgain();
  await status(/^No connection: what you see is as of/).waitFor();
  await assertAccessible(page, 'a page without connection');
  await operators.browser.picture(page, 'incidents-stale');
  await page.unrouteAll();
  await looksAgain();
  await status(/./).waitFor({ state: 'detached' });
});

test('a page that was hidden while Temporal was unavailable does not say so for ever', async () => {
  const page = await operators.open('/incidents?q=hidden');
  await page.addInitScript(`
    const Original = EventSource;
    window.EventSource = class extends Original {
      constructor(address) {
        super(address);
        window.events = this;
      }
    };`);
  await page.reload();
  const become = (state: string) =>
    page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));`);
  const status = page.getByRole('status').filter({ hasText: 'No connection' });
  await page.evaluate("events.dispatchEvent(new Event('unavailable'))");
  await status.waitFor();
  await become('hidden');
  await become('visible');
  await status.waitFor({ state: 'detached' });
});

test('no page had an error', () => assert.deepEqual(operators.browser.errors, []));
