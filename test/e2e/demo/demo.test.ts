import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { leftRunning } from '../../../src/temporal/embedded.js';
import { freePort } from '../../../src/temporal/ports.js';
import { until } from '../../helpers/until.js';
import { run } from '../../commands/process.js';

const Items = Type.Object({ items: Type.Array(Type.Object({ luid: Type.String(), name: Type.String() })) });

test(
  'the demo pages the phone for a workbook that fails, receives the answer, and stops on Ctrl-C',
  { timeout: 600_000 },
  async (t) => {
    const [port, phone] = [await freePort(11_000 + (process.pid % 400)), await freePort(11_500 + (process.pid % 400))];
    const started = await run(t, ['--waits', '60s', '--port', String(port), '--phone', String(phone)], {}, 'demo');
    const sees = (text: RegExp) =>
      until(
        () => `${text} in:\n${started.output()}`,
        () => text.test(started.output()),
        60_000,
      );
    await sees(/Try this:/);
    for (const address of [
      `Phone and Tableau +http://127.0.0.1:${phone}`,
      `API +http://127.0.0.1:${port}`,
      'Temporal Web UI +http',
    ]) {
      await sees(new RegExp(address));
    }

    const sandbox = `http://127.0.0.1:${phone}/sandbox`;
    const send = (path: string, body: object) =>
      fetch(sandbox + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const { items } = Value.Parse(Items, await (await fetch(`${sandbox}/tableau/items`)).json());
    const sales = items.find(({ name }) => name === 'Sales') ?? assert.fail('there is a workbook Sales');
    await send(`/tableau/items/${sales.luid}/fail`, {});
    await sees(/gets whatsapp: .*Sales/i);
    await send('/phones/%2B15550000001/reply', { channel: 'whatsapp', body: 'ACK' });
    await sees(/writes by WhatsApp: ACK[^]*gets WhatsApp: .*Sales/i);

    started.signal('SIGINT');
    assert.equal(await started.ended, 0);
    assert.match(started.output(), /Stopping …[^]*Stopped\./);
    assert.equal(await leftRunning(join(started.directory, '.data/demo')), null);
  },
);

test('the demo refuses invalid options', async (t) => {
  const started = await run(t, ['--waits', 'soon'], {}, 'demo');
  assert.equal(await started.ended, 1);
  assert.match(started.output(), /--waits must be a time/);
});
