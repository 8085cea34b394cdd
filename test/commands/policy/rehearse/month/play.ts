/** Plays the month on the time-skipping service, from the side of Tableau and of the phones. */
import type { Sandbox } from '../../../../../sandbox/sandbox.js';
import { day, incidentWorkflowId } from '../../../../../src/workflows/contract.js';
import type { TimeSkippingService } from '../../../../helpers/time-skipping-service.js';
import { partMs, type Act, type Plan } from './plan.js';

/** What the phones and the scripts know of the month: the proof does not take it from a history. */
export interface Ledger {
  /** When it began and ended, milliseconds since the epoch. */
  from: number;
  until: number;
  /** `contact`: null for a script. */
  answers: { incident: string; contact: string | null; at: number }[];
  /** The messages and calls with pages that each contact got. */
  received: Record<string, { whatsapp: number; sms: number; call: number }>;
}

export interface Played {
  ledger: Ledger;
  /** Every run of every incident: the ids of workflow and run. */
  runs: { workflowId: string; runId: string }[];
}

interface Open {
  id: string;
  isTaken: boolean;
}

const quietTimeoutMs = 20_000;
const reaction = { acknowledge: 'ACK', snooze: 'Z 30m', all: 'ALL' } as const;

/** Plays a part of the month, which begins at midnight so long after the beginning of the month. @param from when the month began; null: at the next midnight */
export async function playPart(
  service: TimeSkippingService,
  plan: Plan,
  { from: begun, beginMs }: { from: number | null; beginMs: number },
): Promise<Played> {
  const { items } = plan;
  const acts = plan.acts.filter(({ afterMs }) => afterMs >= beginMs && afterMs < beginMs + partMs);
  const { sandbox, now, skip } = service;
  const known = new Map([...items].map(([name, project]) => [name, service.item(name, 'broken', project)]));
  const open = new Map<string, Open>();
  const runs = new Map<string, string>();
  const answers: Ledger['answers'] = [];
  /** Nothing else happens to them. */
  const stopped = new Set<string>();
  const from = begun ?? now() + day - (now() % day);
  await skip(from + beginMs - now());

  /** Somebody terminates what is stuck. */
  async function quiet(): Promise<void> {
    const all = new Map([...open].map(([name, { id }]) => [id, name]));
    for (const id of await stuckAmong(service, [...all.keys()])) {
      const name = all.get(id) ?? '';
      process.stderr.write(`${name} is stuck: it is terminated\n`);
      await service.client.workflow.getHandle(incidentWorkflowId(id)).terminate('stuck');
      service.isOver(id);
      open.delete(name);
      stopped.add(name);
    }
  }

  /** Those whom the last reaction took. */
  async function noteTaken(contact: string | null, at: number): Promise<void> {
    for (const one of open.values()) {
      if (one.isTaken) continue;
      const { state } = await service.incident(one.id);
      if (state !== 'acknowledged' && state !== 'snoozed') continue;
      one.isTaken = true;
      answers.push({ incident: one.id, contact, at });
    }
  }

  async function fail(all: readonly string[]): Promise<void> {
    const names = all.filter((name) => !stopped.has(name));
    await Promise.all(
      names.map(async (name) => {
        const one = known.get(name);
        if (!one) throw new Error(`no item ${name}`);
        const statuses = await service.fails(one.item);
        if (statuses.join() !== '200') throw new Error(`${name}: ${statuses.join()}`);
        if (!open.has(name)) open.set(name, { id: one.id, isTaken: false });
      }),
    );
    await quiet();
    for (const name of names) {
      const workflowId = incidentWorkflowId(known.get(name)?.id ?? '');
      const { runId } = await service.client.workflow.getHandle(workflowId).describe();
      runs.set(runId, workflowId);
    }
  }

  async function recover(all: readonly string[]): Promise<void> {
    const names = all.filter((name) => !stopped.has(name));
    await Promise.all(names.flatMap((name) => known.get(name) ?? []).map((one) => service.recovers(one.item)));
    await quiet();
    for (const name of names) {
      service.isOver(open.get(name)?.id ?? '');
      open.delete(name);
    }
  }

  /** By the channel of the newest page that was sent for the item. */
  async function answer({ item, verb }: Extract<Act, { does: 'answer' }>): Promise<void> {
    const one = open.get(item);
    if (!one) return;
    const { state, timeline } = await service.incident(one.id);
    if (state !== 'triggered' && state !== 'unacknowledged') return;
    one.isTaken = false;
    const sent = timeline.findLast(({ type }) => type === 'sent')?.text ?? '';
    const [, channel, contact = ''] = /^(WhatsApp|SMS|Call) to (\w+)/.exec(sent) ?? [];
    const number = service.phones.get(contact);
    if (channel === undefined || number === undefined) return;
    const at = now();
    await (channel === 'Call'
      ? pressOne(sandbox, number)
      : write(sandbox, number, channel === 'SMS' ? 'sms' : 'whatsapp', item, reaction[verb]));
    await quiet();
    await noteTaken(contact, at);
  }

  async function act(one: Act): Promise<void> {
    switch (one.does) {
      case 'fail':
        return fail(one.items);
      case 'recover':
        return recover(one.items);
      case 'answer':
        return answer(one);
      case 'script': {
        const at = now();
        await service.post(`/incidents/${known.get(one.item)?.id}/acknowledge`, { by: 'script' });
        await quiet();
        return noteTaken(null, at);
      }
      case 'silence':
        await service.post('/silences', { match: { project: one.project }, for: `${one.hours}h`, reason: 'Upgrade' });
        return quiet();
    }
  }

  for (const [index, one] of acts.entries()) {
    const aheadMs = from + one.afterMs - now();
    if (aheadMs > 0) await skip(aheadMs);
    await act(one);
    if (index % 25 === 0) process.stderr.write(`${index} of ${acts.length} acts, day ${one.afterMs / day}\n`);
  }
  await skip(Math.max(0, from + beginMs + partMs - now()));
  await quiet();
  const ledger = { from, until: now(), answers, received: receivedBy(service) };
  return { ledger, runs: [...runs].map(([runId, workflowId]) => ({ workflowId, runId })) };
}

/**
 * Gives those of these incidents that are stuck. Now and then the test server loses a workflow task: its incident has one that began, and does nothing any
 * more.
 */
async function stuckAmong({ client, quiet }: TimeSkippingService, incidents: readonly string[]): Promise<string[]> {
  try {
    await quiet(quietTimeoutMs);
    return [];
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
  }
  const stuck: string[] = [];
  for (const incident of incidents) {
    const { events } = await client.workflow.getHandle(incidentWorkflowId(incident)).fetchHistory();
    if (events?.at(-1)?.workflowTaskStartedEventAttributes) stuck.push(incident);
  }
  return stuck;
}

/** Takes the newest call that rings. */
async function pressOne(sandbox: Sandbox, number: string): Promise<void> {
  const call = sandbox.phones.get(number).calls.findLast(({ status }) => status === 'ringing');
  if (!call) return;
  await sandbox.phones.call(call.sid, 'answer');
  await sandbox.phones.call(call.sid, 'press', '1');
}

/** Answers the newest message that names the item, or all of them where none does. */
async function write(
  sandbox: Sandbox,
  number: string,
  channel: 'whatsapp' | 'sms',
  item: string,
  text: string,
): Promise<void> {
  const message = sandbox.phones
    .get(number)
    .messages.findLast(
      (one) => one.channel === channel && one.direction !== 'inbound' && one.body.includes(`"${item}"`),
    );
  const [, shown] = new RegExp(`\\[(\\d+)\\][^[]*"${item}"`).exec(message?.body ?? '') ?? [];
  if (text === 'ALL' || shown === undefined || !message) await sandbox.phones.reply(number, { channel, body: 'ALL' });
  else if (channel === 'sms')
    await sandbox.phones.reply(number, {
      channel,
      body: text === 'ACK' ? `ACK ${shown}` : text.replace(' ', ` ${shown} `),
    });
  else await sandbox.phones.reply(number, { channel, body: text, originalSid: message.sid });
}

/** Of one failure, of several, or that nobody answered. */
const pagePattern = /^\[\d+\] \w+( \w+)* failed|^\d+ failed refreshes open/;

function receivedBy({ sandbox, phones }: TimeSkippingService): Ledger['received'] {
  const of = (number: string) => {
    const { messages, calls } = sandbox.phones.get(number);
    const pages = messages.filter(({ direction, body }) => direction === 'outbound-api' && pagePattern.test(body));
    const count = (channel: string): number => pages.filter((one) => one.channel === channel).length;
    return { whatsapp: count('whatsapp'), sms: count('sms'), call: calls.length };
  };
  return Object.fromEntries([...phones].map(([contact, number]) => [contact, of(number)]));
}
