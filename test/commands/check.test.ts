import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findBinary } from '../../src/temporal/binaries.js';
import { startEmbedded } from '../../src/temporal/embedded.js';
import { freePort } from '../../src/temporal/ports.js';
import { run } from './process.js';

const env = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pager.example.com',
  API_TOKEN: 'Kq3vX9bT2mWz7LpR',
  TABLEAU_DOMAIN: 'tableau.example.com',
  TABLEAU_WEBHOOK_SECRET: 'Hd8sYc4nQf6uJe1a',
  TABLEAU_PAT_NAME: 'pager',
  TABLEAU_PAT_SECRET: 'Vb5gNx0kMo2tRw7i',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: '5f3a9c7e1b2d4860a4c8e6f0b1d3a597',
  TWILIO_FROM_NUMBER: '+15550009999',
  TWILIO_TO_NUMBER: '+15550000001',
};

const directory = await mkdtemp(join(tmpdir(), 'check-'));
const temporal = await startEmbedded({
  binary: await findBinary('temporal', process.env),
  port: await freePort(21_000 + (process.pid % 500), [0, 1000]),
  directory,
});
after(async () => {
  await temporal.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('check, before a release', { timeout: 600_000, concurrency: 2 }, () => {
  test('passes a release that can start, without a request to Tableau or Twilio', async (t) => {
    const more = { TEMPORAL_ADDRESS: temporal.address, WHATSAP_FROM: '+15550008888' };
    const checked = await run(t, ['check'], { ...env, ...more });
    assert.equal(await checked.ended, 0, checked.output());
    assert.match(checked.output(), /^ok +configuration: complete, 1 contact\.$/m);
    assert.match(checked.output(), new RegExp(`^ok +Temporal: namespace default at ${temporal.address}\\.$`, 'm'));
    assert.match(
      checked.output(),
      /^warning +configuration: WHATSAP_FROM is set and has no effect: is it WHATSAPP_FROM\?$/m,
    );
    assert.match(checked.output(), /^ok +search attributes: registered\.$/m);
  });

  test('warns of a calendar that cannot be read, and passes the release', async (t) => {
    const file = join(directory, 'escalation.yaml');
    await writeFile(
      file,
      `contacts: { ana: { phone: "+15550000001" } }
schedules: { ops: { ical: ./none.ics } }
policies: { default: { steps: [{ page: [schedule/ops], by: sms, wait: 5m }] } }
fallback: ana
freshness: [{ items: "*", by: "07:00", timezone: UTC, holidays: ./no-days.ics }]
`,
    );
    const checked = await run(t, ['check'], { ...env, TEMPORAL_ADDRESS: temporal.address, ESCALATION_FILE: file });
    assert.equal(await checked.ended, 0, checked.output());
    assert.match(
      checked.output(),
      /^warning +The calendar of schedule "ops" \(.*none\.ics\) cannot be read \(ENOENT\)\.$/m,
    );
    assert.match(
      checked.output(),
      /^warning +The calendar freshness\[0\]\.holidays \(.*no-days\.ics\) cannot be read \(ENOENT\)\.$/m,
    );
  });

  test('stops a release whose namespace does not exist, and one with an unreachable Temporal', async (t) => {
    const [wrong, unavailable] = await Promise.all([
      run(t, ['check'], { ...env, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'elsewhere' }),
      run(t, ['check'], { ...env, TEMPORAL_ADDRESS: '127.0.0.1:9' }),
    ]);
    assert.equal(await wrong.ended, 1);
    assert.match(wrong.output(), /^FAILED +Temporal: namespace elsewhere at .*: there is no such namespace\.$/m);
    assert.equal(await unavailable.ended, 1);
    assert.match(
      unavailable.output(),
      /FAILED .*127\.0\.0\.1:9: it does not answer \(connect ECONNREFUSED 127\.0\.0\.1:9\)\.$/m,
    );
  });

  test('stops a release whose configuration is not complete, with every problem and before any request', async (t) => {
    const checked = await run(t, ['check'], { ...env, PUBLIC_URL: 'http://pager.example.com', TWILIO_AUTH_TOKEN: '' });
    assert.equal(await checked.ended, 1);
    for (const problem of [/PUBLIC_URL must be an absolute https/, /TWILIO_AUTH_TOKEN is missing/, /TEMPORAL_ADDRESS/])
      assert.match(checked.output(), problem);
    assert.doesNotMatch(checked.output(), /^ok|\bat .*\.ts/m);
  });

  test('takes no arguments', async (t) => {
    const [help, odd] = [await run(t, ['check', '--help']), await run(t, ['check', 'all'])];
    assert.equal(await help.ended, 0);
    assert.match(help.output(), /^Usage: tableau-webhooks check\n[^]*within 10 s/);
    assert.equal(await odd.ended, 2);
  });
});
