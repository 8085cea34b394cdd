/** `policy check --temporal` on a real Temporal server, whose pagers were run by the real workflow against the sandbox's Twilio. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createSandbox } from '../../../sandbox/sandbox.js';
import { createTwilioActivities } from '../../../src/activities/twilio.js';
import { signalReply } from '../../../src/api/pagers.js';
import { examine } from '../../../src/policy/load.js';
import { addressOf } from '../../../src/policy/route.js';
import { loadWorkflowBundle } from '../../../src/service/workflow-bundle.js';
import { readPagerAlarms } from '../../../src/temporal/shown-alarms.js';
import { createTwilioClient } from '../../../src/twilio/client.js';
import { taskQueues } from '../../../src/workflows/contract.js';
import { pagerStart, pagerType, type PageSignal } from '../../../src/workflows/pager-contract.js';
import { pageSignal } from '../../../src/workflows/messages.js';
import { closeLater, startTemporal } from '../../api/service.js';
import { ours, twilioAccount } from '../../helpers/service-settings.js';
import { until } from '../../helpers/until.js';
import { run } from '../process.js';

/** Twilio refuses SMS to the numbers of ana and cleo. */
const text = `contacts:
  ana: { phone: "+15005550009" }
  ben: { phone: "+15550000002" }
  cleo: { phone: "+15005550002" }
policies:
  default:
    steps:
      - { page: [ana, ben], by: sms, wait: 5m }
      - { page: [cleo], by: call, wait: 5m }
`;

let temporal: TestWorkflowEnvironment;
let env: Record<string, string>;
let directory: string;
let file: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unreached-'));
  file = join(directory, 'e.yaml');
  await writeFile(file, text);
  temporal = await startTemporal();
  env = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace ?? 'default' };
  await letPagersRun();
});
after(() => rm(directory, { recursive: true, force: true }));

/** Pages ana and cleo by SMS, and ben replies STOP. From its end on no worker lives. */
async function letPagersRun(): Promise<void> {
  const { escalation } = examine(file, text);
  assert.ok(escalation);
  const { client } = temporal;
  const stop = await startWorker(async (contact, channel) => addressOf(escalation, contact, channel));
  for (const contact of ['ana', 'cleo'])
    await client.workflow.signalWithStart(pagerType, {
      ...pagerStart(contact, escalation.settings),
      signal: pageSignal,
      signalArgs: [pageOf(contact)],
    });
  const reply = { replyId: 'SM1', channel: 'sms', command: { verb: 'stop' }, at: Date.now() } as const;
  await signalReply(client, escalation, 'ben', reply);
  await until(
    () => 'three alarms',
    async () => (await readPagerAlarms(client, 100)).length === 3,
  );
  await stop();
}

const pageOf = (contact: string): PageSignal => ({
  incident: `refresh:s1:${contact}`,
  pageId: 'episode.1',
  channel: 'sms',
  facts: { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: Date.now() },
  waitMs: 300_000,
});

type AddressOf = Parameters<typeof createTwilioActivities>[0]['address'];

async function startWorker(address: AddressOf): Promise<() => Promise<void>> {
  const sandbox = createSandbox({ ...twilioAccount, pat: { name: 'p', secret: 's' } });
  const apiBaseUrl = await sandbox.listen();
  closeLater(() => sandbox.close());
  const { accountSid, authToken } = twilioAccount;
  const config = { accountSid, authTokens: [authToken] as [string], from: ours.phone, apiBaseUrl };
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace ?? 'default',
    taskQueue: taskQueues.pagers,
    workflowBundle: await loadWorkflowBundle(new DefaultLogger('ERROR')),
    activities: createTwilioActivities({
      twilio: createTwilioClient(config),
      config,
      address,
      publicUrl: 'http://127.0.0.1:9',
      logger: pino({ level: 'silent' }),
      mayBeAnswered: () => Promise.resolve(false),
    }),
  });
  const running = worker.run();
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
  closeLater(stop);
  return stop;
}

async function check(t: TestContext, args: string[], given = env): Promise<{ code: number | null; output: string }> {
  const command = await run(t, ['policy', 'check', file, ...args], given);
  const code = await command.ended;
  return { code, output: command.output().replaceAll('\n    ', ' ').replaceAll(file, 'FILE') };
}

describe('policy check --temporal', () => {
  test('names the contacts whom a policy pages by a channel that Twilio refuses, or that they ended by STOP', async (t) => {
    const { code, output } = await check(t, ['--temporal']);
    assert.equal(code, 0, output);
    assert.equal(
      output.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'THEN'),
      `FILE:2:10: warning: contacts.ana.phone: Twilio has refused SMS to "ana" since THEN; correct the number, or page by another channel (contact-refused, docs/operations.md).
FILE:3:10: warning: contacts.ben.phone: "ben" has sent STOP and gets no SMS since THEN; START ends that (contact-stopped, docs/operations.md).
2 warnings
`,
    );
    const strict = await check(t, ['--temporal', '--strict', '--json']);
    assert.equal(strict.code, 1);
    const found = JSON.parse(strict.output) as { level: string; line: number }[];
    assert.deepEqual(
      found.map(({ level, line }) => [level, line]),
      [
        ['warning', 2],
        ['warning', 3],
      ],
    );
  });

  test('without the flag Temporal is not asked', async (t) => {
    const { code, output } = await check(t, []);
    assert.deepEqual([code, output], [0, 'ok: 3 contacts, 0 schedules, 1 policy, 1 route\n']);
  });

  test('says in a sentence that Temporal cannot be asked', async (t) => {
    const silent = createServer();
    await new Promise<void>((listens) => silent.listen(0, '127.0.0.1', listens));
    t.after(() => silent.close());
    const at = silent.address();
    assert.ok(typeof at === 'object' && at !== null);
    for (const [given, sentence] of [
      [{ TEMPORAL_ADDRESS: '127.0.0.1:9' }, /^Temporal at 127\.0\.0\.1:9 did not answer \(.+\)\. Without --temporal/],
      [{ TEMPORAL_ADDRESS: `127.0.0.1:${at.port}` }, /^Temporal at \S+ did not answer \(.+\)\. Without --temporal/],
      [{ ...env, TEMPORAL_NAMESPACE: 'elsewhere' }, /^Namespace not found: 'elsewhere'\n$/],
      [{}, /TEMPORAL_ADDRESS is missing/],
    ] as const) {
      const { code, output } = await check(t, ['--temporal'], given);
      assert.equal(code, 1, output);
      assert.match(output, sentence);
      assert.doesNotMatch(output, /^\s+at |TABLEAU|TWILIO|PUBLIC_URL/m);
    }
  });

  test('a file with problems is not compared with Temporal', async (t) => {
    await writeFile(join(directory, 'bad.yaml'), 'contacts: {}\n');
    const command = await run(t, ['policy', 'check', join(directory, 'bad.yaml'), '--temporal'], {});
    assert.equal(await command.ended, 1);
    assert.match(command.output(), /bad\.yaml:1:1: /);
    assert.doesNotMatch(command.output(), /TEMPORAL/);
  });
});
