import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { freePort } from '../../../src/temporal/ports.js';
import { calendar, event } from '../../calendar/texts.js';
import { until } from '../../helpers/until.js';
import { run } from '../../commands/process.js';

const file = (onCall: string) => `contacts: { ana: { phone: "+15550000001" }, ben: { phone: "+15550000002" } }
schedules:
  data: { timezone: Europe/Berlin, rotation: { contacts: [${onCall}], every: 1w, start: "2026-11-23T09:00" } }
policies: { default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] } }
`;
const apiToken = 'abcdefgh12345678';

/** A process of ours with an escalation file. Temporal is not there: neither the file nor `GET /on-call` needs it. */
async function started(t: TestContext, role: 'start' | 'api' | 'worker') {
  const directory = await mkdtemp(join(tmpdir(), 'reload-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'escalation.yaml');
  const write = (text: string) => writeFile(path, text, { mode: 0o600 });
  await write(file('ana'));
  const port = await freePort(23_500 + (process.pid % 500));
  const url = `http://127.0.0.1:${port}`;
  const env = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    API_TOKEN: apiToken,
    ESCALATION_FILE: path,
    TABLEAU_DOMAIN: 'http://127.0.0.1:9',
    TABLEAU_WEBHOOK_SECRET: 'an-open-secret-of-tests',
    TABLEAU_PAT_NAME: 'pager',
    TABLEAU_PAT_SECRET: 'pat-secret',
    TEMPORAL_ADDRESS: '127.0.0.1:9',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
    TWILIO_API_BASE_URL: 'http://127.0.0.1:9',
    TWILIO_FROM_NUMBER: '+15550009999',
  };
  const service = await run(t, [role], env);
  const get = async (where: string) => {
    const headers = { accept: 'application/json', authorization: `Bearer ${apiToken}` };
    const answer = await fetch(`${url}${where}`, { headers }).catch(() => null);
    return answer?.status === 200 ? ((await answer.json()) as Record<string, never>) : null;
  };
  return {
    ...service,
    write,
    writeCalendar: (text: string) => writeFile(join(directory, 'ops.ics'), text),
    onCall: async (): Promise<unknown> => (await get('/on-call'))?.['schedules']?.['data']?.['now'],
    alarms: async (): Promise<{ code: string; message: string }[]> => (await get('/'))?.['alarms'] ?? [],
  };
}

describe('SIGHUP', { timeout: 300_000 }, () => {
  for (const role of ['start', 'api'] as const)
    test(`has ${role} take over a good file, and keep it with an alarm while a bad one is there`, async (t) => {
      const { write, onCall, alarms, signal, output, ended } = await started(t, role);
      const isAlarm = async () => (await alarms()).find(({ code }) => code === 'escalation-file');
      await until(output, async () => (await onCall()) === 'ana');

      await write(file('ben'));
      signal('SIGHUP');
      await until(output, async () => (await onCall()) === 'ben');
      assert.equal(await isAlarm(), undefined);

      await write(file('carla'));
      signal('SIGHUP');
      const alarm = await until(output, isAlarm);
      assert.match(alarm.message, /has changed and has 1 problem: the last good one stays in force/);
      assert.equal(await onCall(), 'ben');
      assert.match(
        output(),
        /"problems":\["[^"]*escalation\.yaml:3:\d+: [^\n]*carla[^\n]*the last good one stays in force/,
      );

      await write(file('ana'));
      signal('SIGHUP');
      await until(output, async () => (await onCall()) === 'ana' && !(await isAlarm()));
      signal('SIGTERM');
      assert.equal(await ended, 0);
      assert.doesNotMatch(output(), /1555000000/);
    });

  test('has start read calendars again, whose turns reach the api', async (t) => {
    const { write, writeCalendar, onCall, alarms, signal, output, ended } = await started(t, 'start');
    const from = new Date(Date.now() - 3_600_000).toISOString().replace(/[-:]|\.\d+/g, '');
    const onCallIs = (who: string) => calendar(...event(`DTSTART:${from}`, 'DURATION:PT9H', `SUMMARY:${who} on call`));
    await until(output, async () => (await onCall()) === 'ana');
    await writeCalendar(onCallIs('Ben'));
    await write(file('ana').replace(/\{ timezone: Europe.*\}\n/, '{ ical: ./ops.ics }\n'));
    signal('SIGHUP');
    await until(output, async () => (await onCall()) === 'ben');

    await writeCalendar(onCallIs('Ana'));
    signal('SIGHUP');
    await until(output, async () => (await onCall()) === 'ana');

    await writeCalendar('<title>Sign in</title>');
    signal('SIGHUP');
    await until(output, async () => (await alarms()).find(({ code }) => code === 'calendar-unreadable'));
    assert.equal(await onCall(), 'ana');
    assert.match(output(), /"schedule":"data".*"why":"is not iCalendar".*its last good copy stays in force/);
    signal('SIGTERM');
    assert.equal(await ended, 0);
  });

  test('does not end a worker', async (t) => {
    const { write, signal, output, ended } = await started(t, 'worker');
    await until(output, () => /workers cannot begin; trying again/.test(output()));
    await write(file('ben'));
    signal('SIGHUP');
    await until(output, () => /"changed":\["schedules"\].*has changed and is in force/.test(output()));
    signal('SIGTERM');
    assert.equal(await ended, 0);
    assert.match(output(), /shutting down after SIGTERM/);
  });
});
