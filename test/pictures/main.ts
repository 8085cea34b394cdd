/** Renders the pictures of the README from the running demo: `npm run pictures`. No test compares them; review them by eye. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { freePort } from '../../src/temporal/ports.js';
import { openBrowser, readIn, type TestBrowser } from '../helpers/browser.js';
import { programOf } from '../helpers/processes.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'docs/pictures');
const phoneHeightPx = 760;

const directory = await mkdtemp(join(tmpdir(), 'pictures-'));
const [port, phone] = [await freePort(15_000), await freePort(16_000)];
const demo = programOf({
  name: 'demo',
  file: process.execPath,
  args: [
    '--import',
    import.meta.resolve('tsx'),
    join(root, 'demo/main.ts'),
    '--waits',
    '8s',
    '--port',
    String(port),
    '--phone',
    String(phone),
  ],
  env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
  cwd: directory,
  ready: (output) => output.includes('Try this:'),
});

try {
  await demo.start();
  const browser = await openBrowser();
  try {
    await mkdir(target, { recursive: true });
    await drawNight(browser);
  } finally {
    await browser.close();
  }
} finally {
  await demo.stop();
  await rm(directory, { recursive: true, force: true });
}

/** A workbook fails; WhatsApp is not answered, the SMS is: the phone beside Temporal's Web UI. */
async function drawNight(browser: TestBrowser): Promise<void> {
  const messages = (page: Page, text: RegExp) => page.getByTestId('message').filter({ hasText: text });
  const phonePage = await browser.open(`http://127.0.0.1:${phone}`, { width: 430, height: 900 });
  await phonePage.addStyleTag({
    content: `.first { height: auto !important; } .phone { height: ${phoneHeightPx}px; }`,
  });
  const ana = phonePage.getByTestId('phone').first();
  await phonePage.getByTestId('item').filter({ hasText: 'Sales' }).getByTestId('item-fail').click();
  await messages(phonePage, /Sales/).and(phonePage.locator('[data-channel=sms]')).waitFor();
  await ana.getByTestId('reply-channel').selectOption('sms');
  await ana.getByTestId('reply-input').fill('ACK');
  await ana.getByTestId('reply-send').click();
  await messages(phonePage, /^Taken: "Sales"/).waitFor();

  const [, webUi] = /Temporal Web UI +(\S+)/.exec(demo.output()) ?? [];
  const list = `${webUi}/namespaces/default/workflows`;
  const temporal = await browser.open(list, { width: 1240, height: 1400 });
  await temporal
    .getByRole('link', { name: /^incident:/ })
    .first()
    .click();
  await temporal.getByRole('tab', { name: 'User Metadata' }).click();
  await readIn(temporal, /Next: Reminder/);

  // Without the menu on the left and the bar at the top.
  const clip = { x: 256, y: 112, width: 984, height: 970 };
  const shots = await Promise.all([ana.screenshot(), temporal.screenshot({ clip })]);
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot.toString('base64')}">`).join('');
  const page = await browser.open('about:blank', { width: 1236, height: phoneHeightPx + 40 });
  await page.setContent(
    `<style>body { margin: 0; padding: 20px; display: flex; gap: 20px; background: #e3e8ee; } img { height: ${phoneHeightPx}px; border-radius: 12px; }</style>${images}`,
  );
  await writeFile(join(target, 'night.png'), await page.screenshot());
}
