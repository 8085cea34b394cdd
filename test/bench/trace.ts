/** The timeline of one page: every event of its incident and its pager, by the clock of the server. */
import { setTimeout as pause } from 'node:timers/promises';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import { pagerId } from '../../src/workflows/pager-contract.js';
import { kindOf, runsOf, timeOf, type Event } from './history.js';
import { acknowledge, pageOnce } from './latency.js';
import type { Site } from './site.js';

const settleMs = 1_500;

interface Line {
  at: number;
  who: string;
  what: string;
}

/** Pages and acknowledges once, after a few warm-up rounds; gives the lines of the last. */
export async function trace(site: Site): Promise<string> {
  const { client, sandbox } = site.service;
  for (let n = 0; n < 5; n += 1) {
    await acknowledge(site, (await pageOnce(site, `Warm ${n}`)).id);
    await pause(settleMs);
  }
  const page = await pageOnce(site, 'Traced');
  await pause(settleMs);
  const reply = await acknowledge(site, page.id);
  await pause(settleMs);
  const lines: Line[] = [
    { at: page.at, who: 'Tableau', what: 'sends the webhook' },
    { at: reply.at, who: 'phone', what: 'sends the reply' },
    { at: reply.acknowledged, who: 'query', what: 'shows acknowledged' },
    ...sandbox.requests({ since: page.at }).map(({ at, target, method }) => ({
      at,
      who: target.split('.')[0] ?? '',
      what: `${method} ${target} arrives`,
    })),
  ];
  for (const [who, id] of [
    ['incident', incidentWorkflowId(page.id)],
    ['pager', pagerId('ana')],
  ] as const) {
    const events = (await runsOf(client, id)).flatMap((run) => run.events);
    lines.push(
      ...events
        .map((event) => ({ at: timeOf(event), who, what: describe(event, events) }))
        .filter(({ at }) => at >= page.at),
    );
  }
  return lines
    .toSorted((a, b) => a.at - b.at)
    .map((line, n, sorted) => {
      const since = line.at - (sorted[n - 1]?.at ?? line.at);
      return `${(line.at - page.at).toFixed(1).padStart(8)} ${`+${since.toFixed(1)}`.padStart(8)}  ${line.who.padEnd(9)} ${line.what}`;
    })
    .join('\n');
}

function describe(event: Event, events: readonly Event[]): string {
  const scheduledId = event.activityTaskStartedEventAttributes ?? event.activityTaskCompletedEventAttributes;
  const scheduled = scheduledId
    ? events.find(({ eventId }) => String(eventId) === String(scheduledId.scheduledEventId))
    : event;
  const name =
    scheduled?.activityTaskScheduledEventAttributes?.activityType?.name ??
    event.workflowExecutionSignaledEventAttributes?.signalName ??
    event.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName ??
    '';
  return `${String(event.eventId)} ${kindOf(event)}${name ? ` ${name}` : ''}`;
}
