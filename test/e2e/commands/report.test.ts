/** What the commands report and export say of their arguments and of a Temporal that does not answer; test/e2e/history.test.ts has what they do. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { Client } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { incidentType } from '../../../src/workflows/contract.js';
import { eventually, startTemporal } from '../../api/service.js';
import { run } from '../../commands/process.js';

let directory: string;
let env: Record<string, string>;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'report-'));
  const file = join(directory, 'e.yaml');
  await writeFile(
    file,
    'contacts: { ana: { phone: "+15550000001" } }\npolicies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }\n',
  );
  const { address, namespace } = await startTemporal();
  env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace ?? 'default', ESCALATION_FILE: file };
});
after(() => rm(directory, { recursive: true, force: true }));

async function ran(t: TestContext, args: string[], more: Record<string, string> = {}) {
  const command = await run(t, args, { ...env, ...more });
  return { code: await command.ended, output: command.output() };
}

describe('report', () => {
  test('says of a time in which nothing happened that nothing did, and that costs are not known', async (t) => {
    const { code, output } = await ran(t, ['report', '--since', '1h']);
    assert.equal(code, 0, output);
    assert.match(output, /^failures +0 +0 +0$/m);
    assert.match(output, /The escalation file has no prices, so that costs are not known\./);
    const json = await ran(t, ['report', '--since', '1h', '--json']);
    assert.deepEqual([json.code, (JSON.parse(json.output) as { isComplete: boolean }).isComplete], [0, true]);
    const csv = await ran(t, ['report', '--since', '1h', '--csv']);
    assert.match(csv.output, /^"part","name","episodes",[^]*\r\n"period",/);
  });

  test('explains itself, and names what is wrong with its arguments', async (t) => {
    const help = await ran(t, ['report', '--help']);
    assert.deepEqual([help.code, help.output.startsWith('Usage: tableau-webhooks report')], [0, true]);
    for (const [args, problem] of [
      [['--since', '59m'], /^--since must be a time from 1h to 90d/],
      [['--since', 'Monday'], /^--since must be a time from 1h to 90d/],
      [['--json', '--csv'], /^report takes --json or --csv, not both/],
      [['--to', 'ana', '--json'], /^--to sends a text/],
      [['--by', 'sms'], /^--by needs --to/],
      [['--to', 'ana', '--by', 'call'], /^--by must be whatsapp or sms/],
      [['--until', '1d'], /^report: Unknown option '--until'/],
    ] as const) {
      const { code, output } = await ran(t, ['report', ...args]);
      assert.equal(code, 2, args.join(' '));
      assert.match(output, problem);
    }
  });

  test('names a file that is bad, and a Temporal that does not answer', async (t) => {
    const bad = join(directory, 'bad.yaml');
    await writeFile(bad, 'contacts: {}\n');
    const wrong = await ran(t, ['report'], { ESCALATION_FILE: bad });
    assert.deepEqual([wrong.code, wrong.output.includes('bad.yaml:')], [1, true]);
    for (const command of ['report', 'export']) {
      const { code, output } = await ran(t, [command], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
      assert.equal(code, 1);
      assert.match(output, /^Temporal at 127\.0\.0\.1:9 did not answer \(.*\)\.\n$/);
    }
  });
});

test('where no history can be read they say so, and give no zeros', async (t) => {
  const { address, namespace, connection } = await startTemporal();
  const encrypted = (payload: Payload): Payload => ({
    ...payload,
    metadata: { encoding: Buffer.from('binary/encrypted') },
  });
  const codec: PayloadCodec = {
    encode: async (payloads) => payloads.map(encrypted),
    decode: async (payloads) => payloads,
  };
  const client = new Client({
    connection,
    namespace: namespace ?? 'default',
    dataConverter: { payloadCodecs: [codec] },
  });
  await client.workflow.start(incidentType, { workflowId: 'incident:refresh:s1:w1', taskQueue: 'none', args: [{}] });
  await eventually(
    () => client.workflow.count(`WorkflowType = "${incidentType}"`),
    ({ count }) => count === 1,
  );
  const there = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace ?? 'default' };
  const unread = /1 history cannot be read: the payloads are encoded in another way\./;
  const report = await ran(t, ['report', '--since', '1h'], there);
  assert.equal(report.code, 0, report.output);
  assert.match(report.output, /^failures +- +- +-$/m);
  assert.match(report.output, unread);
  const rehearsal = await ran(t, ['policy', 'rehearse', env['ESCALATION_FILE'] ?? '', '--since', '1h'], there);
  assert.equal(rehearsal.code, 1, rehearsal.output);
  assert.match(rehearsal.output, unread);
  assert.doesNotMatch(rehearsal.output, /would be/);
  const exported = await ran(t, ['export', '--since', '1h'], there);
  assert.equal(exported.code, 1, exported.output);
  assert.match(exported.output, /^1 history cannot be read: .* Nothing is written\.$/m);
});

describe('export', () => {
  test('names wrong arguments and a file that cannot be written, and leaves nothing half written', async (t) => {
    for (const [args, problem] of [
      [['--since', '1m'], /^--since must be a time from 1h to 400d/],
      [['everything'], /^export: Unexpected argument 'everything'/],
    ] as const) {
      const { code, output } = await ran(t, ['export', ...args]);
      assert.equal(code, 2);
      assert.match(output, problem);
    }
    const nowhere = await ran(t, ['export', '--out', join(directory, 'none', 'x.jsonl')]);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.output, /x\.jsonl cannot be written \(ENOENT/);
    const out = join(directory, 'x.jsonl');
    assert.equal((await ran(t, ['export', '--out', out])).code, 0);
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.startsWith('x.jsonl')),
      ['x.jsonl'],
    );
  });
});
