/** A team sees where it talks what becomes of incidents: outgoing webhooks, from real processes to the receivers of the sandbox. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Received } from '../../sandbox/receivers.js';
import type { TestPhone } from '../helpers/phone.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { escalation, numbers } from './escalation-policies.js';
import { startService, type Service } from './service.js';
import { contentSid, addTemplate } from './template.js';
import { waitingPhone } from './waiting-phone.js';

const secret = `whsec_${Buffer.from('a secret of 32 bytes for a test.').toString('base64')}`;
let service: Service;
let ana: TestPhone;

before(async () => {
  service = await startService({
    env: async (_temporal, outside) => ({
      WHATSAPP_CONTENT_SID: contentSid,
      WEBHOOK_TEAM_URL: `${outside}/receivers/standard/team`,
      WEBHOOK_TEAM_SECRET: secret,
      WEBHOOK_CHAT_URL: `${outside}/receivers/slack/chat`,
      // A certificate is not even asked for: the address is private.
      WEBHOOK_INNER_URL: outside.replace('http:', 'https:'),
    }),
    escalation: {
      ...escalation,
      webhooks: {
        team: { url: '$WEBHOOK_TEAM_URL', secret: '$WEBHOOK_TEAM_SECRET', private: true },
        chat: { as: 'slack', url: '$WEBHOOK_CHAT_URL', private: true },
        inner: { url: '$WEBHOOK_INNER_URL', events: ['triggered'] },
      },
    },
  });
  service.sandbox.receivers.set('team', { secret });
  ana = waitingPhone(service.sandbox, numbers.ana);
  await addTemplate(service.sandbox);
});
after(() => service?.close());

const scenario = (name: string, run: () => Promise<void>): void =>
  void test(
    name,
    printingOutputOnFailure(() => [service.api, service.worker, service.temporal], run),
  );

interface Body {
  type: string;
  data: { incident: string; by: string | null };
}
/** What the receiver took or refused of an incident, in order. */
const teamGot = (id: string): (Received & { body: Body })[] =>
  service.sandbox.receivers
    .received('team')
    .flatMap((one) => ((one.body as Body).data.incident === id ? [{ ...one, body: one.body as Body }] : []));
const taken = (id: string): string[] =>
  teamGot(id).flatMap(({ status, body }) => (status === 204 ? [body.type.replace('incident.', '')] : []));
const takes = (id: string, types: string[]): Promise<unknown> =>
  until(
    () => `${types.join()} of ${id}; there is ${taken(id).join()}`,
    () => taken(id).join() === types.join(),
    slowMachineTimeoutMs,
  );
const chatGot = (): string =>
  service.sandbox.receivers
    .received('chat')
    .flatMap(({ status, body }) => (status === 200 ? [JSON.stringify(body)] : []))
    .join('\n');

scenario(
  'a failure, an acknowledgement and the recovery arrive in order, signed, and in the words of a chat',
  async () => {
    const orders = service.item('datasource', 'Orders');
    await service.fails(orders);
    await ana.receives('whatsapp', /^Data source refresh failed: "Orders"/);
    await takes(orders.id, ['triggered']);
    assert.equal(await ana.replies('ACK', 'whatsapp'), 200);
    await ana.receives('whatsapp', /^Taken: "Orders"/);
    await takes(orders.id, ['triggered', 'acknowledged']);
    await service.recovers(orders);
    await takes(orders.id, ['triggered', 'acknowledged', 'recovered']);
    await ana.receives('whatsapp', /"Orders"/);
    for (const { headers, body, isSigned } of teamGot(orders.id)) {
      assert.equal(isSigned, true);
      assert.deepEqual(new Webhook(secret).verify(JSON.stringify(body), headers), body);
    }
    assert.equal(teamGot(orders.id)[1]?.body.data.by, 'ana');
    await until('the chat to have it', () => /Works again/.test(chatGot()), slowMachineTimeoutMs);
    assert.match(
      chatGot(),
      /\*Refresh failed\*: Data source .{0,3}Orders.{0,3} in Finance[\s\S]*Taken by ana[\s\S]*Works again/,
    );
    assert.doesNotMatch(chatGot() + JSON.stringify(teamGot(orders.id)), /Olga|\+1555/);
  },
);

scenario(
  'while receivers are down and the worker dies people are paged as before, and afterwards nothing is missing',
  async () => {
    const { receivers } = service.sandbox;
    const stock = service.item('datasource', 'Stock');
    receivers.set('team', { isDown: true });
    await service.fails(stock);
    await ana.receives('whatsapp', /"Stock"/);
    await until('a post in vain', () => teamGot(stock.id).length > 0, slowMachineTimeoutMs);
    await service.worker.kill();
    assert.equal(await ana.replies('ACK', 'whatsapp'), 200);
    receivers.set('team', { isDown: false });
    await service.worker.start();
    await ana.receives('whatsapp', /^Taken: "Stock"/);
    await service.recovers(stock);
    await ana.receives('whatsapp', /"Stock"/);
    await takes(stock.id, ['triggered', 'acknowledged', 'recovered']);
    const tries = teamGot(stock.id).filter(({ body }) => body.type === 'incident.triggered');
    assert.ok(tries.length > 1);
    assert.equal(new Set(tries.map(({ id }) => id)).size, 1, 'every try has the same webhook-id');
  },
);

scenario(
  'a private address is not posted to where the file does not allow it, and the log says so without the address',
  async () => {
    const output = service.worker.output();
    assert.match(output, /"endpoint":"inner".{0,200}its address is private/);
    assert.doesNotMatch(output, /receivers\/standard|whsec_/);
  },
);

scenario('an address that is gone gets nothing more and is an alarm, until the file has another one', async () => {
  const { receivers, url: outside } = service.sandbox;
  const codes = async (): Promise<string> =>
    (await fetch(`${service.url}/`, { headers: { accept: 'application/json' } })).text();
  receivers.set('team', { status: 410 });
  const [prices, people] = ['Prices', 'People'].map((name) => service.item('datasource', name));
  assert.ok(prices && people);
  await service.fails(prices);
  await ana.receives('whatsapp', /"Prices"/);
  await until('the alarm', async () => /"webhook-gone"/.test(await codes()), slowMachineTimeoutMs);
  assert.deepEqual(
    teamGot(prices.id).map(({ status }) => status),
    [410],
  );
  await service.reload({
    ...escalation,
    webhooks: { team: { url: `${outside}/receivers/standard/moved`, private: true } },
  });
  await until('the end of the alarm', async () => !/"webhook-gone"/.test(await codes()), slowMachineTimeoutMs);
  await service.fails(people);
  await ana.receives('whatsapp', /"People"/);
  await until('the new address to have it', () => receivers.received('moved').length === 1, slowMachineTimeoutMs);
  assert.equal(teamGot(people.id).length, 0);
});
