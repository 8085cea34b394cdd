/**
 * A query that waits for a worker delivers new history events to it before the workflow task for them. Whatever is queried
 * while no worker runs, its workflows must decide afterwards what every replay decides.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { loadWorkflowBundle } from '../../../src/service/workflow-bundle.js';
import { incidentWorkflowId } from '../../../src/workflows/contract.js';
import { pagerId } from '../../../src/workflows/pager-contract.js';
import { readIncident } from '../../../src/temporal/read-incident.js';
import { replyOutcomeQuery } from '../../../src/workflows/messages.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../../helpers/processes.js';
import { until } from '../../helpers/until.js';
import { startService, secrets, type Service } from '../service.js';
import { waitingPhone } from '../waiting-phone.js';

const events = ['LabelCreated', 'LabelUpdated', 'LabelDeleted', 'SiteCreated', 'SiteUpdated', 'SiteDeleted'];
const contacts = events.map((event, n) => ({ event, key: `contact-${n}`, number: `+1555014142${n}` }));
let service: Service;

before(async () => {
  service = await startService({
    escalation: {
      contacts: Object.fromEntries(contacts.map(({ key, number }) => [key, { whatsapp: number, phone: number }])),
      policies: Object.fromEntries(
        contacts.map(({ key }) => [
          key,
          {
            steps: [
              { page: [key], by: 'whatsapp', wait: '6s' },
              { page: [key], by: 'sms', wait: '10m' },
            ],
          },
        ]),
      ),
      routes: contacts.map(({ event, key }) => ({ events: [event], policy: key })),
      settings: { window: '4s', callWindow: '0s', linger: '1s', messagesPerHour: 1000, callsPerHour: 1000 },
    },
  });
});
after(() => service?.close());
const programs = () => [service.api, service.worker, service.temporal];

function kindOf(event: string): string {
  return event.startsWith('Label') ? 'label' : 'site';
}

async function notify(event: string): Promise<void> {
  const body = {
    event_type: event,
    resource_luid: `of-${event}`,
    resource_name: event,
    site_luid: service.sandbox.siteLuid,
  };
  const answer = await fetch(`${service.url}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200);
}

test(
  'queries while no worker runs leave histories that replay',
  printingOutputOnFailure(programs, async () => {
    const { sandbox, worker, client } = service;
    const people = contacts.map(({ event, key, number }) => ({
      event,
      number,
      phone: waitingPhone(sandbox, number),
      id: `${kindOf(event)}:${sandbox.siteLuid}:of-${event}`,
      incident: client.workflow.getHandle(incidentWorkflowId(`${kindOf(event)}:${sandbox.siteLuid}:of-${event}`)),
      pager: client.workflow.getHandle(pagerId(key)),
    }));
    for (const { event } of people) await notify(event);
    for (const { phone } of people) await phone.receives('whatsapp', /site|label/i);
    for (const { id } of people) {
      // From then on its timer is the one of the step, and not the longer one for a pager that reports nothing.
      const isSent = async () =>
        (await readIncident(client, id))?.timeline.some(({ type }) => type === 'sent') === true;
      await until('its page to be reported as sent', isSent, slowMachineTimeoutMs);
    }
    await worker.kill();

    const over = new AbortController();
    let refused = 0;
    // One at a time for each workflow; a query without an answer is repeated.
    const queryUntilOver = async (query: () => Promise<unknown>): Promise<void> => {
      while (!over.signal.aborted) {
        await query().catch((error: Error) => {
          if (/Events up to \d+ came/.test(error.message)) refused += 1;
        });
        await pause(100);
      }
    };
    const querying = people.flatMap(({ incident, pager }) => [
      // As the Web UI does.
      queryUntilOver(() => incident.query('__temporal_workflow_metadata')),
      queryUntilOver(() => pager.query(replyOutcomeQuery, 'none')),
    ]);
    const endQueries = async (): Promise<void> => {
      over.abort();
      await Promise.all(querying);
    };
    // Also after a failure: a query that outlives the connection would fail the next file of the process.
    after(endQueries);
    const hasFired = async ({ incident }: (typeof people)[number]) =>
      (await incident.fetchHistory()).events?.some((event) => event.timerFiredEventAttributes) === true;
    for (const person of people) await until('the timer to fire', () => hasFired(person), slowMachineTimeoutMs);
    for (const { event } of people) await notify(event);
    for (const { phone } of people) await phone.replies('ok');
    await worker.start();

    for (const { id } of people) {
      const stateOf = async () => (await readIncident(client, id))?.state;
      await until('it to be acknowledged', async () => (await stateOf()) === 'acknowledged', slowMachineTimeoutMs);
    }
    await endQueries();
    assert.ok(refused > 0, 'no query arrived before a workflow task: the case was not tested');

    const histories = await Promise.all(
      people.flatMap(({ incident, pager }) =>
        [incident, pager].map(async (handle) => ({
          workflowId: handle.workflowId,
          history: await handle.fetchHistory(),
        })),
      ),
    );
    const workflowBundle = await loadWorkflowBundle(new DefaultLogger('ERROR'));
    const broken: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
      if (error) broken.push(`${workflowId}: ${error.message}`);
    }
    assert.deepEqual(broken, []);
    assert.doesNotMatch(worker.output(), /TMPRL1100/);
  }),
);
