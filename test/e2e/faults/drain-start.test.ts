import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createSandbox } from '../../../sandbox/sandbox.js';
import { findBinary } from '../../../src/temporal/binaries.js';
import { leftRunning } from '../../../src/temporal/embedded.js';
import { freePort } from '../../../src/temporal/ports.js';
import { slowMachineTimeoutMs, programOf, printingOutputOnFailure, type Program } from '../../helpers/processes.js';
import { until } from '../../helpers/until.js';
import { waitingPhone } from '../waiting-phone.js';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const keys = { accountSid: `AC${hex(16)}`, authToken: hex(16), pat: { name: 'pager', secret: hex(16) } };
const sandbox = createSandbox({ ...keys, settings: { receipts: 'on-command' } });
const phone = waitingPhone(sandbox, '+15550100001');
let directory = '';
let webhook = '';
let start: Program;

before(async () => {
  const outside = await sandbox.listen();
  directory = await mkdtemp(join(tmpdir(), 'drain-start-'));
  const port = await freePort(13_000 + (process.pid % 900));
  const url = `http://127.0.0.1:${port}`;
  webhook = `${url}/notifier/${hex(16)}`;
  start = programOf({
    name: 'start',
    file: process.execPath,
    args: [fileURLToPath(new URL('../../../dist/main.js', import.meta.url)), 'start'],
    cwd: directory,
    env: {
      PATH: process.env['PATH'] ?? '',
      TEMPORAL_CLI_PATH: await findBinary('temporal', process.env),
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: url,
      EMBEDDED_TEMPORAL_PORT: String(await freePort(15_000 + (process.pid % 900), [0, 1000])),
      API_TOKEN: hex(16),
      TABLEAU_WEBHOOK_SECRET: webhook.slice(dirname(webhook).length + 1),
      TABLEAU_DOMAIN: outside,
      TABLEAU_PAT_NAME: keys.pat.name,
      TABLEAU_PAT_SECRET: keys.pat.secret,
      TWILIO_API_BASE_URL: outside,
      TWILIO_ACCOUNT_SID: keys.accountSid,
      TWILIO_AUTH_TOKEN: keys.authToken,
      TWILIO_FROM_NUMBER: '+15550008888',
      TWILIO_TO_NUMBER: '+15550100001',
    },
    ready: async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200,
  });
});
after(() => start?.stop());
after(() => sandbox.close());
after(() => rm(directory, { recursive: true, force: true }));
const programs = () => [start];

test(
  'start stops in the middle of a send, with its Temporal, in time; the next start continues there',
  printingOutputOnFailure(programs, async () => {
    await start.start();
    sandbox.subscribe(webhook);
    // Twilio accepts the message and answers after our timeout.
    sandbox.faults.add({ target: 'twilio.messages.sms', delayMs: 20_000 });
    const { luid } = sandbox.panel.add({ kind: 'workbook', name: 'Sales', project: 'Finance', owner: 'Olga Owner' });
    const sales = sandbox.panel.find(luid) ?? assert.fail('the item is not in Tableau');
    const { deliveries } = await sandbox.panel.fail(sales, { wait: true });
    assert.equal(deliveries[0]?.status, 200);
    await phone.receives('sms', /Sales/);

    const began = Date.now();
    const code = await start.stop();
    const took = Date.now() - began;
    process.stdout.write(`start exited after ${took} ms\n`);
    assert.equal(code, 0);
    assert.ok(took < 10_000, `it took ${took} ms`);
    assert.equal(await leftRunning(join(directory, '.data')), null, 'Temporal has exited too');

    await start.start();
    await until(
      'the message to be found at Twilio',
      () => /an earlier try was accepted/.test(start.output()),
      slowMachineTimeoutMs,
    );
    assert.deepEqual(phone.unexpected(), []);
  }),
);
