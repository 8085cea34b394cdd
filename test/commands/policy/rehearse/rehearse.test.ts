/** The command on a real Temporal server, which has incidents of the real workflow. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { createPagingActivities } from '../../../../src/activities/signal-pagers.js';
import type { Rehearsal } from '../../../../src/commands/policy/rehearse/summary.js';
import { loadWorkflowBundle } from '../../../../src/service/workflow-bundle.js';
import { answerIncident, signalEnd, signalFailure } from '../../../../src/temporal/incidents.js';
import {
  incidentWorkflowId,
  taskQueues,
  type Item,
  type Policy,
  type TableauEvent,
} from '../../../../src/workflows/contract.js';
import type { IncidentRow } from '../../../../src/workflows/view-contract.js';
import { sentSignal } from '../../../../src/workflows/messages.js';
import { closeLater, escalation, startTemporal } from '../../../api/service.js';
import { until } from '../../../helpers/until.js';
import { run } from '../../process.js';

const projects: Record<string, string> = { Sales: 'Finance', Trial: 'Trials', People: 'HR' };
const policy: Policy = {
  name: 'default',
  steps: [{ page: ['ana'], by: 'sms', waitMs: 300_000 }],
  repeat: 0,
  remindMs: 14_400_000,
};

let temporal: TestWorkflowEnvironment;
let env: Record<string, string>;
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rehearse-'));
  temporal = await startTemporal();
  env = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace ?? 'default' };
  const stop = await startWorker();
  for (const name of Object.keys(projects)) await fails(name);
  for (const name of Object.keys(projects)) await isPaged(name);
  await answerIncident(temporal.client, idOf('Sales'), {
    answerId: 'SM1#1',
    verb: 'acknowledge',
    by: 'ana',
    contact: 'ana',
  });
  await signalEnd(temporal.client, idOf('People'), eventOf('People', 'WorkbookRefreshSucceeded', 1_000));
  await until(
    () => 'recovered',
    async () => (await rowOf('People'))?.state === 'resolved',
  );
  // From here on no worker lives.
  await stop();
});
after(() => rm(directory, { recursive: true, force: true }));

const itemOf = (name: string): Item => ({ kind: 'workbook', luid: name.toLowerCase(), name, site: 's1' });
const idOf = (name: string): string => `refresh:s1:${name.toLowerCase()}`;
const eventOf = (name: string, type: string, laterMs = 0): TableauEvent => ({
  type,
  item: itemOf(name),
  createdAt: Date.now() + laterMs,
  receivedAt: Date.now(),
});

async function startWorker(): Promise<() => Promise<void>> {
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace ?? 'default',
    taskQueue: taskQueues.incidents,
    workflowBundle: await loadWorkflowBundle(new DefaultLogger('ERROR')),
    activities: createPagingActivities({
      client: temporal.client,
      settings: () => escalation.settings,
      lookUp: ({ item }) =>
        Promise.resolve({ learnt: { project: projects[item.name] ?? '', problems: [] }, pending: [] }),
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

const fails = (name: string): Promise<void> =>
  signalFailure(
    temporal.client,
    { incident: idOf(name), event: eventOf(name, 'WorkbookRefreshFailed'), policy, summary: name },
    { settings: { lingerMs: 1_000, forgetMs: 604_800_000 }, searchAttributes: false },
    'https://pager.example',
  );

async function rowOf(name: string): Promise<IncidentRow | undefined> {
  const { memo } = await temporal.client.workflow.getHandle(incidentWorkflowId(idOf(name))).describe();
  return memo?.['incident'] as IncidentRow | undefined;
}

/** The pager reports that the page was sent. */
async function isPaged(name: string): Promise<void> {
  const handle = temporal.client.workflow.getHandle(incidentWorkflowId(idOf(name)));
  let pageId = '';
  await until(
    () => `${name} is paged`,
    async () => {
      const { events } = await handle.fetchHistory();
      const scheduled = events?.find((event) => event.activityTaskScheduledEventAttributes);
      const data = scheduled?.activityTaskScheduledEventAttributes?.input?.payloads?.[0]?.data;
      pageId = /"pageId":"([^"]+)"/.exec(Buffer.from(data ?? []).toString())?.[1] ?? '';
      return pageId !== '';
    },
  );
  await handle.signal(sentSignal, { pageId, at: Date.now() });
  await until(
    () => `${name} was sent`,
    async () => (await rowOf(name))?.step === 1,
  );
}

async function rehearse(t: TestContext, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const file = join(directory, 'e.yaml');
  await writeFile(
    file,
    `prices: { currency: EUR, perSegment: 0.2, perCall: 0.5 }
contacts: { ana: { phone: "+15550000001" }, ben: { phone: "+15550000002" } }
policies:
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
  call: { steps: [{ page: [ben], by: call, wait: 5m }] }
routes:
  - { events: ["*"], project: "Trials/**", ignore: not ours }
  - { events: ["*"], project: HR, policy: call }
  - { events: ["*"], policy: default }
`,
  );
  const command = await run(t, ['policy', 'rehearse', file, ...args], env);
  return { code: await command.ended, output: command.output().replaceAll(file, 'FILE') };
}

describe('policy rehearse', () => {
  test('reads what was from Temporal without a worker, and says what would be', async (t) => {
    const { code, output } = await rehearse(t, '--since', '1h', '--json');
    assert.equal(code, 0, output);
    const found = JSON.parse(output) as Rehearsal & { incidents: number; currency: string; notes: string[] };
    assert.deepEqual([found.incidents, found.episodes, found.notes], [3, 3, []]);
    assert.deepEqual(found.before.sent, { whatsapp: 0, sms: 3, call: 0 });
    assert.deepEqual([found.currency, found.before.cost, found.after.cost], ['EUR', 0.6, 0.7], 'by the file');
    assert.equal(found.before.answers.count, 1);
    assert.deepEqual(
      found.people.map(({ contact, timezone }) => [contact, timezone]),
      [
        ['ana', 'UTC'],
        ['ben', 'UTC'],
      ],
    );
    assert.deepEqual(found.people[1]?.after.sent, { whatsapp: 0, sms: 0, call: 1 });
    assert.deepEqual(
      found.changed.ignored.map(({ item, policyBefore, policyAfter, ignore }) => [
        item,
        policyBefore,
        policyAfter,
        ignore,
      ]),
      [['Trial', 'default', null, 'not ours']],
    );
    assert.deepEqual(
      found.changed.policy.map(({ item, policyAfter }) => [item, policyAfter]),
      [['People', 'call']],
    );
    assert.doesNotMatch(output, /\+1555/);
  });

  test('prints tables of 80 columns', async (t) => {
    const { code, output } = await rehearse(t, '--price-sms', '0.05');
    assert.equal(code, 0, output);
    assert.match(output, /^3 episodes of 3 incidents from .* under\n? *FILE\n/s);
    assert.match(output, /^SMS messages +3 +1$/m);
    assert.match(output, /^calls +0 +1$/m);
    assert.match(output, /^cost \(EUR\) +0\.15 +0\.55$/m);
    assert.match(output, /^ana .* 3 > 1 /m);
    assert.match(output, /1 episode would be ignored by the routes \(--json/);
    assert.match(output, /The cost is without WhatsApp messages\./);
    for (const line of output.split('\n')) assert.ok(line.length <= 80, line);
  });

  test('names wrong arguments, a file that is bad, and a Temporal that does not answer', async (t) => {
    for (const [args, problem] of [
      [['--since', '30m'], /--since must be a time from 1h to 90d/],
      [['--since', '91d'], /--since must be a time from 1h to 90d/],
      [['--price-sms', 'cheap'], /--price-sms must be the price of one in figures/],
      [['another.yaml'], /policy rehearse takes one file/],
      [['--until', '1d'], /Unknown option '--until'/],
    ] as const) {
      const { code, output } = await rehearse(t, ...args);
      assert.equal(code, 2, output);
      assert.match(output, problem);
    }
    const file = join(directory, 'bad.yaml');
    await writeFile(file, 'contacts: {}\n');
    const bad = await run(t, ['policy', 'rehearse', file], env);
    assert.equal(await bad.ended, 1);
    assert.match(bad.output(), /bad\.yaml:/);
    await writeFile(
      file,
      'contacts: { ana: { phone: "+15550000001" } }\npolicies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }\n',
    );
    const away = await run(t, ['policy', 'rehearse', file], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
    assert.equal(await away.ended, 1, away.output());
    assert.match(away.output(), /^Temporal at 127\.0\.0\.1:9 did not answer \(.*\)\.\n$/);
    const nowhere = await run(t, ['policy', 'rehearse', file], {});
    assert.equal(await nowhere.ended, 1);
    assert.match(nowhere.output(), /TEMPORAL_ADDRESS is missing/);
    assert.doesNotMatch(nowhere.output(), /TABLEAU|TWILIO|PUBLIC_URL/);
  });
});
