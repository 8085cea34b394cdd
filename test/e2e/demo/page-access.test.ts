/** The page by keyboard, on a slow line, in both colour schemes, on small screens, and while the sandbox is away. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { createSandbox } from '../../../sandbox/sandbox.js';
import { hasNoViolation } from '../../helpers/accessible.js';
import { openBrowser, type TestBrowser } from '../../helpers/browser.js';
import { until } from '../../helpers/until.js';
import { accountSid, authToken, openWorld, ours, pat, theirs, type World } from '../../sandbox/world.js';

const bens = '+15550000002';
const wide = { width: 1280, height: 800 };
const small = { width: 390, height: 844 };

describe('the page', { timeout: 300_000 }, () => {
  let world: World;
  let browser: TestBrowser;
  before(async () => {
    world = await openWorld();
    browser = await openBrowser();
    const { panel, phones } = world.sandbox;
    panel.add({ kind: 'workbook', name: 'Sales', project: 'Finance' });
    panel.add({ kind: 'workbook', name: 'Inventory', project: 'Operations' });
    panel.add({ kind: 'datasource', name: 'Customers', project: 'Marketing' });
    phones.name(theirs, 'ana');
    phones.name(bens, 'ben');
    await world.client.messages.create({ from: ours, to: theirs, body: 'Sales failed, reply 1' });
  });
  after(async () => {
    await browser.close();
    await world.close();
    assert.deepEqual(browser.errors, []);
  });

  let opened: Page | undefined;
  // A browser opens six connections to a server, and each page keeps one.
  afterEach(async () => {
    await opened?.goto('about:blank');
    opened = undefined;
  });
  const open = async (size = wide): Promise<Page> => {
    const page = await browser.open(world.sandbox.url, size);
    opened = page;
    await page.getByTestId('item').first().waitFor();
    return page;
  };
  const phoneOf = (page: Page, number: string) => page.locator(`[data-testid=phone][data-number="${number}"]`);
  const focused = (page: Page): Promise<{ id: string; label: string; outline: string }> =>
    page.evaluate(`(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const label = element.getAttribute('aria-label') ?? element.textContent;
      return { id: element.dataset.testid ?? '', label, outline: outlineStyle + ' ' + outlineWidth };
    })()`);

  test('the first Fail button is reached by at most six tabs, each with a visible focus', async (t) => {
    const page = await open();
    const seen: string[] = [];
    for (let tabs = 1; tabs <= 6; tabs += 1) {
      await page.keyboard.press('Tab');
      const { id, label, outline } = await focused(page);
      assert.equal(outline, 'solid 3px', `${label} shows the focus`);
      seen.push(label);
      if (id === 'item-fail') break;
    }
    t.diagnostic(`tabs to Fail: ${seen.length} (${seen.join(', ')})`);
    assert.equal(seen.at(-1), 'Fail Sales');
    assert.equal(seen[0], 'Skip to the phones');
  });

  test('the arrow keys move between items, and the focus stays where it is when an item changes', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Fail Sales' }).focus();
    await page.keyboard.press('ArrowDown');
    assert.equal((await focused(page)).label, 'Fail Inventory');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=item][data-condition=broken]').filter({ hasText: 'Inventory' }).waitFor();
    assert.equal((await focused(page)).label, 'Fail Inventory');
    await page.keyboard.press('ArrowRight');
    assert.equal((await focused(page)).label, 'Recover Inventory');
    await page.keyboard.press('Enter');
    await until('nothing is broken', async () => (await page.locator('[data-condition=broken]').count()) === 0);
    await page.keyboard.press('End');
    assert.equal((await focused(page)).label, 'Recover Customers');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    assert.equal((await focused(page)).label, 'Recover Customers', 'the list is one stop');
  });

  test('a call is answered, keyed and ended by keyboard, and the focus goes to the reply', async () => {
    world.receiver.routes.set('/keys', '<Response><Say>Taken.</Say></Response>');
    const twiml = `<Response><Gather numDigits="1" action="${world.receiver.url}/keys"><Say>Press 4.</Say></Gather></Response>`;
    const page = await open();
    await world.client.calls.create({ from: ours, to: bens, twiml });
    await phoneOf(page, bens).getByTestId('call-answer').focus();
    await page.keyboard.press('Enter');
    await phoneOf(page, bens).getByTestId('call-spoken').getByText('Press 4.').waitFor();
    assert.equal((await focused(page)).id, 'call-key-1');
    await page.keyboard.press('4');
    await phoneOf(page, bens).getByTestId('past-call').getByText('Call ended').waitFor();
    assert.equal((await focused(page)).label, 'Reply of ben');
  });

  test('two phones are side by side where there is room, and one at a time where there is not', async () => {
    const page = await open();
    assert.ok(await phoneOf(page, theirs).isVisible());
    assert.ok(await phoneOf(page, bens).isVisible());
    assert.ok(!(await page.getByTestId('phone-tab').first().isVisible()));
    await page.setViewportSize(small);
    assert.ok(await phoneOf(page, theirs).isVisible());
    assert.ok(!(await phoneOf(page, bens).isVisible()));
    await page.getByTestId('phone-tab').filter({ hasText: 'ben' }).click();
    assert.ok(await phoneOf(page, bens).isVisible());
    assert.ok(!(await phoneOf(page, theirs).isVisible()));
  });

  test('on a phone items, messages and the reply are above the fold', async () => {
    const page = await open(small);
    for (const part of [
      page.getByTestId('item-fail').first(),
      page.getByTestId('storm'),
      phoneOf(page, theirs).getByTestId('message').last(),
      phoneOf(page, theirs).getByTestId('reply-input'),
    ]) {
      const box = await part.boundingBox();
      assert.ok(box && box.y >= 0 && box.y + box.height <= small.height, `${String(part)} at ${JSON.stringify(box)}`);
    }
    await browser.picture(page, 'sandbox-390');
  });

  for (const width of [320, 390, 1280])
    test(`nothing is wider than ${width} px`, async () => {
      const page = await open({ width, height: 800 });
      await page.getByText('Cause of failures, more items').click();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      await browser.picture(page, `sandbox-${width}`);
    });

  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing in the ${colorScheme} scheme, also while a phone rings`, async () => {
      const twiml = '<Response><Say>Hello.</Say><Pause length="60"/></Response>';
      const page = await open();
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.getByText('Cause of failures, more items').click();
      await hasNoViolation(page);
      await world.client.calls.create({ from: ours, to: bens, twiml });
      await page.getByTestId('call-answer').waitFor();
      await hasNoViolation(page);
      await page.getByTestId('call-answer').click();
      await page.getByTestId('call-spoken').waitFor();
      await hasNoViolation(page);
      await browser.picture(page, `sandbox-${colorScheme}`);
      await page.getByTestId('call-hangup').click();
      await page.getByTestId('call').last().waitFor({ state: 'hidden' });
      await page.setViewportSize(small);
      await hasNoViolation(page);
    });

  test('nothing moves for whoever wants less motion', async () => {
    const page = await open();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const animation = "getComputedStyle(document.querySelector('[data-testid=message]')).animationName";
    assert.equal(await page.evaluate(animation), 'none');
  });

  test('it is usable within 2 s on a line of 400 kbit/s with 400 ms for each request', async (t) => {
    const usableMs = async (throttled: boolean): Promise<{ ms: number; bytes: number; requests: number }> => {
      const page = await browser.open('about:blank');
      const line = await page.context().newCDPSession(page);
      await line.send('Network.enable');
      let bytes = 0;
      let requests = 0;
      line.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
      line.on('Network.requestWillBeSent', ({ request }) => (requests += request.url.startsWith('http') ? 1 : 0));
      if (throttled) {
        const bytesPerSecond = 400_000 / 8;
        const speed = { downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond };
        await line.send('Network.emulateNetworkConditions', { offline: false, latency: 400, ...speed });
      }
      const began = Date.now();
      await page.goto(world.sandbox.url, { waitUntil: 'commit' });
      await page.getByRole('button', { name: 'Fail Sales' }).click();
      const ms = Date.now() - began;
      await page.goto('about:blank');
      return { ms, bytes, requests };
    };
    const { ms: fastMs } = await usableMs(false);
    const { ms, bytes, requests } = await usableMs(true);
    const size = Buffer.byteLength(await (await fetch(world.sandbox.url)).text());
    t.diagnostic(
      `usable after ${ms} ms (${fastMs} ms on a fast line), ${bytes} bytes in ${requests} requests; page ${size} bytes`,
    );
    assert.ok(size <= 60_000, `the page has ${size} bytes`);
    assert.ok(ms - fastMs <= 2_000, `it was usable after ${ms} ms, on a fast line after ${fastMs} ms`);
  });

  test('it says when the sandbox is away, and connects again by itself', async () => {
    const options = { accountSid, authToken, pat };
    const first = createSandbox(options);
    const url = await first.listen();
    const page = await browser.open(url);
    const away = page.getByTestId('away');
    await page.getByText('live', { exact: true }).waitFor();
    assert.ok(!(await away.isVisible()));
    await first.close();
    await away.waitFor();
    assert.match(await away.innerText(), /does not answer/);
    await browser.picture(page, 'sandbox-away');
    const second = createSandbox(options);
    second.panel.add({ kind: 'workbook', name: 'Afterwards' });
    await second.listen(Number(new URL(url).port));
    await away.waitFor({ state: 'hidden' });
    await page.getByTestId('item').filter({ hasText: 'Afterwards' }).waitFor();
    await page.goto('about:blank');
    await second.close();
  });
});
