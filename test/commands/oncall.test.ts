import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import ical from 'node-ical';
import { production } from '../packaging/files.js';
import { calendar, event } from '../calendar/texts.js';
import { run } from './process.js';

let directory: string;
let env: Record<string, string>;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oncall-'));
  const file = join(directory, 'escalation.yaml');
  await writeFile(
    file,
    `contacts: { ana: { phone: "+15550000001" }, ben: { phone: "+15550000002" } }
schedules:
  data:
    timezone: Europe/Berlin
    rotation: { contacts: [ana, ben], every: 1w, start: "2026-11-23T09:00" }
    overrides: [{ contact: ben, from: "2026-11-25T18:00", to: "2026-11-26T09:00" }]
policies: { default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] } }
`,
  );
  env = { ...production, NODE_ENV: 'test', ESCALATION_FILE: file };
});
after(() => rm(directory, { recursive: true, force: true }));

async function oncall(t: TestContext, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = await run(t, ['oncall', ...args], env);
  return { code: await command.ended, output: command.output() };
}

describe('oncall', () => {
  test('prints who is on call in the zone of the schedule', async (t) => {
    const { code, output } = await oncall(t, '--at', '2026-11-24T12:00:00Z');
    assert.equal(code, 0, output);
    assert.ok(
      output.includes(`data (Europe/Berlin)
  from                  to                    on call
  Tue 2026-11-24 13:00  Wed 2026-11-25 18:00  ana
  Wed 2026-11-25 18:00  Thu 2026-11-26 09:00  ben (override)
  Thu 2026-11-26 09:00  Mon 2026-11-30 09:00  ana
  Mon 2026-11-30 09:00  Tue 2026-12-01 13:00  ben
`),
      output,
    );
  });

  test('prints a calendar that an iCalendar library reads', async (t) => {
    const { code, output } = await oncall(t, '--at', '2026-11-24T12:00:00Z', '--weeks', '4', '--ics');
    assert.equal(code, 0, output);
    const events = Object.values(ical.sync.parseICS(output)).flatMap((part) =>
      part?.type === 'VEVENT' ? [[part.summary, part.start.toISOString(), part.end?.toISOString()]] : [],
    );
    assert.deepEqual(events.slice(0, 2), [
      ['ana on call (data)', '2026-11-24T12:00:00.000Z', '2026-11-25T17:00:00.000Z'],
      ['ben on call (data)', '2026-11-25T17:00:00.000Z', '2026-11-26T08:00:00.000Z'],
    ]);
    assert.equal(events.length, 7);
  });

  test('gives a shift the same UID in a calendar that begins later, so that other programs know it again', async (t) => {
    const uidsFrom = async (at: string) => {
      const { output } = await oncall(t, '--at', at, '--weeks', '4', '--ics');
      return [...output.matchAll(/^UID:(\S+)/gm)].map(([, uid]) => uid);
    };
    const [earlier, later] = [await uidsFrom('2026-11-24T12:00:00Z'), await uidsFrom('2026-11-26T12:00:00Z')];
    assert.equal(new Set(earlier).size, earlier.length);
    // Without the last ones, which the end of a calendar cuts.
    assert.deepEqual(later.slice(0, 4), earlier.slice(2, 6));
  });

  test('reads calendars once, and says what is wrong with one', async (t) => {
    const file = join(directory, 'calendars.yaml');
    await writeFile(
      file,
      `contacts: { ana: { phone: "+15550000001" } }
schedules:
  ops: { ical: ./ops.ics, timezone: Europe/Berlin }
  gone: { ical: "https://127.0.0.1/secret.ics" }
policies: { default: { steps: [{ page: [schedule/ops], by: sms, wait: 5m }] } }
fallback: ana
`,
    );
    await writeFile(
      join(directory, 'ops.ics'),
      calendar(
        ...event('DTSTART:20261124T080000Z', 'DTEND:20261124T160000Z', 'RRULE:FREQ=YEARLY;COUNT=2', 'SUMMARY:Ana'),
        ...event('DTSTART:20261125T080000Z', 'DTEND:20261125T160000Z', 'SUMMARY:Carla'),
      ),
    );
    const command = await run(t, ['oncall', '--at', '2027-11-24T12:00:00Z'], { ...env, ESCALATION_FILE: file });
    assert.equal(await command.ended, 0, command.output());
    assert.match(
      command.output(),
      /^The calendar of schedule "gone" \(https:\/\/127\.0\.0\.1\/\*\*\*\) has a private address\.$/m,
    );
    assert.match(
      command.output(),
      /ops \(Europe\/Berlin\)\n.*\n {2}Wed 2027-11-24 13:00 {2}Wed 2027-11-24 17:00 {2}ana\n {2}Wed 2027-11-24 17:00 .* \(nobody\)/,
    );
    const earlier = await run(t, ['oncall', '--at', '2026-11-24T12:00:00Z'], { ...env, ESCALATION_FILE: file });
    await earlier.ended;
    assert.match(
      earlier.output(),
      /^The calendar of schedule "ops" \(.*ops\.ics\): 1 event is ignored: it names no contact\.$/m,
    );
  });

  test('takes a file, and then needs nothing of the environment', async (t) => {
    const file = env['ESCALATION_FILE'] ?? '';
    const command = await run(t, ['oncall', file, '--at', '2026-11-24T12:00:00Z'], { NODE_ENV: 'test' });
    assert.equal(await command.ended, 0, command.output());
    assert.match(command.output(), /^data \(Europe\/Berlin\)$/m);
    const without = await run(t, ['oncall'], { NODE_ENV: 'test' });
    assert.equal(await without.ended, 1);
    assert.match(without.output(), /^There is no escalation file: give its path, or set ESCALATION_FILE\.$/m);
  });

  test('names wrong arguments', async (t) => {
    for (const [args, problem] of [
      [['--at', 'tomorrow'], /--at must be a time with its offset/],
      [['--weeks', '0'], /--weeks must be a whole number from 1 to 53/],
      [['--months', '1'], /Unknown option '--months'/],
    ] as const) {
      const { code, output } = await oncall(t, ...args);
      assert.equal(code, 2, output);
      assert.match(output, problem);
    }
  });
});
