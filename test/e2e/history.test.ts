/** The pages of messages and of the report, and the commands report and export: what they say of a night that really happened. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ExportedEpisode, ExportedMessage } from '../../src/report/export.js';
import { ReportView } from '../../src/report/schema.js';
import { openBrowser, type TestBrowser } from '../helpers/browser.js';
import { phoneOf, type TestPhone } from '../helpers/phone.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { runCommandWith } from './command.js';
import { scriptOf } from './script.js';
import { secrets, startService, type Service } from './service.js';

const numbers = { ana: '+15550100001', lead: '+15550100002' };
const hostile = '=cmd|"/c calc"!A1 <script>alert(1)</script>';
const escalation = {
  contacts: {
    ana: { whatsapp: numbers.ana, phone: numbers.ana, timezone: 'Europe/Berlin' },
    lead: { phone: numbers.lead },
  },
  policies: {
    default: {
      steps: [
        { page: ['ana'], by: 'whatsapp', wait: '1s' },
        { page: ['ana'], by: 'call', wait: '10m' },
      ],
    },
  },
  settings: { window: '0s', callWindow: '0s' },
  prices: { currency: 'EUR', perWhatsapp: 0.05, perSegment: 0.08, perCall: 0.02 },
};
const authorization = `Bearer ${secrets.API_TOKEN}`;

let service: Service;
let browser: TestBrowser;
let ana: TestPhone;
let lead: TestPhone;
let directory: string;
const items: Record<'sales' | 'hostile', { luid: string; id: string }> = {
  sales: { luid: '', id: '' },
  hostile: { luid: '', id: '' },
};

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'history-'));
  service = await startService({ escalation });
  browser = await openBrowser();
  [ana, lead] = [phoneOf(service.sandbox, numbers.ana), phoneOf(service.sandbox, numbers.lead)];
});
after(() => service?.close());
after(() => browser?.close());
after(() => rm(directory, { recursive: true, force: true }));
const scenario = (name: string, run: () => Promise<void>): void =>
  void test(
    name,
    printingOutputOnFailure(() => [service.api, service.worker, service.temporal], run),
  );

const get = (path: string, accept = '*/*'): Promise<Response> =>
  fetch(`${service.url}${path}`, { headers: { authorization, accept } });

const List = Type.Object({
  messages: Type.Array(
    Type.Object({
      contact: Type.String(),
      channel: Type.String(),
      sid: Type.String(),
      outcome: Type.String(),
      statuses: Type.Array(Type.Object({ status: Type.String(), at: Type.String() })),
      items: Type.Array(Type.Object({ incident: Type.String(), name: Type.String() })),
      answered: Type.Union([Type.Object({ by: Type.String() }), Type.Null()]),
      cost: Type.Union([Type.Number(), Type.Null()]),
    }),
  ),
  next: Type.Union([Type.String(), Type.Null()]),
  currency: Type.String(),
  isComplete: Type.Boolean(),
});
async function list(query = ''): Promise<Type.Static<typeof List>> {
  const response = await get(`/messages${query}`);
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.doesNotMatch(text, /1555010000/, 'no phone number');
  return Value.Parse(List, JSON.parse(text));
}
/** Histories are listed and read a moment later. */
const eventually = <T>(what: string, read: () => Promise<T | null>): Promise<T> =>
  until(what, read, slowMachineTimeoutMs);

scenario(
  'a page, a call that is taken by a key, and the recovery are messages with their ids and every status',
  async () => {
    items.sales = service.item('workbook', 'Sales');
    await service.fails(items.sales);
    const page = await ana.receives('whatsapp', /Sales/);
    const call = await ana.rings();
    await ana.picksUp(call);
    await ana.presses(call, '1');
    await until('taken', async () => (await scriptOf(service).incident(items.sales.id)).state === 'acknowledged');
    await service.recovers(items.sales);
    // Notices are never calls.
    const notice = await ana.receives('sms', /"Sales" works again/);

    const { messages, currency, isComplete } = await eventually('three messages', async () => {
      const found = await list();
      return found.messages.length === 3 && found.messages.every(({ outcome }) => outcome === 'arrived') ? found : null;
    });
    assert.deepEqual([currency, isComplete], ['EUR', true]);
    const [last, rung, first] = messages;
    assert.deepEqual([last?.sid, rung?.sid, first?.sid], [notice.sid, call.sid, page.sid], 'the newest first');
    assert.deepEqual(first?.items, [{ incident: items.sales.id, name: 'Sales' }]);
    assert.deepEqual(last?.items, []);
    assert.deepEqual([first?.cost, rung?.cost, last?.cost], [0.05, 0.02, 0.08]);
    assert.equal(rung?.answered?.by, 'key');
    assert.equal(first?.answered, null);
    const statuses = first?.statuses.map(({ status }) => status) ?? [];
    assert.deepEqual(statuses, ['accepted', 'delivered']);
    assert.ok(rung?.statuses.some(({ status }) => status === 'completed'));
  },
);

scenario('messages are filtered, paged through, and wrong questions are answered by what is wrong', async () => {
  assert.equal((await list('?channel=call')).messages.length, 1);
  assert.equal((await list('?contact=lead')).messages.length, 0);
  assert.equal((await list('?status=failed')).messages.length, 0);
  assert.equal((await list('?status=completed&contact=ana')).messages.length, 1);
  const pages: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { messages, next } = await list(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    pages.push(...messages.map(({ sid }) => sid));
    cursor = next;
  }
  assert.deepEqual(
    pages,
    (await list()).messages.map(({ sid }) => sid),
  );
  for (const [path, code] of [
    ['/messages?channel=fax', 'BAD_CHANNEL'],
    ['/messages?since=tomorrow', 'BAD_SINCE'],
    ['/messages?since=91d', 'BAD_SINCE'],
    ['/messages?limit=0', 'BAD_LIMIT'],
    ['/messages?cursor=none', 'BAD_CURSOR'],
    ['/messages?status=<b>', 'BAD_STATUS'],
    ['/report?since=5', 'BAD_SINCE'],
    ['/report?zone=Mars', 'BAD_ZONE'],
  ] as const) {
    const response = await get(path);
    assert.equal(response.status, 400, path);
    assert.equal(Value.Parse(Type.Object({ code: Type.String() }), await response.json()).code, code, path);
  }
  assert.equal((await fetch(`${service.url}/messages`)).status, 401);
  assert.equal((await fetch(`${service.url}/report.csv`)).status, 401);
});

scenario('the report counts that night, as JSON and as CSV in which no name is a formula', async () => {
  items.hostile = service.item('workbook', hostile);
  await service.fails(items.hostile);
  await ana.receives('whatsapp', /calc/);
  assert.equal(await ana.replies('ACK'), 200);
  await ana.receives('whatsapp', /Taken/);
  const report = await eventually('two failures', async () => {
    const found = Value.Parse(ReportView, await (await get('/report?since=24h&zone=Europe/Berlin')).json());
    return found.isComplete && found.period.recovered === 1 && found.period.sent.whatsapp === 3 ? found : null;
  });
  const { period, people, projects, owners, policies, zone } = report;
  assert.deepEqual([period.episodes, period.paged, period.open, zone], [2, 2, 1, 'Europe/Berlin']);
  assert.deepEqual(
    people.map(({ contact, acknowledged }) => [contact, acknowledged]),
    [['ana', 2]],
  );
  assert.deepEqual(
    [projects, owners, policies].map(([first]) => first?.episodes),
    [2, 2, 2],
  );
  assert.deepEqual([projects[0]?.name, owners[0]?.name, policies[0]?.name], ['Finance', 'Olga Owner', 'default']);
  assert.deepEqual(period.sent, { whatsapp: 3, sms: 1, call: 1 });
  assert.equal(period.cost, 0.25);
  assert.ok((period.toAcknowledge.medianSeconds ?? 99) < 60);

  // It fails again.
  await service.recovers(items.hostile);
  await ana.receives('whatsapp', /works again|recovered/i);
  await service.fails(items.hostile);
  await ana.receives('whatsapp', /calc/);
  const csv = await eventually('it failed again', async () => {
    const response = await get('/report.csv?since=24h');
    assert.match(
      String(response.headers.get('content-disposition')),
      /^attachment; filename="report-[\d-]+-24h\.csv"$/,
    );
    const text = await response.text();
    return text.includes('"fails again"') ? text : null;
  });
  assert.match(csv, /^"part","name","episodes"/);
  assert.doesNotMatch(csv, /(?:^|,)"?[=+@]/m);
  assert.match(csv, /"'=cmd\|""\/c calc""/);
});

scenario('the commands print the report, send it as a digest, and export what happened', async () => {
  const file = join(directory, 'escalation.yaml');
  await writeFile(file, JSON.stringify(escalation));
  const env = { ESCALATION_FILE: file };
  const printed = await runCommandWith(service, env, ['report', '--since', '24h']);
  assert.equal(printed.code, 0, printed.stdout);
  assert.match(printed.stdout, /^failures +\d+ +3 +-$/m);
  assert.match(printed.stdout, /^ana /m);
  for (const line of printed.stdout.split('\n')) assert.ok(line.length <= 80, line);

  const sent = await runCommandWith(service, env, ['report', '--since', '24h', '--to', 'lead']);
  assert.equal(sent.code, 0, sent.stdout);
  assert.match(sent.stdout, /^The pager of lead sends this by SMS:\n\nLast night: /);
  const digest = await lead.receives('sms', /^Last night: .*24h: 3 failures/s);
  assert.equal(sent.stdout.split('\n\n')[1], `${digest.body}\n`);
  for (const [args, problem] of [
    [['--to', 'bob'], /There is no contact "bob": --to must be one of ana, lead\./],
    [['--to', 'lead', '--by', 'whatsapp'], /"lead" has no address for whatsapp: add "whatsapp"/],
  ] as const) {
    const refused = await runCommandWith(service, env, ['report', ...args]);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, problem);
  }

  const out = join(directory, 'export.jsonl');
  const exports: string[] = [];
  for (const _ of [1, 2]) {
    const { code, stdout } = await runCommandWith(service, {}, ['export', '--since', '24h', '--out', out]);
    assert.equal(code, 0, stdout);
    exports.push(await readFile(out, 'utf8'));
  }
  const lines = (exports[0] ?? '')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  assert.equal(lines.filter((line) => Value.Check(ExportedEpisode, line)).length, 3);
  assert.equal(lines.filter((line) => Value.Check(ExportedMessage, line)).length, lines.length - 3);
  assert.equal(exports[1], exports[0], 'the same again');
  assert.doesNotMatch(exports.join(''), /1555010000|Olga/);
});

async function signIn(width: number): Promise<Page> {
  const page = await browser.open(`${service.url}/sign-in?to=/messages`, { width, height: width === 390 ? 844 : 900 });
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana Lima');
  await page.getByRole('textbox', { name: 'API token' }).fill(secrets.API_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Messages and calls' }).waitFor();
  return page;
}

scenario(
  'both pages read well on a phone and on a desk, in both colour schemes, without a request to others',
  async () => {
    for (const width of [390, 1280]) {
      const page = await signIn(width);
      const others: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(service.url)) others.push(request.url());
      });
      for (const [path, name] of [
        ['/messages', 'messages'],
        ['/report?since=24h', 'report'],
      ] as const) {
        const startedAt = Date.now();
        const response = await page.goto(`${service.url}${path}`);
        const tookMs = Date.now() - startedAt;
        const body = (await response?.text()) ?? '';
        process.stdout.write(`${name} at ${width}: ${Buffer.byteLength(body)} bytes, shown after ${tookMs} ms\n`);
        assert.match(response?.headers()['content-type'] ?? '', /^text\/html/);
        assert.ok(Buffer.byteLength(body) < 50_000);
        assert.doesNotMatch(body, /1555010000|<script>alert/);
        const overflow = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        assert.equal(overflow, 0, `${name} at ${width} is not wider than the window`);
        for (const colorScheme of ['light', 'dark'] as const) {
          // A colour that is on its way to another has neither's contrast.
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await browser.picture(page, `${name}-${width}-${colorScheme}`);
          const { violations } = await new AxeBuilder({ page })
            .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
            .analyze();
          assert.deepEqual(
            violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
            [],
          );
        }
      }
      assert.deepEqual(others, []);
    }
  },
);

scenario(
  'the filters of the messages, the link to Twilio and the way to an incident work without a script',
  async () => {
    const page = await signIn(1280);
    await page.getByLabel('Channel').selectOption('call');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText(/messages and calls$|One message or call/).waitFor();
    const rows = page.getByRole('row').filter({ hasText: 'ana · Call' });
    assert.ok((await rows.count()) >= 1);
    const link = rows.last().getByRole('link', { name: /^CA/ });
    assert.match(
      (await link.getAttribute('href')) ?? '',
      /^https:\/\/www\.twilio\.com\/console\/voice\/calls\/logs\/CA[0-9a-f]{32}$/,
    );
    await rows.last().getByText('answered by key').first().click();
    await rows.last().getByText('completed').waitFor();
    await rows.last().getByRole('link', { name: 'Sales' }).click();
    await page.getByRole('heading', { name: /Sales/ }).first().waitFor();
    await page.goto(`${service.url}/report`);
    await page.getByLabel('Period').selectOption('7d');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('By day as a table').click();
    await page.getByRole('columnheader', { name: 'When' }).first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^report-.*-7d\.csv$/);
  },
);

test('no page had an error', () => assert.deepEqual(browser.errors, []));
