import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { Page } from 'playwright-core';
import { readEscalation } from '../../../src/policy/load.js';
import { readOverrides, readSilences } from '../../../src/temporal/on-call.js';
import { startOnCallWorker } from '../../api/on-call-worker.js';
import { buildTestApi, clientWithoutServer, config, startTemporal } from '../../api/service.js';
import {
  assertAccessible,
  assertFits,
  desktop,
  narrowest,
  phone,
  startOperators,
  type Operators,
} from './operators.js';

const escalation = readEscalation(
  'e.yaml',
  `contacts:
  ana: { phone: "+15550000001" }
  ben: { phone: "+15550000002" }
  cleo: { whatsapp: "+15550000003" }
schedules:
  data: { timezone: Europe/Berlin, rotation: { contacts: [ana, ben], every: 1d, start: "2026-01-05T09:00" } }
  ops: { timezone: UTC, rotation: { contacts: [cleo], every: 1w, start: "2026-01-05T09:00" } }
policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
`,
);
let client: Client;
let operators: Operators;
before(async () => {
  const temporal = await startTemporal();
  ({ client } = temporal);
  await startOnCallWorker(temporal);
  operators = await startOperators(client, { escalation, liveLimits: { everyMs: 200 } });
});

const section = (page: Page, name: RegExp) => page.getByRole('region', { name });
/** The day after tomorrow, as a field for a local time has it. */
const local = (clock: string) => `${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}T${clock}`;

test('each schedule shows who is on call, until when, who is next, and the next 2 weeks', async () => {
  const page = await operators.open('/on-call');
  const data = section(page, /^data/);
  await data
    .getByText(/(ana|ben)\s+until\s.*, then (ana|ben)/s)
    .first()
    .waitFor();
  assert.equal(await data.locator('svg.band rect').count(), 15);
  await data.getByText('The next 2 weeks of data').click();
  assert.equal(await data.locator('tbody tr').count(), 15);
  await section(page, /^ops/).getByText('cleo').first().waitFor();
  await assertAccessible(page, 'on call');
  await operators.browser.picture(page, 'on-call-1280');
});

test('an override is made and ended on the page, on the clock of its schedule', async () => {
  const page = await operators.open('/on-call', phone);
  const data = section(page, /^data/);
  await data.getByText('Put somebody else on call for data').click();
  await data.getByLabel('Contact').selectOption('ben');
  await data.getByLabel('From').fill(local('10:00'));
  await data.getByLabel('To').fill(local('08:00'));
  await data.getByRole('button', { name: 'Make the override' }).click();
  await page.getByRole('alert').filter({ hasText: 'To must be after from' }).waitFor();
  assert.equal(await data.getByLabel('To').getAttribute('aria-invalid'), 'true');
  assert.equal(await data.getByLabel('Contact').inputValue(), 'ben');
  await assertAccessible(page, 'a refused override');
  await operators.browser.picture(page, 'on-call-refused');

  await data.getByLabel('To').fill(local('18:00'));
  await data.getByRole('button', { name: 'Make the override' }).click();
  await page.getByRole('status').filter({ hasText: 'The override is made' }).waitFor();
  const [made] = await readOverrides(client);
  assert.deepEqual([made?.contact, made?.by], ['ben', 'api'], "a person's name is not in Temporal");
  const hours = ((made?.to ?? 0) - (made?.from ?? 0)) / 3_600_000;
  assert.equal(hours, 8);
  const berlin = new Date(made?.from ?? 0).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' });
  assert.equal(berlin, '10:00:00');

  await section(page, /^data/).getByRole('button', { name: 'End the override of ben' }).click();
  await page.getByRole('status').filter({ hasText: 'The override is ended' }).waitFor();
  assert.deepEqual(await readOverrides(client), []);
});

test('an open page follows what is made elsewhere, and keeps what somebody has filled in', async () => {
  const page = await operators.open('/on-call');
  const data = section(page, /^data/);
  await data.getByText('Put somebody else on call for data').click();
  await data.getByLabel('Contact').selectOption('ben');
  await data.getByLabel('From').fill(local('11:00'));
  await page.getByRole('heading', { name: 'On call' }).click();
  const made = await operators.app.inject({
    method: 'POST',
    url: '/schedules/data/overrides',
    headers: { authorization: `Bearer ${config.apiToken}` },
    payload: { contact: 'ben', from: `${local('06:00')}Z`, to: `${local('07:00')}Z` },
  });
  assert.equal(made.statusCode, 201, made.body);
  const { id } = made.json<{ id: string }>();
  await data.getByRole('button', { name: 'End the override of ben' }).waitFor();
  assert.equal(await data.getByLabel('Contact').inputValue(), 'ben');
  assert.equal(await data.getByLabel('From').inputValue(), local('11:00'));
  await operators.app.inject({
    method: 'DELETE',
    url: `/schedules/data/overrides/${id}`,
    headers: { authorization: `Bearer ${config.apiToken}` },
  });
  await data.getByRole('button', { name: 'End the override of ben' }).waitFor({ state: 'detached' });
});

test('a silence is made and ended on the page, and what is wrong with it is said beside its field', async () => {
  const page = await operators.open('/on-call');
  const silences = section(page, /^Silences/);
  await silences.getByText('Silence something').click();
  await silences.getByLabel('For').fill('2 years');
  await silences.getByLabel('Project').fill('Finance/**');
  await silences.getByLabel('Reason').fill('Upgrade <b>of</b> the warehouse');
  await silences.getByRole('button', { name: 'Silence it' }).click();
  await page.getByText('For must be a time from 1m to 90d').first().waitFor();
  assert.equal(await silences.getByLabel('Project').inputValue(), 'Finance/**');
  await silences.getByLabel('For').fill('2h');
  await silences.getByRole('button', { name: 'Silence it' }).click();
  await page.getByRole('status').filter({ hasText: 'The silence is made' }).waitFor();
  await silences.getByText('Upgrade <b>of</b> the warehouse').waitFor();
  await assertAccessible(page, 'silences');
  await operators.browser.picture(page, 'on-call-silence');
  assert.equal((await readSilences(client)).length, 1);
  await silences.getByRole('button', { name: /^End the silence of Finance/ }).click();
  await page.getByRole('status').filter({ hasText: 'The silence is ended' }).waitFor();
  const ended = (await readSilences(client)).filter(({ to }) => to > Date.now());
  assert.deepEqual(ended, []);
});

test('it fits into every window, also the narrowest', async () => {
  for (const size of [phone, narrowest, desktop, { width: 2560, height: 1440 }]) {
    const page = await operators.open('/on-call', size);
    await assertFits(page, `on call at ${size.width}`);
    if (size.width === 320 || size.width === 2560) await operators.browser.picture(page, `on-call-${size.width}`);
  }
});

test('while Temporal is unavailable it is by the file alone, and says so', async () => {
  const away = await buildTestApi(clientWithoutServer(), { escalation, temporalTimeouts: { readyTimeoutMs: 200 } });
  const headers = { authorization: `Bearer ${config.apiToken}`, accept: 'text/html' };
  const { statusCode, body } = await away.inject({ url: '/on-call', headers });
  assert.equal(statusCode, 200);
  assert.match(body, /<bdi>(ana|ben)<\/bdi>/);
  assert.match(body, /overrides and silences are not known now/);
});

test('no page had an error', () => assert.deepEqual(operators.browser.errors, []));
