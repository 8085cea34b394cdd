/** A run of a flow that fails sends no webhook: it is paged within a look, and is over when the flow runs again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { minute } from '../../src/workflows/contract.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../helpers/processes.js';
import { addFlow } from '../helpers/tableau-items.js';
import { until } from '../helpers/until.js';
import { runCommand } from './command.js';
import { scriptOf } from './script.js';
import { secrets, startService, type Service } from './service.js';
import { waitingPhone } from './waiting-phone.js';

const numbers = { ana: '+15550143001', lead: '+15550143002' };
let service: Service;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { whatsapp: numbers.ana }, lead: { phone: numbers.lead } },
      policies: { default: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] } },
      routes: [{ events: ['FlowRunFailed'], project: 'Finance/**', policy: 'default' }],
      operators: ['lead'],
      flows: { every: '1m' },
    },
  });
});
after(() => service?.close());

const Memo = Type.Object({ failedFlows: Type.Number(), alarms: Type.Array(Type.Unknown()) });

async function watched(): Promise<{ failedFlows: number; alarms: unknown[] } | null> {
  const { memo } = await service.client.workflow.getHandle('freshness:default').describe();
  const found = memo?.['freshness'];
  return Value.Check(Memo, found) ? { failedFlows: found.failedFlows, alarms: found.alarms } : null;
}

/** Waits for the look, of one a minute, that finds so many flows that failed. Before the first the workflow may not run yet. */
const look = (failedFlows: number): Promise<unknown> =>
  until(
    `a look that finds ${failedFlows} failed flows`,
    async () => (await watched().catch(() => null))?.failedFlows === failedFlows,
    minute + slowMachineTimeoutMs,
  );

test(
  'a run of a flow that fails is paged with its reason, and its next success ends it',
  printingOutputOnFailure(
    () => [service.api, service.worker],
    async () => {
      const { sandbox } = service;
      const [ana, lead] = [waitingPhone(sandbox, numbers.ana), waitingPhone(sandbox, numbers.lead)];
      const clean = addFlow(sandbox, { name: 'Clean orders', project: 'Finance' });
      const other = addFlow(sandbox, { name: 'Elsewhere', project: 'Private' });
      sandbox.flows.ended(clean, 'Failed', { createdAt: '2025-01-06T08:00:00Z', notes: 'Long ago.' });
      await look(0);

      sandbox.flows.ended(other, 'Failed');
      sandbox.flows.ended(clean, 'Failed', { notes: 'The output failed.\nOut of memory on node db7.example.com.' });
      await look(2);
      const page = await ana.receives('whatsapp', /^\[1\] Flow run failed: "Clean orders"/);
      assert.match(page.body, /Out of memory/);
      assert.doesNotMatch(page.body, /db7|R 1/);
      const id = `flow-run:${sandbox.siteLuid}:${clean.luid}`;
      const script = scriptOf(service);
      assert.equal((await script.incident(id)).state, 'triggered');
      assert.deepEqual((await watched())?.alarms, []);

      await ana.replies('R');
      await ana.receives('whatsapp', /^Taken: "Clean orders"/);
      await ana.receives('whatsapp', /"Clean orders" was not run again\. Flows can only be run in Tableau\./);

      const { stdout, code } = await runCommand(service, 'freshness');
      assert.equal(code, 1);
      assert.match(stdout, /Flows: 2 failed at their last run, as of /);
      assert.match(stdout, /Elsewhere \(flow\): its run of .*; nobody is paged/);
      const headers = { authorization: `Bearer ${secrets.API_TOKEN}` };
      const body = await (await fetch(`${service.url}/freshness`, { headers })).text();
      assert.match(body, /"flows":\{"lookedAt":"[^"]+","failed":\[\{"item":\{"kind":"flow"/);

      sandbox.flows.ended(clean, 'Success');
      await look(1);
      await ana.receives('whatsapp', /"Clean orders" works again/);
      const incident = await script.incident(id);
      assert.deepEqual([incident.state, incident.failures], ['resolved', 1]);
      assert.deepEqual([ana.unexpected(), lead.unexpected()], [[], []]);
    },
  ),
);
