/**
 * A question that waits for a worker brings it what has happened meanwhile, before the task of it. Whatever is asked while a
 * worker is dead, what its workflows decide afterwards is what every replay decides.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { loadWorkflowBundle } from '../../src/service/workflow-bundle.js';
import { incidentWorkflowId, pagerId, replyOutcomeQuery, viewQuery } from '../../src/workflows/contract.js';
import { patience, telling } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { openHouse, secrets } from './service.js';
import { patientPhone } from './waiting-phone.js';

const events = ['LabelCreated', 'LabelUpdated', 'LabelDeleted', 'SiteCreated', 'SiteUpdated', 'SiteDeleted'];
const contacts = events.map((event, n) => ({ event, key: `contact-${n}`, number: `+1555014142${n}` }));
const house = await openHouse({
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
after(() => house.close());
const { sandbox, api, worker, temporal, client, url } = house;
const people = contacts.map(({ event, key, number }) => ({
  event,
  number,
  phone: patientPhone(sandbox, number),
  incident: client.workflow.getHandle(incidentWorkflowId(`${kindOf(event)}:${sandbox.siteLuid}:of-${event}`)),
  pager: client.workflow.getHandle(pagerId(key)),
}));

function kindOf(event: string): string {
  return event.startsWith('Label') ? 'label' : 'site';
}

async function notify(event: string): Promise<void> {
  const body = { event_type: event, resource_luid: `of-${event}`, resource_name: event, site_luid: sandbox.siteLuid };
  const answer = await fetch(`${url}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200);
}

test(
  'asked while its worker is dead',
  telling([api, worker, temporal], async () => {
    for (const { event } of people) await notify(event);
    for (const { phone } of people) await phone.receives('whatsapp', /site|label/i);
    for (const { incident } of people) {
      const next = async () => (await incident.query(viewQuery)).next?.what ?? '';
      await until('its step to wait', async () => (await next()).startsWith('SMS'), patience);
    }
    await worker.kill();

    const over = new AbortController();
    let refused = 0;
    // One at a time about each; what nobody answers is asked again.
    const askUntilOver = async (question: () => Promise<unknown>): Promise<void> => {
      while (!over.signal.aborted) {
        await question().catch((error: Error) => {
          if (/came with a question/.test(error.message)) refused += 1;
        });
        await pause(100);
      }
    };
    const asking = people.flatMap(({ incident, pager }) => [
      askUntilOver(() => incident.query(viewQuery)),
      askUntilOver(() => pager.query(replyOutcomeQuery, 'none')),
    ]);
    const hasFired = async ({ incident }: (typeof people)[number]) =>
      (await incident.fetchHistory()).events?.some((event) => event.timerFiredEventAttributes) === true;
    for (const person of people) await until('the timer to fire', () => hasFired(person), patience);
    for (const { event } of people) await notify(event);
    for (const { phone } of people) await phone.replies('ok');
    await worker.start();

    for (const { incident } of people) {
      const stateOf = async () => (await incident.query(viewQuery).catch(() => null))?.state;
      await until('it to be acknowledged', async () => (await stateOf()) === 'acknowledged', patience);
    }
    over.abort();
    await Promise.all(asking);
    assert.ok(refused > 0, 'no question came before a task: nothing was tried');

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
    assert.doesNotMatch(worker.said(), /TMPRL1100/);
  }),
);
