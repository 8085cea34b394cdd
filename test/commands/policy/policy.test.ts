import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { wrapped } from '../../../src/commands/policy/report.js';
import { jsonSchema } from '../../../src/policy/json-schema.js';
import * as ics from '../../calendar/texts.js';
import { run } from '../process.js';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'policy-'));
});
after(() => rm(directory, { recursive: true, force: true }));

/** Runs it without a single variable of the service. */
async function policy(t: TestContext, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = await run(t, ['policy', ...args]);
  return { code: await command.ended, output: command.output() };
}

async function fileWith(text: string): Promise<string> {
  const file = join(directory, 'e.yaml');
  await writeFile(file, text);
  return file;
}

const good = `contacts: { ana: { phone: "+15550000001" }, ben: { phone: "+15550000002" } }
schedules:
  data:
    timezone: Europe/Berlin
    rotation: { contacts: [ana, ben], every: 1w, start: "2026-11-23T09:00" }
policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
fallback: ana
operators: [ben]
`;
const at = ['--at', '2026-11-29T12:00:00Z'];

describe('policy check', () => {
  test('needs no environment, and sums up a file without problems', async (t) => {
    const { code, output } = await policy(t, 'check', await fileWith(good), ...at);
    assert.equal(code, 0, output);
    assert.equal(output, 'ok: 2 contacts, 1 schedule, 1 policy, 1 route\n');
  });

  test('names every problem with line, column and what may be meant, and exits with 1', async (t) => {
    const text = good
      .replace('schedule/data', 'schedule/date')
      .replace('[ben]', '[bne]')
      .replace('fallback', 'fallbak');
    const file = await fileWith(text);
    const { code, output } = await policy(t, 'check', file);
    assert.equal(code, 1, output);
    const unfolded = output.replaceAll('\n    ', ' ').replaceAll(file, 'FILE');
    assert.equal(
      unfolded,
      `FILE:7:31: policy "default" pages "schedule/date": there is no schedule "date"; did you mean "data"?
FILE:8:1: unknown key "fallbak" in the file; did you mean "fallback"?
FILE:9:13: operators names "bne", who is no contact; did you mean "ben"?
3 problems
`,
    );
  });

  test('names what may be wrong, which is an error with --strict alone', async (t) => {
    const file = await fileWith(good.replace('11-23', '12-07').replace(/operators.*/, ''));
    const { code, output } = await policy(t, 'check', file, ...at);
    assert.equal(code, 0, output);
    assert.equal(
      output.replaceAll('\n    ', ' ').replaceAll(file, 'FILE'),
      `FILE:1:1: warning: steps page schedules or owners, and the file names no operators, who are to be told of problems of this service.
FILE:3:3: warning: schedule "data" has nobody on call from Sun 2026-11-29 13:00 to Mon 2026-12-07 09:00 (Europe/Berlin). Paged then: the fallback "ana".
FILE:5:50: warning: schedules.data.rotation begins on Mon 2026-12-07 09:00 (Europe/Berlin): before that it has nobody on call.
3 warnings
`,
    );
    for (const line of output.split('\n')) assert.ok(line.length <= 80 || !line.includes(' '), line);
    assert.equal((await policy(t, 'check', file, '--strict', ...at)).code, 1);
  });

  test('reads the holidays of promises, and warns of what cannot be used', async (t) => {
    const days = (file: string) => `freshness:\n  - { items: "*", by: "07:00", timezone: UTC, holidays: ${file} }\n`;
    await writeFile(
      join(directory, 'days.ics'),
      ics.calendar(...ics.event('DTSTART;VALUE=DATE:20261225', 'SUMMARY:Christmas')),
    );
    const read = await policy(t, 'check', await fileWith(good + days('days.ics')), ...at);
    assert.equal(read.output, 'ok: 2 contacts, 1 schedule, 1 policy, 1 route, 1 freshness promise\n');

    const warned = async (name: string): Promise<string> => {
      const { code, output } = await policy(t, 'check', await fileWith(good + days(name)), ...at);
      assert.equal(code, 0, output);
      return output.replaceAll('\n    ', ' ').replaceAll(directory, 'DIR');
    };
    const line = (why: string): string =>
      `DIR/e.yaml:11:47: warning: The calendar freshness[0].holidays (DIR/${why}.\n1 warning\n`;
    assert.equal(await warned('none.ics'), line('none.ics) cannot be read (ENOENT)'));
    assert.equal(await warned('e.yaml'), line('e.yaml) is not iCalendar'));
    await writeFile(
      join(directory, 'old.ics'),
      ics.calendar(...ics.event('DTSTART;VALUE=DATE:20251225', 'SUMMARY:Christmas')),
    );
    assert.equal(
      await warned('old.ics'),
      line('old.ics): no event of this year or the next covers a whole day to come'),
    );
  });

  test('prints JSON', async (t) => {
    const file = await fileWith(good.replace(/operators.*/, 'operators: [eve]'));
    const { code, output } = await policy(t, 'check', '--json', file);
    assert.equal(code, 1, output);
    assert.deepEqual(JSON.parse(output), [
      { level: 'error', line: 9, column: 13, text: 'operators names "eve", who is no contact; known are ana, ben.' },
    ]);
    const none = await policy(t, 'check', '--json', await fileWith(good), ...at);
    assert.deepEqual([none.code, JSON.parse(none.output)], [0, []]);
  });

  test('says that a file cannot be read', async (t) => {
    const { code, output } = await policy(t, 'check', '/no/such.yaml');
    assert.equal(code, 1);
    assert.equal(output, '/no/such.yaml:1:1: the file cannot be read (ENOENT).\n1 problem\n');
  });

  test('refuses wrong arguments with 2', async (t) => {
    for (const [args, problem] of [
      [[], /^policy takes one of check, explain, rehearse, schema/],
      [['dance'], /^policy takes one of check, explain, rehearse, schema/],
      [['check'], /^policy check takes one file\./],
      [['check', 'a.yaml', 'b.yaml'], /^policy check takes one file\./],
      [['check', 'a.yaml', '--at', 'tomorrow'], /^--at must be a time with its offset/],
      [['check', 'a.yaml', '--weeks', '1'], /Unknown option '--weeks'/],
      [['schema', 'a.yaml'], /^policy schema takes no arguments/],
    ] as const) {
      const { code, output } = await policy(t, ...args);
      assert.equal(code, 2, output);
      assert.match(output, problem);
    }
  });
});

test('every subcommand prints its usage', async (t) => {
  for (const name of ['check', 'explain', 'rehearse', 'schema']) {
    const { code, output } = await policy(t, name, '--help');
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`^Usage: tableau-webhooks policy ${name}\\b`));
  }
});

test('policy schema prints the JSON Schema', async (t) => {
  const { code, output } = await policy(t, 'schema');
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(output), jsonSchema());
});

test('a paragraph has lines of 80 columns, of which all but the first are indented', () => {
  const text = wrapped(`/a/${'long/'.repeat(20)}e.yaml:1:1: ${'word '.repeat(40).trim()}`);
  const [first, ...others] = text.split('\n');
  assert.ok(first?.endsWith('e.yaml:1:1:'));
  assert.ok(others.length > 1);
  for (const line of others) assert.match(line, /^ {4}(?! )(?=.{1,76}$)/);
  assert.equal(text.replaceAll('\n    ', ' ').split(' ').length, 41);
});

describe('policy explain', () => {
  const routed = good.replace(
    'fallback: ana',
    `routes:
  - { events: ["*RefreshFailed"], project: "Finance/**", ignore: not ours }
  - { events: ["*RefreshFailed"], policy: default }
fallback: ana`,
  );
  const event = ['--event', 'WorkbookRefreshFailed'];

  test('says which routes are tried, and who would be paged when', async (t) => {
    const file = await fileWith(routed);
    const { code, output } = await policy(t, 'explain', file, ...event, '--project', 'HR', ...at);
    assert.equal(code, 0, output);
    assert.equal(
      output,
      `WorkbookRefreshFailed, Sun 2026-11-29 12:00:00 UTC

route 1: no; project "Finance/**": it is HR
route 2: yes

policy default by route 2. When nobody answers:
  Sun 2026-11-29 13:00:00 Europe/Berlin  SMS to ana (schedule/data), step 1
  Sun 2026-11-29 13:05:00 Europe/Berlin  SMS to ana, after the last step
`,
    );
  });

  test('shows a page that quiet hours hold at their end', async (t) => {
    const low = `contacts: { ana: { phone: "+15550000001", timezone: Europe/Berlin, quiet: { from: "12:00", to: "14:30" } } }
policies: { default: { severity: low, steps: [{ page: [ana], by: call, wait: 5m }] } }
`;
    const { output } = await policy(t, 'explain', await fileWith(low), ...event, ...at);
    assert.match(output, /^policy default \(severity low\) by route 1\./m);
    assert.deepEqual(output.trimEnd().split('\n').slice(-2), [
      '  Sun 2026-11-29 14:30:00 Europe/Berlin  SMS to ana, step 1, held by quiet hours until then',
      '  Sun 2026-11-29 14:35:00 Europe/Berlin  SMS to ana, after the last step',
    ]);
  });

  test('says what would have to be known', async (t) => {
    const { output } = await policy(t, 'explain', await fileWith(routed), ...event, ...at);
    assert.match(output, /^route 1: perhaps; project "Finance\/\*\*": not known without --project$/m);
    assert.match(output, /^policy default by route 2, until Tableau tells what is not known here\./m);
  });

  test('says why nobody is paged, also as JSON', async (t) => {
    const file = await fileWith(routed);
    const args = [file, ...event, '--project', 'Finance', ...at];
    assert.match((await policy(t, 'explain', ...args)).output, /^Ignored \(not ours\): nobody is paged\.$/m);
    const { output } = await policy(t, 'explain', ...args, '--json');
    assert.deepEqual(JSON.parse(output), {
      routes: [
        {
          route: 1,
          conditions: [
            { name: 'events', verdict: 'met' },
            { name: 'project', verdict: 'met' },
          ],
          verdict: 'met',
        },
      ],
      decision: { policy: null, ignore: 'not ours', route: 1, isCertain: true },
      pages: [],
    });
  });

  test('names wrong arguments, and every problem of the file', async (t) => {
    const file = await fileWith(routed);
    for (const [args, problem] of [
      [[file], /--event is missing/],
      [[file, ...event, '--failures', 'many'], /--failures must be a whole number/],
      [[file, ...event, '--at', 'now'], /--at must be a time with its offset/],
      [event, /policy explain takes one file/],
    ] as const) {
      const { code, output } = await policy(t, 'explain', ...args);
      assert.equal(code, 2, output);
      assert.match(output, problem);
    }
    const { code, output } = await policy(t, 'explain', await fileWith(routed.replace('[ana, ben]', '[]')), ...event);
    assert.equal(code, 1, output);
    assert.match(
      output,
      /e\.yaml:5:\d+: schedules\.data\.rotation\.contacts must be a list of contact keys, at least one/,
    );
  });
});
