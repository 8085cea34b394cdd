import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { newestAddressOf } from '../../src/policy/newest-address.js';
import { loadEscalation } from '../../src/policy/load.js';
import { watchEscalation, type WatchOptions } from '../../src/service/watch-escalation.js';
import { until } from '../helpers/until.js';

const file = ({ contact = 'ana', more = '' } = {}) => `contacts: { ${contact}: { phone: "+15550000001" } }
policies: { default: { steps: [{ page: [${contact}], by: sms, wait: 5m }] } }
${more}`;

/** Numbered problems, all of them on line 3. */
const bad = (word = 'nobody') => file({ more: `fallback: ${word}\n` });

const start = Date.parse('2026-11-29T03:00Z');

async function watched(t: TestContext, more: Partial<WatchOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'watch-escalation-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'escalation.yaml');
  await writeFile(path, file());
  const config = { escalationFile: path, defaultContact: {} };
  const logged: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'info', base: null, timestamp: false },
    { write: (line: string) => void logged.push(JSON.parse(line)) },
  );
  let now = start;
  const source = watchEscalation({
    config,
    escalation: loadEscalation(config),
    logger,
    pollMs: 600_000,
    settleMs: 5,
    clock: () => now,
    ...more,
  });
  t.after(source.close);
  return {
    directory,
    path,
    source,
    contacts: () => Object.keys(source.current().contacts),
    /** The lines since the last call. */
    log: () => logged.splice(0),
    later: (ms: number) => (now += ms),
  };
}

const problem = (path: string, word = 'nobody') =>
  `${path}:3:1: fallback names "${word}", who is no contact; known are ana.`;

describe('a contact who is new in the file', () => {
  test('has an address as soon as it is asked for, before the file is read again by itself', async (t) => {
    const { path, source } = await watched(t);
    assert.equal(await newestAddressOf(source, 'ben', 'sms'), undefined);
    await writeFile(path, file({ contact: 'ben' }));
    assert.equal(await newestAddressOf(source, 'ben', 'sms'), '+15550000001');
    assert.equal(await newestAddressOf(source, 'ben', 'whatsapp'), undefined);
  });
});

describe('a change of the escalation file', () => {
  test('in place counts, and the log says what has changed, and warns as at the start', async (t) => {
    const { path, source, contacts, log } = await watched(t);
    await writeFile(path, file({ contact: 'ben', more: 'routes: [{ events: [NoSuchEvent], policy: default }]\n' }));
    await source.check();
    assert.deepEqual(contacts(), ['ben']);
    const [changed, warning, ...others] = log();
    assert.deepEqual(changed, {
      level: 30,
      changed: ['contacts', 'policies', 'routes', 'warnings'],
      contacts: 1,
      policies: 1,
      routes: 1,
      schedules: 0,
      msg: 'the escalation file has changed and is in force',
    });
    assert.equal(warning?.['level'], 40);
    assert.match(
      String(warning?.['msg']),
      /escalation\.yaml:3:\d+: "NoSuchEvent" fits no event that Tableau documents/,
    );
    assert.deepEqual(others, []);
  });

  test('by rename counts, as editors replace files', async (t) => {
    const { directory, path, source, contacts } = await watched(t);
    await writeFile(join(directory, 'new'), file({ contact: 'ben' }));
    await rename(join(directory, 'new'), path);
    await source.check();
    assert.deepEqual(contacts(), ['ben']);
  });

  test('by a symbolic link to another folder counts, as Kubernetes replaces a ConfigMap', async (t) => {
    const { directory, path, source, contacts } = await watched(t);
    for (const [folder, contact] of Object.entries({ first: 'ana', second: 'ben' })) {
      await mkdir(join(directory, folder));
      await writeFile(join(directory, folder, 'escalation.yaml'), file({ contact }));
    }
    await symlink('first', join(directory, 'data'));
    await unlink(path);
    await symlink(join('data', 'escalation.yaml'), path);
    await source.check();
    assert.deepEqual(contacts(), ['ana']);
    await symlink('second', join(directory, 'next'));
    await rename(join(directory, 'next'), join(directory, 'data'));
    await source.check();
    assert.deepEqual(contacts(), ['ben']);
  });

  test('is found without a signal, by reading the file again and again', async (t) => {
    const { path, contacts } = await watched(t, { pollMs: 10 });
    await writeFile(path, file({ contact: 'ben' }));
    await until('the change', () => contacts()[0] === 'ben', 10_000);
  });

  test('of its bytes alone is no change', async (t) => {
    const { path, source, log } = await watched(t);
    const before = source.current();
    await writeFile(path, `# a comment\n${file().replace('5m', '300s')}`);
    await source.check();
    assert.equal(source.current(), before);
    assert.deepEqual(log(), []);
  });

  test('between the start of the process and the first check counts', async (t) => {
    const escalation = loadEscalation({ defaultContact: { phone: '+15550000009' } });
    const { source, contacts } = await watched(t, { escalation });
    await source.check();
    assert.deepEqual(contacts(), ['ana']);
  });

  test('counts when it is written, not in the middle', async (t) => {
    const { path, source, contacts, log } = await watched(t, { settleMs: 100 });
    const whole = file({ contact: 'ben', more: 'fallback: ben\n' });
    await writeFile(path, file({ contact: 'carla' }));
    const checked = source.check();
    await pause(50);
    await writeFile(path, file({ contact: 'dora' }));
    await pause(100);
    await writeFile(path, whole);
    await checked;
    assert.deepEqual(contacts(), ['ben']);
    assert.equal(log().length, 1);
  });
});

describe('a bad escalation file', () => {
  test('keeps the good one, is an alarm and is logged once with its lines; then it is good again', async (t) => {
    const { path, source, contacts, log, later } = await watched(t);
    await writeFile(path, bad());
    await source.check();
    assert.deepEqual(contacts(), ['ana']);
    assert.deepEqual(source.alarms(), [{ code: 'escalation-file', since: start, problems: 1 }]);
    const bad1 = {
      level: 50,
      alarm: 'escalation-file',
      problems: [problem(path)],
      msg: 'the escalation file is bad: the last good one stays in force',
    };
    assert.deepEqual(log(), [bad1]);

    later(60_000);
    await source.check();
    assert.deepEqual(log(), [], 'once for each content');
    await writeFile(path, bad('noone'));
    await source.check();
    assert.deepEqual(log(), [{ ...bad1, problems: [problem(path, 'noone')] }]);
    assert.equal(source.alarms()[0]?.since, start, 'since the first bad one');

    await writeFile(path, file({ contact: 'ben' }));
    await source.check();
    assert.deepEqual([contacts(), source.alarms()], [['ben'], []]);
    assert.deepEqual(
      log().map(({ msg }) => msg),
      ['the escalation file is good again', 'the escalation file has changed and is in force'],
    );
  });

  test('that becomes what it was is good again, and nothing has changed', async (t) => {
    const { path, source, log } = await watched(t);
    await writeFile(path, bad());
    await source.check();
    log();
    await writeFile(path, file());
    await source.check();
    assert.deepEqual(source.alarms(), []);
    assert.deepEqual(
      log().map(({ msg }) => msg),
      ['the escalation file is good again'],
    );
  });

  test('is one that was deleted, cannot be read or is empty, too', async (t) => {
    const { path, source, contacts, log } = await watched(t);
    await unlink(path);
    await source.check();
    assert.deepEqual(log()[0]?.['problems'], [`ESCALATION_FILE: ${path} cannot be read (ENOENT).`]);
    await mkdir(path);
    await source.check();
    assert.deepEqual(log()[0]?.['problems'], [`ESCALATION_FILE: ${path} cannot be read (EISDIR).`]);
    await rm(path, { recursive: true });
    await writeFile(path, '');
    await source.check();
    assert.equal(log().length, 1);
    assert.deepEqual([contacts(), source.alarms().length], [['ana'], 1]);
  });

  test('is one with WhatsApp addresses where there is no sender', async (t) => {
    const { path, source, log } = await watched(t);
    await writeFile(path, file().replace('phone: "+15550000001"', 'phone: "+15550000001", whatsapp: "+15550000001"'));
    await source.check();
    assert.match(String(log()[0]?.['problems']), /WHATSAPP_FROM is missing/);
  });

  test('names no user of Tableau in the log', async (t) => {
    const { path, source, log } = await watched(t);
    const contact = (key: string, number: number) =>
      `  ${key}: { phone: "+1555000000${number}", tableau: [alima, ana.lima@example.com] }\n`;
    const policies = 'policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }\n';
    await writeFile(path, `contacts:\n${contact('ana', 1)}${contact('ben', 2)}${policies}`);
    await source.check();
    const [{ problems } = {}] = log();
    assert.equal(Array.isArray(problems) && problems.length, 2);
    assert.doesNotMatch(String(problems), /lima/);
  });
});

test('a watched file keeps no process alive', async (t) => {
  const { path } = await watched(t);
  const from = (module: string) => JSON.stringify(new URL(`../../src/${module}`, import.meta.url).href);
  const script = `import { pino } from 'pino';
    import { loadEscalation } from ${from('policy/load.ts')};
    import { watchEscalation } from ${from('service/watch-escalation.ts')};
    const config = { escalationFile: ${JSON.stringify(path)}, defaultContact: {} };
    watchEscalation({ config, escalation: loadEscalation(config), logger: pino() });`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: process.cwd(), timeout: 60_000 });
  assert.equal(stderr, '');
});
