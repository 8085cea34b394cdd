/** A refresh that never begins sends no webhook: it is paged at the time by which its data was promised. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { minute, second } from '../../src/workflows/contract.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../helpers/processes.js';
import { addItem, dueIn } from '../helpers/tableau-items.js';
import { until } from '../helpers/until.js';
import { runCommand } from './command.js';
import { scriptOf } from './script.js';
import { secrets, startService, type Service } from './service.js';
import { waitingPhone } from './waiting-phone.js';

const numbers = { ana: '+15550142001', lead: '+15550142002' };
const escalation = {
  contacts: { ana: { whatsapp: numbers.ana }, lead: { phone: numbers.lead } },
  policies: { default: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] } },
  operators: ['lead'],
};
let service: Service;

before(async () => {
  service = await startService({ escalation });
});
after(() => service?.close());

const Rows = Type.Array(
  Type.Object({
    item: Type.Object({ name: Type.String() }),
    state: Type.String(),
    why: Type.Optional(Type.String()),
    root: Type.Optional(Type.String()),
  }),
);
const Report = Type.Object({
  sites: Type.Array(Type.Object({ site: Type.String(), promised: Type.Number(), late: Type.Number(), items: Rows })),
});

const Past = Type.Object({
  sites: Type.Array(Type.Object({ promises: Type.Array(Type.Object({ late: Type.Number(), paged: Type.Number() })) })),
});
const promisesIn = (value: unknown) => Value.Parse(Past, value).sites.flatMap(({ promises }) => promises);

async function getJson(path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${secrets.API_TOKEN}` };
  const response = await fetch(`${service.url}${path}`, { headers });
  assert.equal(response.status, 200);
  return response.json();
}

const report = async (query = ''): Promise<Static<typeof Report>['sites']> =>
  Value.Parse(Report, await getJson(`/freshness${query}`)).sites;

/** Promises new data by the next minute, or by a later one where a slow worker does not learn of it in time; gives the deadline. */
async function promise(leastMs = 25 * second): Promise<number> {
  const deadline = Math.ceil((Date.now() + leastMs) / minute) * minute;
  const by = new Date(deadline).toISOString().slice(11, 16);
  const freshness = [{ items: { project: 'Finance/**' }, by, timezone: 'UTC', policy: 'default' }];
  await service.reload({ ...escalation, freshness });
  const isKnown = async () => JSON.stringify(await report()).includes(`new data by ${by}`);
  await until('the promise to be known', isKnown, slowMachineTimeoutMs);
  return Date.now() < deadline - second ? deadline : promise(2 * leastMs);
}

test(
  'late data is paged at its deadline, once for all that is built on it, and ends when it is there',
  printingOutputOnFailure(
    () => [service.api, service.worker],
    async () => {
      const { sandbox, client } = service;
      const [ana, lead] = [waitingPhone(sandbox, numbers.ana), waitingPhone(sandbox, numbers.lead)];
      const finance = { project: 'Finance', owner: 'Olga Owner' };
      const orders = addItem(sandbox, { kind: 'datasource', name: 'Orders', ...finance, schedule: dueIn(20 * second) });
      sandbox.panel.set(orders, { skipsRuns: true });
      for (const name of ['Sales', 'Margin'])
        addItem(sandbox, { kind: 'workbook', name, ...finance, upstream: [orders.luid] });
      const stock = addItem(sandbox, { kind: 'workbook', name: 'Stock', ...finance, schedule: dueIn(60 * minute) });
      await sandbox.panel.recover(stock, { wait: true });
      addItem(sandbox, { kind: 'workbook', name: 'Elsewhere', project: 'Private', schedule: dueIn(60 * minute) });

      const deadline = await promise();

      await until('the deadline', () => Date.now() > deadline, 2 * minute);
      const page = await ana.receives('whatsapp', /^\[1\] Data source has no new data: "Orders"/);
      assert.ok(page.at >= deadline && page.at < deadline + minute, `${page.at - deadline} ms after the deadline`);
      assert.match(page.body, /No new data by \w+ \d\d:\d\d: its run of \d\d:\d\d never began\./);
      assert.match(page.body, /2 workbooks depend on it\./);

      const [site] = await report();
      assert.equal(site?.promised, 4);
      const rows = site.items.map(({ item, state, root }) => [item.name, state, root]);
      assert.deepEqual(rows.toSorted(), [
        ['Margin', 'never-began', 'Orders'],
        ['Orders', 'never-began', undefined],
        ['Sales', 'never-began', 'Orders'],
        ['Stock', 'on-time', undefined],
      ]);
      assert.equal((await report('?state=late'))[0]?.items.length, 3);

      // The incident is that of a failed refresh, too: one item has one trouble.
      const id = `refresh:${sandbox.siteLuid}:${orders.luid}`;
      await sandbox.panel.fail(orders, { wait: true });
      const script = scriptOf(service);
      await until('the failure to join', async () => (await script.incident(id)).failures === 2, slowMachineTimeoutMs);
      assert.deepEqual(ana.unexpected(), []);

      sandbox.panel.set(orders, { skipsRuns: false });
      await sandbox.panel.recover(orders, { wait: true });
      await ana.receives('whatsapp', /Orders/);
      assert.equal((await script.incident(id)).state, 'resolved');
      assert.deepEqual(lead.unexpected(), []);
      const { memo } = await client.workflow.getHandle('freshness:default').describe();
      assert.deepEqual(memo?.['freshness'], { promised: 4, late: 1, alarms: [] });

      const { stdout, code } = await runCommand(service, 'freshness', '--late');
      assert.equal(code, 1);
      assert.match(stdout, /3 of 4 promised items are late/);

      const past = await runCommand(service, 'freshness', 'report');
      assert.equal(past.code, 0);
      const text = `project Finance/\\*\\*: new data by \\d\\d:\\d\\d UTC\\n +once late, 1 paged, 1 without new data yet`;
      assert.match(past.stdout, new RegExp(text));
      const json = await runCommand(service, 'freshness', 'report', '--since', '1h', '--json');
      assert.deepEqual(
        await getJson('/freshness/report?since=1h').then(promisesIn),
        promisesIn(JSON.parse(json.stdout)),
      );
      assert.equal((await runCommand(service, 'freshness', 'report', '--since', 'now')).code, 2);
    },
  ),
);
