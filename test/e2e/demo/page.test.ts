import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { until } from '../../helpers/until.js';
import { openWorld, ours, theirs, type World } from '../../sandbox/world.js';

describe('the page in a browser', () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];
  before(async () => {
    world = await openWorld();
    browser = await playwright.launch({
      executablePath: await chromium.executablePath(),
      args: chromium.args,
      headless: true,
    });
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(world.sandbox.url);
  });
  after(async () => {
    await browser.close();
    await world.close();
    assert.deepEqual(errors, []);
  });
  const sms = { from: ours, to: theirs };

  test('a workbook is added and made to fail, recover and be rerun', async () => {
    world.sandbox.subscribe(`${world.receiver.url}/notifier`);
    await page.getByText('Cause of failures, more items').click();
    await page.getByLabel('Name of the new item').fill('Sales <b>');
    await page.getByTestId('item-add').click();
    const item = page.getByTestId('item');
    await item.getByText('Sales <b>').waitFor();
    await item.getByTestId('item-fail').click();
    await page.locator('[data-testid=item][data-condition=broken]').waitFor();
    await item.getByTestId('item-recover').click();
    await page.locator('[data-testid=item][data-condition=healthy]').waitFor();
    await item.getByTestId('item-rerun').click();
    await item.getByText('refreshing').waitFor();
    await world.receiver.waitFor('the failure', ({ raw }) => raw.includes('WorkbookRefreshFailed'));
    await world.receiver.waitFor('the recovery', ({ raw }) => raw.includes('WorkbookRefreshSucceeded'));
  });

  test('messages arrive with channel and ticks, and are answered', async () => {
    await world.client.messages.create({ ...sms, body: 'Sales failed, reply 1' });
    await page.locator(`[data-testid=phone][data-number="${theirs}"]`).waitFor();
    const message = page.locator('[data-testid=message][data-channel=sms][data-status=delivered]');
    await message.getByText('Sales failed, reply 1').waitFor();
    await page.getByTestId('reply-channel').selectOption('sms');
    await page.getByTestId('reply-input').fill('ACK');
    await page.getByTestId('reply-input').press('Enter');
    const received = await world.receiver.waitFor('the reply', ({ form }) => form['Body'] === 'ACK');
    assert.equal(received.form['From'], theirs);
    await page.locator('[data-testid=message][data-direction=inbound]').getByText('ACK').waitFor();
  });

  test('a call rings, is answered, speaks, and receives a key', async () => {
    world.receiver.routes.set('/keys', '<Response><Say>Taken.</Say><Pause length="60"/></Response>');
    const twiml = `<Response><Gather numDigits="1" action="${world.receiver.url}/keys"><Say>Press 4.</Say></Gather></Response>`;
    await world.client.calls.create({ ...sms, twiml });
    await page.getByTestId('call-answer').click();
    await page.getByTestId('call-spoken').getByText('Press 4.').waitFor();
    await page.getByTestId('call-key-4').click();
    await page.getByTestId('call-spoken').getByText('Press 4. Taken.').waitFor();
    const received = await world.receiver.waitFor('the key', ({ url }) => url === '/keys');
    assert.equal(received.form['Digits'], '4');
    await page.getByTestId('call-hangup').click();
    await page.getByTestId('past-call').getByText('Call ended').waitFor();
    assert.ok(!(await page.getByTestId('call').isVisible()));
  });

  test('what an outgoing webhook posts in the form of Slack is shown as the chat of a team', async () => {
    assert.ok(!(await page.getByTestId('chat').isVisible()));
    const text = ':red_circle: *Refresh failed*: Workbook "Sales &lt;b&gt;". <https://pager.example/incidents/1|Open>';
    const body = JSON.stringify({
      text: 'Refresh failed',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
    });
    const headers = { 'content-type': 'application/json', 'webhook-id': '1' };
    const answer = await fetch(`${world.sandbox.url}/receivers/slack/team`, { method: 'POST', headers, body });
    assert.equal(answer.status, 200);
    const shown = page.getByTestId('chat-message');
    await shown.getByText('Workbook "Sales <b>".').waitFor();
    assert.match(await shown.innerText(), /^#team [^]*Refresh failed: Workbook/);
    assert.equal(
      await shown.getByRole('link', { name: 'Open' }).getAttribute('href'),
      'https://pager.example/incidents/1',
    );
  });

  test('a post that comes again since its answer was lost is shown once, and the same id of another receiver, too', async () => {
    const post = async (receiver: string, id: string, text: string): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'webhook-id': id };
      const body = JSON.stringify({ text });
      const answer = await fetch(`${world.sandbox.url}/receivers/slack/${receiver}`, { method: 'POST', headers, body });
      return answer.status;
    };
    const accepted = (receiver: string, id: string, text: string) =>
      until('Slack accepts a post', async () => (await post(receiver, id, text)) === 200);
    await accepted('retried', '2', 'Posted again');
    await accepted('retried', '2', 'Posted again');
    await accepted('other', '2', 'Posted elsewhere');
    await page.getByTestId('chat-message').getByText('Posted elsewhere').waitFor();
    assert.equal(await page.getByTestId('chat-message').filter({ hasText: 'Posted again' }).count(), 1);
  });

  test('nothing is wider than a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await until('the layout', () => page.evaluate('document.documentElement.scrollWidth'));
    assert.equal(width, 390);
  });
});
